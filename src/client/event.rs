//! Telemetry that holds nothing of a patient, a token or a URL.

use tsify::Tsify;

use crate::engine::error::ErrorKind;
use crate::json::Object;

/// A step of a call, for `onEvent`. It holds no token, URL, query, body or patient data.
#[derive(Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ClientEvent {
    /// Which step it is.
    pub r#type: EventType,
    /// Identifies the call: the same for all of its steps, and for no other call of this client. A walk or a poll is one
    /// call.
    pub call_id: u32,
    /// The HTTP method.
    pub method: &'static str,
    /// The path as a template, such as `orders/:rxId`.
    pub endpoint: &'static str,
    /// The number of the request, from 1: retries, redirects and renewed tokens count. It starts again with each page of a
    /// list, and after a `wait`.
    pub attempt: u32,
    /// The HTTP status, of a `response` and of a `failure` after one.
    #[tsify(optional)]
    pub status: Option<u16>,
    /// `response`: the time from the request to the response's headers, in milliseconds.
    #[tsify(optional)]
    pub duration_ms: Option<f64>,
    /// `retry` and `wait`: the time until the next request, in milliseconds.
    #[tsify(optional)]
    pub delay_ms: Option<f64>,
    /// `failure`: what went wrong.
    #[tsify(optional)]
    pub kind: Option<ErrorKind>,
    /// `unexpected-value`: the path of the first such field, with its row, such as `Data.Results[3].LabId`.
    #[tsify(optional)]
    pub path: Option<String>,
    /// `unexpected-value`: how many such fields the response has.
    #[tsify(optional)]
    pub count: Option<u32>,
}

/// The steps of a call.
///
/// - `request`: a request is sent.
/// - `response`: the headers of a response have arrived.
/// - `retry`: the request failed and is retried.
/// - `refresh`: the token was refused and a new one is requested.
/// - `wait`: the 3D files are being generated and are requested again later.
/// - `unexpected-value`: optional fields of the response are not what the API documents, and are read as `null`.
/// - `failure`: the call failed for good.
/// - `cancelled`: the caller gave the call up: by a signal, by leaving a walk while its next page is in flight, or by
///   cancelling a download's body.
///
/// A call ends with `failure` or `cancelled` or, if it succeeded, with its last `response`.
#[derive(Clone, Copy, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum EventType {
    /// A request is sent.
    Request,
    /// The headers of a response have arrived.
    Response,
    /// The request failed and is retried.
    Retry,
    /// The token was refused and a new one is requested.
    Refresh,
    /// The 3D files are being generated and are requested again later.
    Wait,
    /// Optional fields of the response are not what the API documents, and are read as `null`.
    UnexpectedValue,
    /// The call failed for good; a download can fail after its response too.
    Failure,
    /// The caller gave the call up.
    Cancelled,
}

impl ClientEvent {
    /// Returns the event as JSON. serde-wasm-bindgen would do it too, and weighs 4 KB of gzip for this one object.
    pub(super) fn json(&self) -> String {
        let event = Object::new()
            .text("type", self.r#type.name())
            .number("callId", self.call_id.into())
            .text("method", self.method)
            .text("endpoint", self.endpoint)
            .number("attempt", self.attempt.into());
        let event = match self.kind {
            Some(kind) => event.text("kind", kind.name()),
            None => event,
        };
        let event = match &self.path {
            Some(path) => event.text("path", path),
            None => event,
        };
        let numbers = [
            ("status", self.status.map(f64::from)),
            ("durationMs", self.duration_ms),
            ("delayMs", self.delay_ms),
            ("count", self.count.map(f64::from)),
        ];
        let add = |event: Object, (key, number): (&str, Option<f64>)| match number {
            Some(number) => event.number(key, number as u64),
            None => event,
        };
        numbers.into_iter().fold(event, add).end()
    }
}

impl EventType {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Retry => "retry",
            Self::Refresh => "refresh",
            Self::Wait => "wait",
            Self::UnexpectedValue => "unexpected-value",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
        }
    }
}
