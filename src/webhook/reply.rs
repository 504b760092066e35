//! HTTP replies to the callers of the edge function.

use std::collections::BTreeMap;

use serde::Serialize;

use super::inbox::Attention;

/// A reply to a request.
#[derive(Clone, PartialEq, Serialize, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: Headers,
    /// The body: JSON.
    pub body: String,
}

/// Headers by their names in lower case.
pub type Headers = BTreeMap<&'static str, String>;

/// What is wrong with one field of a request.
#[derive(Clone, PartialEq, Serialize, Debug)]
pub struct FieldError {
    /// Its path, such as `deliverTo.url`; empty for the whole body.
    pub field: String,
    /// What it must be. Never contains the value.
    pub message: &'static str,
}

impl FieldError {
    /// Creates an error that says what `field` must be.
    pub fn new(field: impl Into<String>, message: &'static str) -> Self {
        Self { field: field.into(), message }
    }
}

/// A problem (RFC 9457).
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attention: Option<Attention>,
}

/// What programs need to know if a status has several meanings.
#[derive(Default)]
pub struct Reason<'a> {
    /// A name for the problem.
    pub code: Option<&'a str>,
    /// The scope that the session lacks.
    pub scope: Option<&'a str>,
    /// What an operator has to do for the practice.
    pub attention: Option<Attention>,
}

impl Reply {
    /// Returns a reply with a value as JSON.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        Self::json_text(status, to_json(value))
    }

    /// Returns a reply with a JSON string.
    pub fn json_text(status: u16, body: String) -> Self {
        Self::new(status, "application/json", body)
    }

    /// Returns a 202: the notification is stored.
    pub fn accepted() -> Self {
        Self::json_text(202, r#"{"accepted":true}"#.into())
    }

    /// Returns a refusal as `application/problem+json`.
    pub fn problem(status: u16, detail: &str) -> Self {
        Self::problem_with(status, detail, &[], Reason::default())
    }

    /// Returns the same with a reason for programs.
    pub fn problem_because(status: u16, detail: &str, reason: Reason<'_>) -> Self {
        Self::problem_with(status, detail, &[], reason)
    }

    /// Returns a 400 that names each wrong field.
    pub fn invalid(errors: &[FieldError]) -> Self {
        Self::problem_with(400, "The request has wrong fields: see errors.", errors, Reason::default())
    }

    /// Returns a 408: the body did not arrive completely.
    pub fn incomplete() -> Self {
        Self::problem(408, "The body did not come to its end in time.")
    }

    /// Returns a 503: nothing was stored, and the caller should try again.
    pub fn unavailable(detail: &str) -> Self {
        Self::problem(503, detail).with("retry-after", "30")
    }

    /// Returns the same with another header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    fn problem_with(status: u16, detail: &str, errors: &[FieldError], reason: Reason<'_>) -> Self {
        let title = match status {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            409 => "Conflict",
            413 => "Content Too Large",
            426 => "Upgrade Required",
            428 => "Precondition Required",
            429 => "Too Many Requests",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            504 => "Gateway Timeout",
            _ => "Service Unavailable",
        };
        let Reason { code, scope, attention } = reason;
        let problem = Problem { r#type: "about:blank", title, status, detail, errors, code, scope, attention };
        Self::new(status, "application/problem+json", to_json(&problem))
    }

    /// Not cacheable: it is the current state of one practice.
    fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = Headers::from([("content-type", content_type.into()), ("cache-control", "no-store".into())]);
        Self { status, headers, body }
    }
}

/// Returns a value as JSON. Cannot fail: only a map with keys that are not strings would, and there is none.
pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
