//! The sandbox's own operations, for what people, machines and the network do.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::clock::{FARTHEST, Millis};
use super::export_settings::ExportSettings;
use super::faults::Fault;
use super::http::{Refusal, Response, read};
use super::practice::Practice;
use super::screen_captures::capture_url;
use crate::scalar::Guid;

/// The operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    CompleteScan,
    OrderStatus,
    ScreenCapture,
    ExportSettings,
    ExpireToken,
    CallbackUrl,
    Fault,
    ClearFaults,
    Clock,
}

impl Operation {
    /// Returns the operation with this name in a path.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "complete-scan" => Self::CompleteScan,
            "order-status" => Self::OrderStatus,
            "screen-capture" => Self::ScreenCapture,
            "export-settings" => Self::ExportSettings,
            "expire-token" => Self::ExpireToken,
            "callback-url" => Self::CallbackUrl,
            "fault" => Self::Fault,
            "clear-faults" => Self::ClearFaults,
            "clock" => Self::Clock,
            _ => return None,
        })
    }
}

/// An operation with its arguments.
pub trait Action: DeserializeOwned {
    type Output: Serialize;

    /// What its arguments must be, as a description of the JSON.
    const ARGUMENTS: &'static str;

    /// Performs the operation, or changes nothing if it fails. Links in the output begin with `base_url`.
    fn run(self, practice: &mut Practice, now: Millis, base_url: &str) -> Result<Self::Output, Refusal>;
}

impl Practice {
    /// Performs the named operation with the JSON of `body`. All responses are JSON objects.
    pub(super) fn operate(
        &mut self,
        operation: Operation,
        body: &[u8],
        now: Millis,
        base_url: &str,
    ) -> Result<Response, Refusal> {
        match operation {
            Operation::CompleteScan => self.respond::<CompleteScan>(body, now, base_url),
            Operation::OrderStatus => self.respond::<OrderStatus>(body, now, base_url),
            Operation::ScreenCapture => self.respond::<ScreenCapture>(body, now, base_url),
            Operation::ExportSettings => self.respond::<ExportSettings>(body, now, base_url),
            Operation::ExpireToken => self.respond::<ExpireToken>(body, now, base_url),
            Operation::CallbackUrl => self.respond::<CallbackUrl>(body, now, base_url),
            Operation::Fault => self.respond::<Fault>(body, now, base_url),
            Operation::ClearFaults => self.respond::<ClearFaults>(body, now, base_url),
            Operation::Clock => self.respond::<AdvanceClock>(body, now, base_url),
        }
    }

    fn respond<A: Action>(&mut self, body: &[u8], now: Millis, base_url: &str) -> Result<Response, Refusal> {
        // An operation without arguments may be sent without a body.
        let action: A = read(if body.is_empty() { b"{}" } else { body }, A::ARGUMENTS)?;
        Response::json(200, &action.run(self, now, base_url)?)
    }
}

/// Acts as the scanner.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompleteScan {
    rx_id: Guid,
}

/// The order that an RX has become.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct CompletedScan {
    /// The RX's id, in lower case.
    #[tsify(type = "string")]
    rx_id: Guid,
    /// The new order's id, which the client's `downloadScan` takes.
    order_id: u32,
}

impl Action for CompleteScan {
    type Output = CompletedScan;
    const ARGUMENTS: &'static str = "{\"rxId\": GUID}";

    fn run(self, practice: &mut Practice, now: Millis, _: &str) -> Result<CompletedScan, Refusal> {
        let unknown = || Refusal::not_found("There is no RX with this id.");
        let order_id = practice.complete_scan(self.rx_id, now).ok_or_else(unknown)?;
        Ok(CompletedScan { rx_id: self.rx_id, order_id })
    }
}

/// Sets the status of an order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderStatus {
    rx_id: Guid,
    status: String,
}

impl Action for OrderStatus {
    type Output = Nothing;
    const ARGUMENTS: &'static str = "{\"rxId\": GUID, \"status\": string}";

    fn run(self, practice: &mut Practice, _: Millis, _: &str) -> Result<Nothing, Refusal> {
        if self.status.trim().is_empty() {
            return Err(Refusal::bad_request("status must not be blank."));
        }
        let unknown = || Refusal::not_found("There is no scanned order with this RX id.");
        practice.set_order_status(self.rx_id, self.status).ok_or_else(unknown)?;
        Ok(Nothing {})
    }
}

/// Takes a screen capture.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScreenCapture {
    order_id: u32,
}

