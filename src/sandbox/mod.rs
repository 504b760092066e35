//! An offline practice that answers the calls of the API document over plain HTTP messages (`itero-dpms/sandbox`).
//!
//! [`Practice`] is pure: clock and seed come from outside, so the same seed and the same calls at the same times give
//! the same answers, byte for byte. `js` shows it to JavaScript.

mod assets;
mod clock;
mod control;
mod downloads;
mod http;
#[cfg(target_arch = "wasm32")]
mod js;
mod orders;
mod practice;
mod practice_configuration;
mod scan_request;
mod seed;

pub use clock::Millis;
pub use http::{Request, Response};
pub use practice::{Practice, Settings};

use std::borrow::Cow;

use http::{Query, Refusal};
use percent_encoding::percent_decode_str;

/// The path of V2 under a legacy base URL (§3.1).
const V2: &str = "/api/third-party/v2/";

/// The sandbox's own paths.
const CONTROL: &str = "/sandbox/";

/// A call that the sandbox knows.
enum Call<'a> {
    PracticeConfiguration,
    ScanRequest,
    ListOrders,
    OrderByRx(&'a str),
    Download { order_id: &'a str, asset: &'a str },
    CompleteScan,
    Viewer { order_id: &'a str },
}

impl<'a> Call<'a> {
    fn at(root: &str, segments: &[&'a str]) -> Option<Self> {
        Some(match (root, segments) {
            (V2, ["practice-configuration"]) => Self::PracticeConfiguration,
            // The summary of §6.2 ends it with a slash (R23).
            (V2, ["scan-request"] | ["scan-request", ""]) => Self::ScanRequest,
            (V2, ["orders", "practice"]) => Self::ListOrders,
            (V2, ["orders", rx_id]) => Self::OrderByRx(rx_id),
            (V2, ["order", order_id, "download", asset]) => Self::Download { order_id, asset },
            (CONTROL, ["complete-scan"]) => Self::CompleteScan,
            (CONTROL, ["viewer", order_id]) => Self::Viewer { order_id },
            _ => return None,
        })
    }

    fn allowed(&self) -> &'static str {
        match self {
            Self::ScanRequest | Self::CompleteScan => "POST",
            _ => "GET, HEAD",
        }
    }

    /// The viewer opens from a link in a browser, which has no token.
    fn needs_token(&self) -> bool {
        !matches!(self, Self::Viewer { .. })
    }
}

impl Practice {
    /// Answers a request that comes at `now`.
    pub fn handle(&mut self, request: &Request<'_>, now: Millis) -> Response {
        let mut response = self.answer(request, now).unwrap_or_else(Response::from);
        if response.status != 204 {
            response.headers.push(("Content-Length", response.body.len().to_string()));
        }
        if request.method == "HEAD" {
            response.body.clear();
        }
        response
    }

    fn answer(&mut self, request: &Request<'_>, now: Millis) -> Result<Response, Refusal> {
        let unknown = || Refusal::not_found("The sandbox has nothing at this URL.");
        let path = request.url.strip_prefix(&self.settings.base_url).ok_or_else(unknown)?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (root, rest) =
            [V2, CONTROL].iter().find_map(|root| Some((*root, path.strip_prefix(root)?))).ok_or_else(unknown)?;
        let segments: Vec<Cow<'_, str>> = rest
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8())
            .collect::<Result<_, _>>()
            .map_err(|_| unknown())?;
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();

        let call = Call::at(root, &segments).ok_or_else(unknown)?;
        if !call.allowed().split(", ").any(|method| method == request.method) {
            return Err(Refusal::method_not_allowed(call.allowed()));
        }
        let expected = format!("Bearer {}", self.settings.access_token);
        if call.needs_token() && request.authorization != Some(expected.as_str()) {
            return Err(Refusal::unauthorized());
        }
        match call {
            Call::PracticeConfiguration => self.practice_configuration(now),
            Call::ScanRequest => self.scan_request(request.body),
            Call::ListOrders => self.list_orders(&Query::parse(query)),
            Call::OrderByRx(rx_id) => self.order_by_rx(rx_id),
            Call::Download { order_id, asset } => self.download(order_id, asset, now),
            Call::CompleteScan => self.complete_scan_request(request.body, now),
            Call::Viewer { order_id } => self.viewer(order_id),
        }
    }
}

/// What the tests of every call share.
#[cfg(test)]
mod test {
    use super::*;
    use crate::wire::Guid;

    /// 2025-06-15T12:00:00Z
    pub const NOW: Millis = 1_749_988_800_000;

    pub fn settings() -> Settings {
        Settings { base_url: "https://sandbox.invalid/dpms".into(), access_token: "token".into(), generation_ms: 1500 }
    }

    pub fn practice() -> Practice {
        Practice::new(settings(), 1, NOW)
    }

    pub fn request(practice: &mut Practice, method: &str, url: &str, body: &[u8], now: Millis) -> Response {
        practice.handle(&Request { method, url, authorization: Some("Bearer token"), body }, now)
    }

    pub fn get(practice: &mut Practice, path: &str, now: Millis) -> Response {
        request(practice, "GET", &format!("https://sandbox.invalid/dpms/api/third-party/v2{path}"), b"", now)
    }

    pub fn post(practice: &mut Practice, path: &str, body: &[u8], now: Millis) -> Response {
        request(practice, "POST", &format!("https://sandbox.invalid/dpms/api/third-party/v2{path}"), body, now)
    }

    pub fn json(response: &Response) -> serde_json::Value {
        serde_json::from_slice(&response.body).unwrap()
    }

    /// Pushes an RX for a patient of this first name.
    pub fn push(practice: &mut Practice, first_name: &str) -> Guid {
        let body = serde_json::json!({
            "CompanyId": 90360, "DoctorId": 5201, "PatientFirstName": first_name, "PatientLastName": "Test",
            "PatientChartNumber": "T-1", "procedureMapId": 30,
        });
        let answer = post(practice, "/scan-request", body.to_string().as_bytes(), NOW);
        json(&answer)["Data"].as_str().unwrap().parse().unwrap()
    }

    pub fn complete(practice: &mut Practice, rx_id: Guid, now: Millis) -> u32 {
        practice.complete_scan(rx_id, now).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::test::{NOW, get, json, practice, request};
    use super::*;

    const CONFIGURATION: &str = "https://sandbox.invalid/dpms/api/third-party/v2/practice-configuration";

    #[test]
    fn a_missing_or_wrong_token_is_401() {
        for authorization in [None, Some(""), Some("token"), Some("Bearer other"), Some("Bearer token ")] {
            let request = Request { method: "GET", url: CONFIGURATION, authorization, body: b"" };
            let answer = practice().handle(&request, NOW);
            assert_eq!(answer.status, 401, "{authorization:?}");
            assert_eq!(json(&answer)["Status"], 0);
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
            "https://other.invalid/dpms/api/third-party/v2/practice-configuration",
        ] {
            assert_eq!(request(&mut practice(), "GET", url, b"", NOW).status, 404, "{url}");
        }
    }

    #[test]
    fn a_wrong_method_is_405_and_says_which_are_right() {
        let answer = request(&mut practice(), "DELETE", CONFIGURATION, b"", NOW);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
        let answer = get(&mut practice(), "/scan-request", NOW);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    }

    #[test]
    fn head_answers_as_get_does_without_the_body() {
        let whole = get(&mut practice(), "/practice-configuration", NOW);
        let head = request(&mut practice(), "HEAD", CONFIGURATION, b"", NOW);
        assert_eq!(head.headers, whole.headers);
        assert!(head.body.is_empty());
    }
}
