//! What a caller gets.

use super::json::{ToJson, Value, object};

/// An answer to a request.
#[derive(Clone, PartialEq, Debug)]
pub struct Reply {
    /// Of HTTP.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Headers,
    /// JSON.
    pub body: String,
}

/// Headers: names in lower case, and values.
#[derive(Clone, PartialEq, Debug)]
pub struct Headers(pub Vec<(&'static str, String)>);

impl ToJson for Headers {
    fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, value)| ((*name).into(), value.to_json())).collect())
    }
}

impl ToJson for Reply {
    fn to_json(&self) -> Value {
        object! { "status": self.status, "headers": self.headers, "body": self.body }
    }
}

/// What is wrong with one field of a request.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldError {
    /// Its path, such as `deliverTo.url`; empty for the whole body.
    pub field: String,
    /// What it must be. Never repeats its value.
    pub message: &'static str,
}

impl ToJson for FieldError {
    fn to_json(&self) -> Value {
        object! { "field": self.field, "message": self.message }
    }
}

impl FieldError {
    /// Says what `field` must be.
    pub fn new(field: impl Into<String>, message: &'static str) -> Self {
        Self { field: field.into(), message }
    }
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: String) -> Self {
        Self::new(status, "application/json", body)
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
        self.headers.0.push((name, value.into()));
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
        let mut body = object! { "type": "about:blank", "title": title, "status": status, "detail": detail };
        if let Value::Object(entries) = &mut body
            && !errors.is_empty()
        {
            entries.push(("errors".into(), errors.to_vec().to_json()));
        }
        Self::new(status, "application/problem+json", body.to_string())
    }

    /// Not to be stored on the way: it is about one practice, and about now.
    fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = vec![("content-type", content_type.into()), ("cache-control", "no-store".into())];
        Self { status, headers: Headers(headers), body }
    }
}
