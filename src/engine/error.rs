//! `DpmsError`: how every failure reaches the caller.
//!
//! No message holds a token, a query string, a body or a patient's data: messages are made of fixed texts, statuses,
//! endpoint templates and field names only.

use std::ops::{Deref, DerefMut};

use serde::Serialize;
use tsify::Tsify;

use super::DecodedValue;
use crate::json::{Object, digits};
use crate::schema::validator::FieldError;

/// What went wrong, as a stable name to branch on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// An argument is not allowed, and nothing was sent; or `fetch`, `accessToken` or `refresh` returned a value that is not
    /// allowed. `fieldErrors` names each field.
    InvalidArgument,
    /// No response arrived: the host is unknown or unreachable, CORS forbids the call, or the connection was cut before the
    /// response's headers.
    Network,
    /// The server sent nothing for longer than `timeoutMs`, the call took longer than `deadlineMs`, or the server waited too
    /// long for the request (408).
    Timeout,
    /// The token was refused (401) or does not permit the call (403), or no token could be obtained.
    Unauthorized,
    /// The API refused the request (400, or another 4xx that is not listed here), or a redirect could not be followed.
    BadRequest,
    /// What was requested does not exist (404).
    NotFound,
    /// More than one patient matches (409); see `matches`.
    Conflict,
    /// The 3D files are still being generated, and `waitMs` has passed.
    NotReady,
    /// Too many requests (429); see `retryAfterMs`.
    RateLimited,
    /// The API failed (5xx), returned a 200 whose body reports a failure, or would not process the request yet (425).
    Server,
    /// The response is not as the API documents it: it is a web page, or a field is missing or of another type.
    Decode,
    /// The link leads to an origin that must not see the token; nothing was sent.
    UntrustedLink,
    /// The response's body ended early.
    Truncated,
    /// The response, or its content, is larger than `maxResponseBytes`, or a list does not end.
    TooLarge,
    /// The client itself failed, such as for lack of memory. The next call uses a fresh instance.
    Internal,
}

impl ErrorKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid-argument",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Unauthorized => "unauthorized",
            Self::BadRequest => "bad-request",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::NotReady => "not-ready",
            Self::RateLimited => "rate-limited",
            Self::Server => "server",
            Self::Decode => "decode",
            Self::UntrustedLink => "untrusted-link",
            Self::Truncated => "truncated",
            Self::TooLarge => "too-large",
            Self::Internal => "internal",
        }
    }
}

/// A failure of the client. Boxed: failures are rare but pass through many functions, and the code to move them by value takes
/// 2 KB of gzip.
pub struct DpmsError(Box<Report>);

/// What is known about a failure. JavaScript adds its cause.
pub struct Report {
    pub(crate) message: String,
    pub(crate) kind: ErrorKind,
    pub(crate) status: Option<u16>,
    pub(crate) method: Option<&'static str>,
    pub(crate) endpoint: Option<&'static str>,
    pub(crate) attempts: u32,
    pub(crate) retryable: bool,
    pub(crate) code: Option<String>,
    pub(crate) field_errors: Vec<FieldError>,
    /// The patients that match, as a list.
    pub(crate) matches: Option<DecodedValue>,
    pub(crate) retry_after_ms: Option<f64>,
}

impl DpmsError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Report {
            message: message.into(),
            kind,
            status: None,
            method: None,
            endpoint: None,
            attempts: 0,
            retryable: matches!(
                kind,
                ErrorKind::Network
                    | ErrorKind::Timeout
                    | ErrorKind::Truncated
                    | ErrorKind::RateLimited
                    | ErrorKind::NotReady
            ),
            code: None,
            field_errors: Vec::new(),
            matches: None,
            retry_after_ms: None,
        }))
    }

    /// The failure of a single argument, which must be something else.
    pub(crate) fn must_be(argument: &str, allowed: &str) -> Self {
        Self::invalid_argument(vec![FieldError::must_be(argument, allowed)])
    }

    /// The failure of arguments that are not allowed.
    pub(crate) fn invalid_argument(field_errors: Vec<FieldError>) -> Self {
        let mut message = String::from("Nothing was sent");
        let mut separator = ": ";
        for fault in &field_errors {
            for part in [separator, &fault.field, " ", &fault.message] {
                message.push_str(part);
            }
            separator = "; ";
        }
        message.push('.');
        let mut error = Self::new(ErrorKind::InvalidArgument, message);
        error.field_errors = field_errors;
        error
    }

    /// The failure of one of the caller's functions that did not do what it must.
    pub(crate) fn misused(function: &str, must: &str) -> Self {
        let mut error = Self::new(ErrorKind::InvalidArgument, [function, " ", must, "."].concat());
        error.field_errors = vec![FieldError { field: function.to_owned(), message: must.to_owned() }];
        error
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Returns the fields of JavaScript's `DpmsError`, except those that JSON cannot hold.
    pub(crate) fn json(&self) -> String {
        let number = |number: Option<u64>| number.map_or_else(|| "null".to_owned(), digits);
        let field_error =
            |fault: &FieldError| Object::new().text("field", &fault.field).text("message", &fault.message).end();
        Object::new()
            .text("message", &self.message)
            .text("kind", self.kind.name())
            .raw("status", &number(self.status.map(u64::from)))
            .nullable("method", self.method)
            .nullable("endpoint", self.endpoint)
            .number("attempts", self.attempts.into())
            .flag("retryable", self.retryable)
            .nullable("code", self.code.as_deref())
            .list("fieldErrors", self.field_errors.iter().map(field_error))
            .raw("retryAfterMs", &number(self.retry_after_ms.map(|ms| ms as u64)))
            .end()
    }
}

impl From<Vec<FieldError>> for DpmsError {
    fn from(faults: Vec<FieldError>) -> Self {
        Self::invalid_argument(faults)
    }
}

impl Deref for DpmsError {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

impl DerefMut for DpmsError {
    fn deref_mut(&mut self) -> &mut Report {
        &mut self.0
    }
}
