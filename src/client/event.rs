//! Telemetry that holds nothing of a patient, a token or a URL.

use tsify::Tsify;

use crate::engine::error::ErrorKind;
use crate::json::Object;

/// A step of a call, for `onEvent`. Holds no token, URL, query, body or patient's data.
#[derive(Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ClientEvent {
    /// Which step.
    pub r#type: EventType,
    /// The same for all steps of a call, and for no other call of this client.
    pub call_id: u32,
    /// The HTTP method.
    pub method: &'static str,
    /// The path as a template, such as `orders/:rxId`.
    pub endpoint: &'static str,
    /// Which request of the call, from 1.
    pub attempt: u32,
    /// `response`, and `failure` after one: the HTTP status.
    #[tsify(optional)]
    pub status: Option<u16>,
    /// `response`: from the request to the response's headers, in milliseconds.
    #[tsify(optional)]
    pub duration_ms: Option<f64>,
    /// `retry` and `wait`: until the next request, in milliseconds.
    #[tsify(optional)]
    pub delay_ms: Option<f64>,
    /// `failure`: what went wrong.
    #[tsify(optional)]
    pub kind: Option<ErrorKind>,
    /// `unexpected-value`: where the first is, with its row, such as `Data.Results[3].LabId`.
    #[tsify(optional)]
    pub path: Option<String>,
    /// `unexpected-value`: how many there are in the response.
    #[tsify(optional)]
    pub count: Option<u32>,
}

/// The steps of a call: a `request` is sent; a `response`'s headers are there; the call failed and is tried again (`retry`);
/// the token was refused and a new one is asked for (`refresh`); the 3D files are being generated and are asked for again
/// (`wait`); optional fields of the response are not what the API documents, and are read as `null` (`unexpected-value`); the
/// call failed for good (`failure`), or was given up by its caller (`cancelled`): by a signal, by leaving a walk while its next
/// page is on its way, or by leaving a download's body. Each call ends in one of these two, or, if it went well, in its last
/// `response`.
#[derive(Clone, Copy, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum EventType {
    /// A request is sent.
    Request,
    /// A response's headers are there.
    Response,
    /// The call failed and is tried again.
    Retry,
    /// The token was refused and a new one is asked for.
    Refresh,
    /// The 3D files are being generated and are asked for again.
    Wait,
    /// Optional fields of the response are not what the API documents, and are read as `null`.
    UnexpectedValue,
    /// The call failed for good; a download also after its response.
    Failure,
    /// The call was given up by its caller.
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
