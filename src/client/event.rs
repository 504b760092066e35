//! Telemetry that holds nothing of a patient, a token or a URL.

use serde::Serialize;
use tsify::Tsify;

use crate::engine::error::ErrorKind;

/// A step of a call, for `onEvent`. Holds no token, URL, query, body or patient's data.
#[derive(Serialize, Tsify)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub status: Option<u16>,
    /// `response`: from the request to the response's headers, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub duration_ms: Option<f64>,
    /// `retry` and `wait`: until the next request, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub delay_ms: Option<f64>,
    /// `failure`: what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub kind: Option<ErrorKind>,
}

/// The steps of a call: a `request` is sent; a `response`'s headers are there; the call failed and is tried again (`retry`);
/// the token was refused and a new one is asked for (`refresh`); the 3D files are being generated and are asked for again
/// (`wait`); the call failed for good (`failure`). A call that its signal aborts just ends.
#[derive(Clone, Copy, Serialize, Tsify)]
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
    /// The call failed for good.
    Failure,
}