/// A screen capture that was taken.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct AddedScreenCapture {
    /// The id that the client's `downloadScreenCapture` takes.
    #[tsify(type = "string")]
    capture_id: Guid,
    /// The URL that the client's `downloadLink` takes.
    file_url: String,
}

impl Action for ScreenCapture {
    type Output = AddedScreenCapture;
    const ARGUMENTS: &'static str = "{\"orderId\": number}";

    fn run(self, practice: &mut Practice, now: Millis, base_url: &str) -> Result<AddedScreenCapture, Refusal> {
        let unknown = || Refusal::not_found("There is no order with this id.");
        let capture = practice.add_screen_capture(self.order_id, now).ok_or_else(unknown)?;
        let file_url = capture_url(self.order_id, &capture, base_url);
        Ok(AddedScreenCapture { capture_id: capture.id, file_url })
    }
}

/// Expires the current token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpireToken {}

/// The token that replaces it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewToken {
    pub access_token: String,
}

impl Action for ExpireToken {
    type Output = NewToken;
    const ARGUMENTS: &'static str = "{}";

    fn run(self, practice: &mut Practice, _: Millis, _: &str) -> Result<NewToken, Refusal> {
        Ok(NewToken { access_token: practice.tokens.expire().to_owned() })
    }
}

/// Sets where callbacks are sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackUrl {
    /// Required, so that a misspelled key does not turn off the callbacks.
    #[serde(deserialize_with = "Option::deserialize")]
    url: Option<String>,
}

impl Action for CallbackUrl {
    type Output = Nothing;
    const ARGUMENTS: &'static str = "{\"url\": string or null}";

    fn run(self, practice: &mut Practice, _: Millis, _: &str) -> Result<Nothing, Refusal> {
        if let Some(url) = &self.url {
            practice.settings.check_callback_url(url).map_err(Refusal::bad_request)?;
        }
        practice.callback_url = self.url;
        Ok(Nothing {})
    }
}

impl Action for Fault {
    type Output = Nothing;
    const ARGUMENTS: &'static str = "a fault";

    fn run(self, practice: &mut Practice, _: Millis, _: &str) -> Result<Nothing, Refusal> {
        if let Some(problem) = self.problem() {
            return Err(Refusal::bad_request(format!("Not a fault: {problem}.")));
        }
        practice.faults.add(self);
        Ok(Nothing {})
    }
}

/// Removes all faults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearFaults {}

impl Action for ClearFaults {
    type Output = Nothing;
    const ARGUMENTS: &'static str = "{}";

    fn run(self, practice: &mut Practice, _: Millis, _: &str) -> Result<Nothing, Refusal> {
        practice.faults.clear();
        Ok(Nothing {})
    }
}

/// Moves the clock forward.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdvanceClock {
    advance_ms: f64,
}

impl Action for AdvanceClock {
    type Output = Nothing;
    const ARGUMENTS: &'static str = "{\"advanceMs\": number}";

    fn run(self, practice: &mut Practice, _: Millis, _: &str) -> Result<Nothing, Refusal> {
        if !(0.0..=FARTHEST as f64).contains(&self.advance_ms) {
            return Err(Refusal::bad_request("advanceMs must be 0 or more, and no more than a Date can hold."));
        }
        practice.ahead = (practice.ahead + self.advance_ms as Millis).min(FARTHEST);
        Ok(Nothing {})
    }
}

/// The outcome of an operation that returns nothing.
#[derive(Serialize)]
pub struct Nothing {}

#[cfg(test)]
mod tests {
    use super::super::test::{BASE, NOW, UNKNOWN, complete, control, get, json, practice, push, request, settings};
    use super::*;
    use serde_json::json;

