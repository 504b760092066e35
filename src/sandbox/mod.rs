//! An offline practice that answers every call of the API document over plain HTTP messages (`itero-dpms/sandbox`).
//!
//! [`Practice`] is pure: clock and seed are passed in, so the same seed and the same calls at the same times give the same
//! responses, byte for byte. `shell` exports it to JavaScript.

mod assets;
mod callbacks;
mod clock;
mod control;
mod delete_rx;
mod downloads;
mod export_settings;
mod faults;
mod file_cache;
mod http;
mod order_row;
mod orders;
mod patient_filter;
mod patient_search;
mod patient_search_v3;
mod patient_update;
mod patient_update_by_chart;
mod patients;
mod practice;
mod practice_configuration;
mod procedures;
mod request_patient;
mod routes;
mod scan_request;
mod scanner;
mod screen_captures;
mod seed;
#[cfg(target_arch = "wasm32")]
mod shell;
mod snapshot;
mod staff;
#[cfg(test)]
mod test;
mod tokens;
mod wildcard;

pub use callbacks::Push;
pub use clock::Millis;
pub use http::{Ending, Request, Response};
pub use practice::{Practice, Settings};

use control::Action;
use http::{Api, Query, Refusal};
use routes::{Call, Target};

impl Practice {
    /// Responds to a request at the time `now`.
    pub fn handle(&mut self, request: &Request<'_>, now: Millis) -> Response {
        let now = self.time(now);
        let target = Target::parse(request.url, &self.settings);
        let api = target.as_ref().map_or(Api::V2, |target| target.api);
        let fault = match &target {
            Some(target) if api != Api::Control => self.faults.next(request.method, target.path),
            _ => None,
        };
        let mut response = match &fault {
            // This response is never seen: the fault replaces it, or nothing arrives at all.
            Some(fault) if !fault.lets_call_through() => Response::no_content(),
            _ => self.answer(request, target, now).unwrap_or_else(|refusal| refusal.response(api)),
        };
        if let Some(fault) = fault {
            response = fault.strike(response, api);
        }
        if response.may_have_body() {
            response.headers.push(("Content-Length", response.body.len().to_string()));
        }
        if request.method == "HEAD" || !response.may_have_body() {
            response.body.clear();
            response.ending = response.ending.of_nothing();
        }
        response
    }

    /// Performs one of the sandbox's own operations, like `POST {base URL}/sandbox/<operation>`.
    pub fn perform<A: Action>(&mut self, action: A, now: Millis) -> Result<A::Output, Refusal> {
        let now = self.time(now);
        let base_url = self.settings.base_url.clone();
        action.run(self, now, &base_url)
    }

    /// Returns the callbacks that were not taken yet. The caller has to send them.
    pub fn take_pushes(&mut self) -> Vec<Push> {
        std::mem::take(&mut self.pushes)
    }

    /// Returns the token that is valid now.
    pub fn access_token(&self) -> &str {
        self.tokens.current()
    }

