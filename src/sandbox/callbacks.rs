//! Callbacks (§4.5), which report that an order has changed. The code that calls the practice sends them.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use super::practice::{COMPANY_ID, Practice, Settings};
use crate::scalar::Guid;

/// A notification to POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The URL to POST to.
    pub url: String,
    /// The body as JSON.
    pub body: String,
}

/// The content of a callback (§4.5.2). CompanyId is a string in it (R73).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    id: Guid,
    company_id: String,
}

impl Practice {
    /// Adds a callback for a changed order, if there is a callback URL.
    pub(super) fn push_change(&mut self, rx_id: Guid) {
        let Some(url) = &self.callback_url else { return };
        let notification = Notification { id: rx_id, company_id: COMPANY_ID.to_string() };
        // Serializing two strings cannot fail.
        let body = serde_json::to_string(&notification).unwrap_or_default();
        self.pushes.push(Push { url: url.clone(), body });
    }
}

impl Settings {
    /// Returns why notifications cannot be POSTed to this URL, if they cannot.
    pub(super) fn check_callback_url(&self, url: &str) -> Result<(), &'static str> {
        let authority = authority(url).ok_or("url must be an http or https URL without credentials.")?;
        let Some(origins) = &self.callback_origins else { return Ok(()) };
        let is_at = |origin: &String| {
            url.strip_prefix(origin.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        };
        if is_loopback(authority) || origins.iter().any(is_at) {
            return Ok(());
        }
        Err("url must be on this machine (localhost, 127.0.0.1, [::1]) or at an origin of callbackOrigins, which is \
             --allow-callbacks on the command line.")
    }
}

/// Returns the host and port of an absolute http or https URL. Returns `None` if it has credentials, which `fetch` refuses.
fn authority(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = !authority.is_empty()
        && !authority.starts_with(':')
        && !authority.contains('@')
        && url.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain.then_some(authority)
}

/// Whether a host and port are this machine's own. Strict about the spelling, since `fetch` may interpret other spellings
/// differently.
fn is_loopback(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_local = match address {
        Some(address) => address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => host.parse::<Ipv4Addr>().map_or_else(|_| host == "localhost", |address| address.is_loopback()),
    };
    is_local && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::Practice;
    use super::super::test::{NOW, complete, control, json, patch, practice, push, settings};
    use super::*;
    use serde_json::{Value, json};

    const URL: &str = "http://127.0.0.1:9/callback";

    #[test]
    fn with_callback_origins_a_url_is_on_this_machine_or_at_one_of_them() {
        let origins = vec!["https://portal.invalid".into(), "http://10.0.0.7:8080".into()];
        let mut practice = Practice::new(Settings { callback_origins: Some(origins), ..settings() }, 1, NOW);
        let mut status = |url: &str| control(&mut practice, "callback-url", &json!({ "url": url })).status;
        for right in [
            "http://localhost/x",
            "http://localhost:9",
            "https://127.0.0.1:9?x",
            "http://127.8.9.1",
            "http://[::1]/",
            "http://[::1]:9/",
            "https://portal.invalid",
            "https://portal.invalid/x",
            "http://10.0.0.7:8080#x",
        ] {
            assert_eq!(status(right), 200, "{right}");
        }
        for wrong in [
            "http://192.168.1.1/",
            "http://169.254.169.254/latest",
            "http://0.0.0.0/",
            "http://localhost.invalid/",
            "http://x.localhost.invalid/",
            "http://127.0.0.1.invalid/",
            "http://127.0.0.1:x/",
            r"http://x.invalid\.localhost/",
            r"http://x.invalid\@127.0.0.1/",
            r"http://x.invalid:80\:127.0.0.1/",
            "http://[::2]/",
            "http://portal.invalid/",
            "https://portal.invalid.example/",
            "https://portal.invalid:8443/",
            r"https://portal.invalid\.example/",
            "http://10.0.0.7/",
            "http://10.0.0.7:80801/",
        ] {
            assert_eq!(status(wrong), 400, "{wrong}");
        }
    }

    fn listening() -> Practice {
        let mut practice = practice();
        assert_eq!(control(&mut practice, "callback-url", &json!({ "url": URL })).status, 200);
        practice
    }

    /// Returns the callbacks since the last call.
    fn pushed(practice: &mut Practice) -> Vec<Value> {
        let pushes = practice.take_pushes();
        assert!(pushes.iter().all(|push| push.url == URL));
        pushes.iter().map(|push| serde_json::from_str(&push.body).unwrap()).collect()
    }

    /// Returns those after a change of status.
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
