//! Telemetry that holds nothing of a patient, a token or a URL.

use js_sys::Function;
use tsify::Tsify;
use wasm_bindgen::JsValue;

use super::Call;
use crate::js::object;

/// A step of a call, for `onEvent`. Holds no token, URL, query, body or patient's data.
#[derive(Tsify, Clone, Copy, Debug)]
#[serde(rename_all = "camelCase")]
pub struct ClientEvent {
    /// Which step.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The HTTP method.
    pub method: &'static str,
    /// The path as a template, such as `orders/:rxId`.
    pub endpoint: &'static str,
    /// Which request of the call, from 1.
    pub attempt: u32,
    /// `response`: the HTTP status.
    #[tsify(optional)]
    pub status: Option<u16>,
    /// `response`: from the request to the answer's headers, in milliseconds.
    #[tsify(optional)]
    pub duration_ms: Option<f64>,
    /// `retry` and `wait`: until the next request, in milliseconds.
    #[tsify(optional)]
    pub delay_ms: Option<f64>,
}

/// The steps of a call.
#[derive(Tsify, Clone, Copy, Debug)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    /// A request is sent.
    Request,
    /// An answer's headers are there.
    Response,
    /// The call failed and will be tried again.
    Retry,
    /// The token was refused and a new one is asked for.
    Refresh,
    /// The 3D files are being made and will be asked for again.
    Wait,
}

impl ClientEvent {
    pub(crate) fn of(event_type: EventType, call: &Call, attempt: u32) -> Self {
        let Call { method, endpoint, .. } = call;
        Self { event_type, method: method.as_str(), endpoint, attempt, status: None, duration_ms: None, delay_ms: None }
    }

    fn to_js(self) -> JsValue {
        let mut entries = vec![
            ("type", self.event_type.name().into()),
            ("method", self.method.into()),
            ("endpoint", self.endpoint.into()),
            ("attempt", self.attempt.into()),
        ];
        entries.extend(self.status.map(|status| ("status", status.into())));
        entries.extend(self.duration_ms.map(|ms| ("durationMs", ms.into())));
        entries.extend(self.delay_ms.map(|ms| ("delayMs", ms.into())));
        object(&entries)
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
        }
    }
}

/// The caller's `onEvent`, if there is one.
pub(crate) struct Events(pub Option<Function>);

impl Events {
    /// What the listener throws is dropped: telemetry never breaks a call.
    pub(crate) fn emit(&self, event: impl FnOnce() -> ClientEvent) {
        if let Some(listener) = &self.0 {
            let _ = listener.call1(&JsValue::UNDEFINED, &event().to_js());
        }
    }
}