    #[test]
    fn the_answer_to_a_completed_scan_names_the_rx_and_the_order() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let answer = control(&mut practice, "complete-scan", &json!({ "rxId": rx_id.to_string().to_uppercase() }));
        let order_id = practice.orders.last().unwrap().id;
        assert_eq!(json(&answer), json!({ "rxId": rx_id, "orderId": order_id }));
    }

    #[test]
    fn a_status_is_any_text_but_a_blank_one() {
        let mut practice = practice();
        let rx_id = practice.orders[0].rx.id;
        for status in ["Lab Review", "Something new – 新しい"] {
            let answer = control(&mut practice, "order-status", &json!({ "rxId": rx_id, "status": status }));
            assert_eq!((answer.status, json(&answer)), (200, json!({})));
            assert_eq!(json(&get(&mut practice, &format!("/orders/{rx_id}"), NOW))["Data"]["Status"], status);
        }
        let blank = control(&mut practice, "order-status", &json!({ "rxId": rx_id, "status": " " }));
        assert_eq!(blank.status, 400);
    }

    #[test]
    fn what_the_practice_does_not_have_is_404() {
        let mut practice = practice();
        let waiting = push(&mut practice, "Ada");
        for (operation, body) in [
            ("complete-scan", json!({ "rxId": UNKNOWN })),
            ("order-status", json!({ "rxId": UNKNOWN, "status": "Completed" })),
            ("order-status", json!({ "rxId": waiting, "status": "Completed" })),
            ("screen-capture", json!({ "orderId": 1 })),
            ("export-settings", json!({ "doctorId": 1 })),
            ("snapshot", json!({})),
        ] {
            assert_eq!(control(&mut practice, operation, &body).status, 404, "{operation} {body}");
        }
    }

    #[test]
    fn a_wrong_or_unknown_field_is_400() {
        for (operation, body) in [
            ("complete-scan", json!({ "rxId": "x" })),
            ("complete-scan", json!({ "RxId": UNKNOWN })),
            ("complete-scan", json!([UNKNOWN])),
            ("order-status", json!({ "rxId": UNKNOWN })),
            ("screen-capture", json!({ "orderId": "1" })),
            ("screen-capture", json!({ "orderId": 1, "kind": "niri" })),
            ("export-settings", json!({ "arrangement": "bite" })),
            ("export-settings", json!({ "fileType": "STL" })),
            ("export-settings", json!({ "hidePatientName": "yes" })),
            ("export-settings", json!({ "triangles": 9_999 })),
            ("export-settings", json!({ "triangles": 2_000_001 })),
            ("export-settings", json!({ "triangles": 1e6 + 0.5 })),
            ("export-settings", json!({ "format": "stl" })),
            ("expire-token", json!({ "token": "x" })),
            ("clear-faults", json!([])),
            ("clock", json!({ "ms": 1 })),
            ("clock", json!({ "advanceMs": -1 })),
            ("clock", json!({ "advanceMs": 1e17 })),
            ("clock", json!({ "advanceMs": "1" })),
        ] {
            assert_eq!(control(&mut practice(), operation, &body).status, 400, "{operation} {body}");
        }
    }

    #[test]
    fn operations_that_need_nothing_take_an_empty_body() {
        for operation in ["expire-token", "clear-faults"] {
            let url = format!("{BASE}/sandbox/{operation}");
            assert_eq!(request(&mut practice(), "POST", &url, b"", NOW).status, 200);
        }
    }

    #[test]
    fn the_clock_runs_ahead_by_the_sum_of_its_advances() {
        let mut practice = practice();
        control(&mut practice, "clock", &json!({ "advanceMs": 86_400_000 }));
        control(&mut practice, "clock", &json!({ "advanceMs": 1_000.5 }));
        let configuration = json(&get(&mut practice, "/practice-configuration", NOW));
        assert_eq!(configuration["Data"]["Header"]["ReportDate"], "2025-06-16");
        let rx_id = push(&mut practice, "Ada");
        control(&mut practice, "complete-scan", &json!({ "rxId": rx_id }));
        let order = json(&get(&mut practice, &format!("/orders/{rx_id}"), NOW));
        assert_eq!(order["Data"]["ScanningDate"], "2025-06-16T12:00:01");
    }

    #[test]
    fn advancing_the_clock_finishes_an_archive() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let order_id = complete(&mut practice, rx_id, NOW);
        let path = format!("/order/{order_id}/download/IDE");
        assert_eq!(get(&mut practice, &path, NOW).status, 404);
        control(&mut practice, "clock", &json!({ "advanceMs": 1_500 }));
        assert_eq!(get(&mut practice, &path, NOW).status, 200);
    }

    #[test]
    fn the_clock_stops_where_dates_end() {
        let mut practice = practice();
        for _ in 0..3 {
            assert_eq!(control(&mut practice, "clock", &json!({ "advanceMs": FARTHEST })).status, 200);
        }
        let rx_id = push(&mut practice, "Ada");
        assert_eq!(control(&mut practice, "complete-scan", &json!({ "rxId": rx_id })).status, 200);
        for path in ["/latest-files", "/orders/practice?Offset=0&pageSize=1024", "/practice-configuration"] {
            assert_eq!(get(&mut practice, path, NOW).status, 200, "{path}");
        }
        assert!(Practice::restore(settings(), &practice.snapshot()).is_ok());
    }
}
