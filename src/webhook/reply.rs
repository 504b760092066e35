//! What a caller gets.

use serde::{Serialize, Serializer};
use serde_json::json;

/// An answer to a request.
#[derive(Clone, PartialEq, Serialize, Debug)]
pub struct Reply {
    /// Of HTTP.
    pub status: u16,
    /// Names in lower case, and values.
    #[serde(serialize_with = "as_object")]
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

fn as_object<S: Serializer>(headers: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().map(|(name, value)| (name, value)))
}

/// What is wrong with one field of a request.
#[derive(Clone, PartialEq, Serialize, Debug)]
pub struct FieldError {
    /// Its path, such as `deliverTo.url`; empty for the whole body.
    pub field: String,
    /// What it must be. Never repeats its value.
    pub message: &'static str,
}

impl FieldError {
    /// Says what `field` must be.
    pub fn new(field: impl Into<String>, message: &'static str) -> Self {
        Self { field: field.into(), message }
    }
}

impl Reply {
    /// A JSON answer. Nothing of it is to be stored on the way: it is about one practice.
    pub fn json(status: u16, body: String) -> Self {
        let headers = vec![("content-type", "application/json".into()), ("cache-control", "no-store".into())];
        Self { status, headers, body }
    }

    /// A 202: the notification is stored.
    pub fn accepted() -> Self {
        Self::json(202, r#"{"accepted":true}"#.into())
    }

    /// A refusal as `application/problem+json` (RFC 9457).
    pub fn problem(status: u16, detail: &str) -> Self {
        Self::problem_with(status, detail, &[])
    }

    /// A 400 that names each wrong field.
    pub fn invalid(errors: &[FieldError]) -> Self {
        Self::problem_with(400, "The request has wrong fields: see errors.", errors)
    }

    /// A 503: nothing was stored, the caller is to try again.
    pub fn unavailable(detail: &str) -> Self {
        Self::problem(503, detail).with("retry-after", "30")
    }

    /// The same with another header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn problem_with(status: u16, detail: &str, errors: &[FieldError]) -> Self {
        let title = match status {
            400 => "Bad Request",
            401 => "Unauthorized",
            404 => "Not Found",
            405 => "Method Not Allowed",
            409 => "Conflict",
            413 => "Content Too Large",
            _ => "Service Unavailable",
        };
        let mut body = json!({ "type": "about:blank", "title": title, "status": status, "detail": detail });
        if !errors.is_empty()
            && let Some(body) = body.as_object_mut()
        {
            let errors = errors.iter().map(|error| json!({ "field": error.field, "message": error.message }));
            body.insert("errors".into(), errors.collect());
        }
        let headers = vec![("content-type", "application/problem+json".into()), ("cache-control", "no-store".into())];
        Self { status, headers, body: body.to_string() }
    }
}
