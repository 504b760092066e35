//! Faults injected into API calls, to simulate failures of networks and services.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use tsify::Tsify;

use super::http::{Api, Ending, Refusal, Response};

/// The longest delay that JavaScript's timers support.
const LONGEST_DELAY_MS: f64 = 2_147_483_647.0;

/// Which calls fail, and how. At least one of `status`, `delayMs`, `reset` and `truncateAfterBytes` is required.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[tsify(rename = "SandboxFault")]
pub struct Fault {
    /// The beginning of the path after `…/v2/` or `…/v3/`, such as `orders/practice`; every call if omitted.
    #[tsify(optional, type = "string")]
    endpoint: Option<String>,
    /// The method, such as `GET`, in upper or lower case; every method if omitted.
    #[tsify(optional, type = "string")]
    method: Option<String>,
    /// How many calls fail, 1 or more; `Infinity`, which JSON writes as `null`, for all. Default 1.
    #[tsify(optional, type = "number")]
    times: Times,
    /// Responds with this status, 200 to 599, and an error body instead of serving the call.
    #[tsify(optional, type = "number")]
    status: Option<u16>,
    /// With `status`: the value of `Retry-After`, in whole seconds.
    #[tsify(optional, type = "number")]
    retry_after_seconds: Option<u32>,
    /// Delays the response by this many milliseconds of real time. The call takes effect before the delay.
    #[tsify(optional, type = "number")]
    delay_ms: Option<f64>,
    /// Breaks the connection before the response: `fetch` rejects with a `TypeError`, and the HTTP server destroys the socket.
    #[tsify(optional)]
    reset: bool,
    /// Breaks the connection after this many bytes of the body; its stream then fails. `Content-Length` still gives the length
    /// of the whole body, and a body that is not longer arrives completely.
    #[tsify(optional, type = "number")]
    truncate_after_bytes: Option<u32>,
    /// With `status` or `reset`: the call still takes effect, and only its response is lost. Default false.
    #[tsify(optional)]
    applied: bool,
}

/// How many more calls the fault applies to; `None` means without limit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Times(Option<u32>);

impl Default for Times {
    fn default() -> Self {
        Self(Some(1))
    }
}

impl<'de> Deserialize<'de> for Times {
    /// JSON has no infinity: `null` stands for it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<f64>::deserialize(deserializer)? {
            None | Some(f64::INFINITY) => Ok(Self(None)),
            Some(times) if times.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&times) => {
                Ok(Self(Some(times as u32)))
            }
            Some(_) => Err(D::Error::custom("expected a whole number, or Infinity")),
        }
    }
}

impl Fault {
    /// Returns what is wrong with the fault's definition.
    pub fn problem(&self) -> Option<&'static str> {
        let does_something =
            self.status.is_some() || self.delay_ms.is_some() || self.reset || self.truncate_after_bytes.is_some();
        let problems = [
            (!does_something, "a fault needs status, delayMs, reset or truncateAfterBytes"),
            (self.times == Times(Some(0)), "times must be 1 or more"),
            (self.status.is_some_and(|status| !(200..=599).contains(&status)), "status must be from 200 to 599"),
            (self.reset && self.status.is_some(), "reset and status exclude each other"),
            (self.reset && self.truncate_after_bytes.is_some(), "reset and truncateAfterBytes exclude each other"),
            (self.retry_after_seconds.is_some() && self.status.is_none(), "retryAfterSeconds needs status"),
            (self.applied && !self.loses_response(), "applied needs status or reset"),
            (
                self.delay_ms.is_some_and(|delay| !(0.0..=LONGEST_DELAY_MS).contains(&delay)),
                "delayMs must be from 0 to 2147483647",
            ),
        ];
        problems.into_iter().find_map(|(is_wrong, problem)| is_wrong.then_some(problem))
    }

    /// Whether the caller does not get the call's own response.
    fn loses_response(&self) -> bool {
        self.reset || self.status.is_some()
    }

    /// Whether the call still reaches the practice.
    pub fn lets_call_through(&self) -> bool {
        self.applied || !self.loses_response()
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let endpoint = self.endpoint.as_deref().map_or("", |endpoint| endpoint.trim_start_matches('/'));
        path.starts_with(endpoint) && self.method.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method))
    }

    /// Applies the fault to the call's response.
    pub fn strike(&self, response: Response, api: Api) -> Response {
        let mut response = match self.status {
            Some(status) => self.refusal(status).response(api),
            None => response,
        };
        response.delay_ms = self.delay_ms.unwrap_or(0.0);
        response.ending = match (self.reset, self.truncate_after_bytes) {
            (true, _) => Ending::Reset,
            (false, Some(bytes)) if (bytes as usize) < response.body.len() => Ending::CutAfter(bytes),
            _ => Ending::Whole,
        };
        response
    }

    fn refusal(&self, status: u16) -> Refusal {
        let mut refusal =
            if status == 401 { Refusal::unauthorized() } else { Refusal::new(status, "An injected fault.") };
        refusal.headers.extend(self.retry_after_seconds.map(|seconds| ("Retry-After", seconds.to_string())));
        refusal
    }
}

