//! Callbacks (§4.5): what is pushed when an order changes. Whoever calls the practice sends them.

use serde::Serialize;

use super::practice::{COMPANY_ID, Practice};
use crate::scalar::Guid;

/// A notification to POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Where to.
    pub url: String,
    /// JSON.
    pub body: String,
}

/// The pushed data (§4.5.2), whose CompanyId is in quotes there (R73).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    id: Guid,
    company_id: String,
}

impl Practice {
    /// Adds the callback of a changed order, if there is where to send it.
    pub(super) fn push_change(&mut self, rx_id: Guid) {
        let Some(url) = &self.callback_url else { return };
        let notification = Notification { id: rx_id, company_id: COMPANY_ID.to_string() };
        // Two strings cannot fail to be written.
        let body = serde_json::to_string(&notification).unwrap_or_default();
        self.pushes.push(Push { url: url.clone(), body });
    }
}

/// Whether notifications can be POSTed there: an absolute http or https URL without credentials, which `fetch` refuses.
pub fn is_callback_url(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty()
            && !host.starts_with(':')
            && !host.contains('@')
            && url.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

#[cfg(test)]
mod tests {
    use super::super::Practice;
    use super::super::test::{NOW, complete, control, json, patch, practice, push};
    use super::*;
    use serde_json::{Value, json};

    const URL: &str = "http://127.0.0.1:9/callback";

    fn listening() -> Practice {
        let mut practice = practice();
        assert_eq!(control(&mut practice, "callback-url", &json!({ "url": URL })).status, 200);
        practice
    }

    /// The callbacks since the last time.
    fn pushed(practice: &mut Practice) -> Vec<Value> {
        let pushes = practice.take_pushes();
        assert!(pushes.iter().all(|push| push.url == URL));
        pushes.iter().map(|push| serde_json::from_str(&push.body).unwrap()).collect()
    }

    /// The same after a change of status.
    fn pushed_by_status(practice: &mut Practice, rx_id: Guid, status: &str) -> Vec<Value> {
        control(practice, "order-status", &json!({ "rxId": rx_id, "status": status }));
        pushed(practice)
    }

    #[test]
    fn a_first_scan_pushes_the_rx_id_and_the_company_id_as_text() {
        let mut practice = listening();
        let rx_id = push(&mut practice, "Ada");
        control(&mut practice, "complete-scan", &json!({ "rxId": rx_id }));
        assert_eq!(pushed(&mut practice), [json!({ "Id": rx_id, "CompanyId": "90360" })]);
        control(&mut practice, "complete-scan", &json!({ "rxId": rx_id }));
        assert!(pushed(&mut practice).is_empty());
    }

    #[test]
    fn every_change_of_a_status_pushes_and_the_same_status_does_not() {
        let mut practice = listening();
        let rx_id = practice.orders[0].rx.id;
        let notification = json!({ "Id": rx_id, "CompanyId": "90360" });
        for status in ["iTero Modeling", "Lab Review"] {
            assert_eq!(pushed_by_status(&mut practice, rx_id, status), std::slice::from_ref(&notification));
        }
        assert!(pushed_by_status(&mut practice, rx_id, "Lab Review").is_empty());
    }

    #[test]
    fn captures_pushed_rxs_and_renamed_patients_push_nothing() {
        let mut practice = listening();
        let order_id = practice.orders[0].id;
        assert_eq!(control(&mut practice, "screen-capture", &json!({ "orderId": order_id })).status, 200);
        push(&mut practice, "Ada");
        let body = json!({ "PatientId": practice.patients[0].id, "FirstName": "Renamed" });
        assert_eq!(patch(&mut practice, "/patients", &body, NOW).status, 200);
        assert!(pushed(&mut practice).is_empty());
    }

    #[test]
    fn without_a_url_nothing_is_pushed_and_nothing_is_caught_up_on() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        complete(&mut practice, rx_id, NOW);
        control(&mut practice, "callback-url", &json!({ "url": URL }));
        assert!(pushed(&mut practice).is_empty());
        control(&mut practice, "callback-url", &json!({ "url": null }));
        assert!(pushed_by_status(&mut practice, rx_id, "Scanning").is_empty());
    }

    #[test]
    fn a_url_that_cannot_be_posted_to_is_400_and_keeps_the_old_one() {
        let mut practice = listening();
        let wrong =
            ["", "callback", "/callback", "ftp://x.invalid/", "http://", "https:///x", "http://:80/", "http://a b/"];
        for url in wrong.into_iter().chain(["http://user:secret@x.invalid/", "javascript:alert(1)"]) {
            let answer = control(&mut practice, "callback-url", &json!({ "url": url }));
            assert_eq!(answer.status, 400, "{url}");
            assert_eq!(json(&answer)["Status"], 0);
        }
        for body in [json!({}), json!({ "uri": URL }), json!({ "url": 7 }), json!(URL)] {
            assert_eq!(control(&mut practice, "callback-url", &body).status, 400, "{body}");
        }
        assert_eq!(practice.callback_url.as_deref(), Some(URL));
    }
}
