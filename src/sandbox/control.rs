//! The sandbox's own calls: the parts of people, machines and bad luck.

use serde::{Deserialize, Serialize};

use super::callbacks::is_callback_url;
use super::clock::{FARTHEST, Millis};
use super::faults::Fault;
use super::http::{Refusal, Response, read};
use super::practice::Practice;
use crate::scalar::Guid;

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    CompleteScan,
    OrderStatus,
    ScreenCapture,
    ExpireToken,
    CallbackUrl,
    Fault,
    ClearFaults,
    Clock,
}

impl Operation {
    /// As it is called in paths.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "complete-scan" => Self::CompleteScan,
            "order-status" => Self::OrderStatus,
            "screen-capture" => Self::ScreenCapture,
            "expire-token" => Self::ExpireToken,
            "callback-url" => Self::CallbackUrl,
            "fault" => Self::Fault,
            "clear-faults" => Self::ClearFaults,
            "clock" => Self::Clock,
            _ => return None,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CompleteScan {
    rx_id: Guid,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompletedScan {
    rx_id: Guid,
    order_id: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderStatus {
    rx_id: Guid,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScreenCapture {
    order_id: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewCapture {
    capture_id: Guid,
    file_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewToken<'a> {
    access_token: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackUrl {
    /// Has to be there, so that a misspelt key does not silence the callbacks.
    #[serde(deserialize_with = "Option::deserialize")]
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Clock {
    advance_ms: f64,
}

/// A body, or an answer, that says nothing.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Practice {
    /// Does what `operation` names with the JSON of `body`. All answers are JSON objects.
    pub(super) fn operate(&mut self, operation: Operation, body: &[u8], now: Millis) -> Result<Response, Refusal> {
        match operation {
            Operation::CompleteScan => {
                let CompleteScan { rx_id } = read(body, "{\"rxId\": GUID}")?;
                let unknown = || Refusal::not_found("There is no RX with this id.");
                let order_id = self.complete_scan(rx_id, now).ok_or_else(unknown)?;
                return Response::json(200, &CompletedScan { rx_id, order_id });
            }
            Operation::OrderStatus => {
                let OrderStatus { rx_id, status } = read(body, "{\"rxId\": GUID, \"status\": text}")?;
                if status.trim().is_empty() {
                    return Err(Refusal::bad_request("status must not be blank."));
                }
                let unknown = || Refusal::not_found("There is no scanned order with this RX id.");
                self.set_order_status(rx_id, status).ok_or_else(unknown)?;
            }
            Operation::ScreenCapture => {
                let ScreenCapture { order_id } = read(body, "{\"orderId\": number}")?;
                let unknown = || Refusal::not_found("There is no order with this id.");
                let capture = self.add_screen_capture(order_id, now).ok_or_else(unknown)?;
                let file_url = self.capture_url(order_id, &capture);
                return Response::json(200, &NewCapture { capture_id: capture.id, file_url });
            }
            Operation::ExpireToken => {
                nothing(body)?;
                return Response::json(200, &NewToken { access_token: self.tokens.expire() });
            }
            Operation::CallbackUrl => {
                let CallbackUrl { url } = read(body, "{\"url\": text or null}")?;
                if url.as_deref().is_some_and(|url| !is_callback_url(url)) {
                    return Err(Refusal::bad_request("url must be an http or https URL without credentials."));
                }
                self.callback_url = url;
            }
            Operation::Fault => {
                let fault: Fault = read(body, "a fault")?;
                if let Some(problem) = fault.problem() {
                    return Err(Refusal::bad_request(format!("Not a fault: {problem}.")));
                }
                self.faults.add(fault);
            }
            Operation::ClearFaults => {
                nothing(body)?;
                self.faults.clear();
            }
            Operation::Clock => {
                let Clock { advance_ms } = read(body, "{\"advanceMs\": number}")?;
                if !(0.0..=FARTHEST as f64).contains(&advance_ms) {
                    return Err(Refusal::bad_request("advanceMs must be 0 or more, and no more than a Date can hold."));
                }
                self.ahead = (self.ahead + advance_ms as Millis).min(FARTHEST);
            }
        }
        Response::json(200, &Nothing {})
    }
}

/// An operation that needs no body may come with an empty one.
fn nothing(body: &[u8]) -> Result<Nothing, Refusal> {
    if body.is_empty() { Ok(Nothing {}) } else { read(body, "{}") }
}

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