/// The faults that still apply to later calls.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the fault for this call, the oldest that matches, and counts down how often it still applies.
    pub fn next(&mut self, method: &str, path: &str) -> Option<Fault> {
        let at = self.0.iter().position(|fault| fault.matches(method, path))?;
        let fault = self.0.get_mut(at)?;
        fault.times.0 = fault.times.0.map(|times| times.saturating_sub(1));
        let struck = fault.clone();
        self.0.retain(|fault| fault.times != Times(Some(0)));
        Some(struck)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Practice;
    use super::super::test::{NOW, control, delete, get, json, post, practice, push, request, rx, search};
    use super::*;
    use serde_json::{Value, json};

    fn with_fault(fault: Value) -> Practice {
        let mut practice = practice();
        let response = control(&mut practice, "fault", &fault);
        assert_eq!(response.status, 200, "{fault} {:?}", json(&response));
        practice
    }

    fn configuration(practice: &mut Practice) -> Response {
        get(practice, "/practice-configuration", NOW)
    }

    #[test]
    fn a_fault_strikes_once_by_default_and_as_often_as_times_says() {
        for (times, expected) in [(None, 1), (Some(json!(3)), 3), (Some(json!(null)), 20)] {
            let mut fault = json!({ "status": 503 });
            if let Some(times) = times {
                fault["times"] = times;
            }
            let mut practice = with_fault(fault);
            let struck = (0..20).take_while(|_| configuration(&mut practice).status == 503).count();
            assert_eq!(struck, expected);
        }
    }

    #[test]
    fn a_fault_strikes_only_the_endpoint_and_method_it_names() {
        let fault = json!({ "endpoint": "/orders/practice", "method": "get", "status": 500, "times": null });
        let mut practice = with_fault(fault);
        assert_eq!(configuration(&mut practice).status, 200);
        assert_eq!(get(&mut practice, "/orders/x", NOW).status, 400);
        assert_eq!(post(&mut practice, "/orders/practice", b"", NOW).status, 405);
        assert_eq!(get(&mut practice, "/orders/practice?Offset=0&pageSize=1", NOW).status, 500);
    }

    #[test]
    fn a_fault_on_v3_has_the_form_of_v3_and_control_calls_are_exempt() {
        let mut practice = with_fault(json!({ "status": 500, "times": null }));
        let response = search(&mut practice, "");
        assert_eq!((response.status, &json(&response)["Status"]), (500, &json!(2)));
        assert_eq!(control(&mut practice, "clear-faults", &json!({})).status, 200);
        assert_eq!(search(&mut practice, "").status, 200);
    }

    #[test]
    fn the_oldest_of_several_faults_strikes_first() {
        let mut practice = with_fault(json!({ "status": 500 }));
        control(&mut practice, "fault", &json!({ "status": 502, "times": 2 }));
        control(&mut practice, "fault", &json!({ "endpoint": "latest", "status": 503 }));
        let statuses = [(); 4].map(|()| configuration(&mut practice).status);
        assert_eq!(statuses, [500, 502, 502, 200]);
        assert_eq!(get(&mut practice, "/latest-files", NOW).status, 503);
    }

    #[test]
    fn an_injected_status_has_retry_after_and_the_call_has_no_effect() {
        let mut practice = with_fault(json!({ "endpoint": "scan-request", "status": 429, "retryAfterSeconds": 7 }));
        let response = post(&mut practice, "/scan-request", rx().to_string().as_bytes(), NOW);
        assert_eq!((response.status, response.header("retry-after")), (429, Some("7")));
        assert!(practice.requests.is_empty());
    }

    #[test]
    fn an_applied_fault_loses_only_the_response() {
        for fault in [json!({ "status": 500, "applied": true }), json!({ "reset": true, "applied": true })] {
            let mut practice = practice();
            let rx_id = push(&mut practice, "Ada");
            control(&mut practice, "fault", &fault);
            let response = delete(&mut practice, &format!("/scan-request/{rx_id}"));
            assert!(response.status == 500 || response.ending == Ending::Reset);
            assert_eq!(delete(&mut practice, &format!("/scan-request/{rx_id}")).status, 400, "already deleted");
        }
    }

    #[test]
    fn a_reset_breaks_the_connection_and_the_call_has_no_effect() {
        let mut practice = with_fault(json!({ "reset": true }));
        let response = post(&mut practice, "/scan-request", rx().to_string().as_bytes(), NOW);
        assert_eq!(response.ending, Ending::Reset);
        assert!(practice.requests.is_empty());
    }

    #[test]
    fn a_delay_holds_back_the_calls_own_response() {
        let mut practice = with_fault(json!({ "delayMs": 250.5 }));
        let response = configuration(&mut practice);
        assert_eq!((response.status, response.delay_ms), (200, 250.5));
        assert_eq!(configuration(&mut practice).delay_ms, 0.0);
    }

    #[test]
    fn a_truncated_response_declares_its_full_length() {
        let whole = configuration(&mut practice());
        let mut practice = with_fault(json!({ "truncateAfterBytes": 10 }));
        let cut = configuration(&mut practice);
        assert_eq!(cut.ending, Ending::CutAfter(10));
        assert_eq!(cut.header("content-length"), whole.header("content-length"));
        control(&mut practice, "fault", &json!({ "truncateAfterBytes": whole.body.len() }));
        assert_eq!(configuration(&mut practice).ending, Ending::Whole, "there is nothing to cut");
    }

    #[test]
    fn a_response_without_a_body_is_not_truncated() {
        let url = "https://sandbox.invalid/dpms/api/third-party/v2/practice-configuration";
        let mut practice = with_fault(json!({ "truncateAfterBytes": 0 }));
        let response = request(&mut practice, "HEAD", url, b"", NOW);
        assert_eq!((response.body.len(), response.ending), (0, Ending::Whole));
        let response = configuration(&mut with_fault(json!({ "status": 204, "truncateAfterBytes": 0 })));
        assert_eq!((response.body.len(), response.ending), (0, Ending::Whole));
    }

    #[test]
    fn an_injected_204_or_304_has_no_body() {
        for status in [204, 304] {
            let response = configuration(&mut with_fault(json!({ "status": status })));
            assert_eq!((response.status, response.body.len(), response.header("content-length")), (status, 0, None));
        }
    }

    #[test]
    fn a_fault_strikes_before_the_token_is_checked() {
        let mut practice = with_fault(json!({ "status": 503 }));
        let url = "https://sandbox.invalid/dpms/api/third-party/v2/practice-configuration";
        let stranger = super::super::Request { method: "GET", url, authorization: None, body: b"" };
        assert_eq!(practice.handle(&stranger, NOW).status, 503);
        assert_eq!(practice.handle(&stranger, NOW).status, 401);
    }

    #[test]
    fn an_invalid_fault_is_400() {
        let mut practice = practice();
        for fault in [
            json!({}),
            json!({ "endpoint": "orders" }),
            json!({ "status": 503, "times": 0 }),
            json!({ "status": 503, "times": 1.5 }),
            json!({ "status": 503, "times": "Infinity" }),
            json!({ "status": 199 }),
            json!({ "status": 600 }),
            json!({ "delayMs": -1 }),
            json!({ "delayMs": 3e9 }),
            json!({ "reset": true, "status": 500 }),
            json!({ "reset": true, "truncateAfterBytes": 1 }),
            json!({ "truncateAfterBytes": -1 }),
            json!({ "delayMs": 1, "retryAfterSeconds": 1 }),
            json!({ "delayMs": 1, "applied": true }),
            json!({ "status": 500, "retryAfter": 1 }),
            json!([]),
        ] {
            assert_eq!(control(&mut practice, "fault", &fault).status, 400, "{fault}");
        }
        let url = "https://sandbox.invalid/dpms/api/third-party/v2/practice-configuration";
        assert_eq!(request(&mut practice, "GET", url, b"", NOW).status, 200);
    }
}