    fn answer(&mut self, request: &Request<'_>, target: Option<Target<'_>>, now: Millis) -> Result<Response, Refusal> {
        let unknown = || Refusal::not_found("The sandbox has nothing at this URL.");
        let target = target.ok_or_else(unknown)?;
        let segments = target.segments().ok_or_else(unknown)?;
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let call = Call::from_segments(target.api, &segments).ok_or_else(unknown)?;
        if !call.allows(request.method) {
            return Err(Refusal::method_not_allowed(call.allowed()));
        }
        if !call.is_open_to(request.authorization, &self.tokens) {
            return Err(Refusal::unauthorized());
        }
        let query = Query::parse(target.query);
        match call {
            Call::PracticeConfiguration => self.practice_configuration(now),
            Call::ScanRequest => self.scan_request(request.body, now),
            Call::DeleteRx(rx_id) => self.delete_rx(rx_id),
            Call::ListOrders => self.list_orders(&query, target.base_url),
            Call::OrderByRx(rx_id) => self.order_by_rx(rx_id, target.base_url),
            Call::Download { order_id, asset: "SCREEN_CAPTURE" } => self.screen_captures(order_id),
            Call::Download { order_id, asset } => self.download(order_id, asset, now),
            Call::ScreenCapture { order_id, capture_id } => self.screen_capture(order_id, capture_id),
            Call::LatestFiles => self.latest_files(&query, now, target.base_url),
            Call::SearchPatients => self.search_patients(&query),
            Call::ListPatients => self.list_patients(&query),
            Call::UpdatePatient => self.update_patient(request.body, now),
            Call::UpdatePatientByChartNumber => self.update_patient_by_chart_number(request.body, now),
            Call::Viewer { order_id } => self.viewer(order_id),
            Call::Control(operation) => self.operate(operation, request.body, now, target.base_url),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::test::{BASE, NOW, UNKNOWN, get, json, practice, practice_without_updates, request, settings};
    use super::*;

    const CONFIGURATION: &str = "https://sandbox.invalid/dpms/api/third-party/v2/practice-configuration";

    /// Returns every call of the document, by its method and URL.
    fn calls() -> Vec<(&'static str, String)> {
        let v2 = |path: &str| format!("{BASE}/api/third-party/v2{path}");
        vec![
            ("GET", v2("/practice-configuration")),
            ("POST", v2("/scan-request")),
            ("DELETE", v2(&format!("/scan-request/{UNKNOWN}"))),
            ("GET", v2("/orders/practice?Offset=0&pageSize=1")),
            ("GET", v2(&format!("/orders/{UNKNOWN}"))),
            ("GET", v2("/order/1/download/IDE")),
            ("GET", v2("/order/1/download/IMAGE_GALLERY")),
            ("GET", v2("/order/1/download/SCREEN_CAPTURE")),
            ("GET", v2(&format!("/order/1/download/SCREEN_CAPTURE/{UNKNOWN}"))),
            ("GET", v2("/latest-files")),
            ("GET", v2("/patient/search")),
            ("GET", format!("{BASE}/third-party/v3/patient/search")),
            ("PATCH", v2("/patients")),
            ("PATCH", v2("/patient/by-chart-number")),
        ]
    }

    #[test]
    fn a_missing_or_wrong_token_is_401_for_every_call() {
        for (method, url) in calls() {
            for authorization in [None, Some(""), Some("token"), Some("Bearer other"), Some("Bearer token ")] {
                let request = Request { method, url: &url, authorization, body: b"" };
                let answer = practice().handle(&request, NOW);
                assert_eq!(answer.status, 401, "{method} {url} {authorization:?}");
                assert_eq!(json(&answer)["Status"], if url.contains("/v3/") { 2 } else { 0 });
            }
        }
    }

    #[test]
    fn every_call_answers_its_method_only() {
        for (right, url) in calls() {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let answer = request(&mut practice(), method, &url, b"", NOW);
                assert_eq!(answer.status == 405, method != right, "{method} {url}");
                if answer.status == 405 {
                    assert!(answer.header("allow").unwrap().starts_with(right), "{url}");
                }
            }
        }
    }

    #[test]
    fn patient_calls_are_403_where_the_integration_may_not_manage_patients() {
        for (method, url) in calls() {
            let answer = request(&mut practice_without_updates(), method, &url, b"{}", NOW);
            assert_eq!(answer.status == 403, url.contains("/patient"), "{method} {url} {}", answer.status);
        }
    }

    #[test]
    fn what_lies_outside_the_api_is_404() {
        for url in [
            "https://sandbox.invalid/dpms",
            "https://sandbox.invalid/dpms-other/api/third-party/v2/practice-configuration",
            "https://sandbox.invalid/api/third-party/v2/practice-configuration",
            "https://sandbox.invalid/dpms/api/third-party/v2/",
            "https://sandbox.invalid/dpms/api/third-party/v2/practice-configuration/",
            "https://sandbox.invalid/dpms/api/third-party/v2/orders/%FF",
            "https://sandbox.invalid/dpms/api/third-party/v3/patient/search",
            "https://sandbox.invalid/dpms/third-party/v3/patients/search",
            "https://sandbox.invalid/dpms/third-party/v3/practice-configuration",
            "https://sandbox.invalid/dpms/sandbox/",
            "https://sandbox.invalid/dpms/sandbox/snapshot",
            "https://other.invalid/dpms/api/third-party/v2/practice-configuration",
        ] {
            assert_eq!(request(&mut practice(), "GET", url, b"", NOW).status, 404, "{url}");
        }
    }

    /// Returns every string in a body that is a URL.
    fn links(body: &Value) -> Vec<&str> {
        match body {
            Value::String(text) => Some(text.as_str()).filter(|text| text.contains("://")).into_iter().collect(),
            Value::Array(values) => values.iter().flat_map(links).collect(),
            Value::Object(fields) => fields.values().flat_map(links).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn with_any_origin_every_link_begins_with_the_origin_that_its_request_came_to() {
        let mut practice = Practice::new(Settings { any_origin: true, ..settings() }, 1, NOW);
        let (rx_id, order_id) = (practice.orders[0].rx.id, practice.orders[0].id);
        for origin in ["http://localhost:4010", "http://[::1]", "https://sandbox.invalid"] {
            let capture = serde_json::json!({ "orderId": order_id }).to_string();
            for (method, path, body, least) in [
                ("POST", "/sandbox/screen-capture".to_owned(), capture.as_str(), 1),
                ("GET", format!("{}latest-files", routes::V2), "", 2),
                ("GET", format!("{}orders/practice?Offset=0&pageSize=5", routes::V2), "", 5 * 8),
                ("GET", format!("{}orders/{rx_id}", routes::V2), "", 8),
            ] {
                let answer = request(&mut practice, method, &format!("{origin}/dpms{path}"), body.as_bytes(), NOW);
                let body = json(&answer);
                let links = links(&body);
                assert!(links.len() >= least, "{} links at {path}", links.len());
                assert!(links.iter().all(|link| link.starts_with(&format!("{origin}/dpms/"))), "{links:?}");
            }
        }
        for url in ["http://localhost", "http://localhost/dpms-other/sandbox/clock", "http://localhost/sandbox/clock"] {
            assert_eq!(request(&mut practice, "GET", url, b"", NOW).status, 404, "{url}");
        }
    }

    #[test]
    fn head_answers_as_get_does_without_the_body() {
        let whole = get(&mut practice(), "/practice-configuration", NOW);
        let head = request(&mut practice(), "HEAD", CONFIGURATION, b"", NOW);
        assert_eq!(head.headers, whole.headers);
        assert!(head.body.is_empty());
    }
}
