//! `DpmsError`: how every failure reaches the caller.
//!
//! No message holds a token, a query string, a body or a patient's data: messages are made of fixed texts, statuses,
//! endpoint templates and field names only.

use std::ops::{Deref, DerefMut};

use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::js::{list, nullable, object};

/// What went wrong, as a stable name to branch on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// An argument is not allowed; nothing was sent. `fieldErrors` names each field.
    InvalidArgument,
    /// No answer came: the host is unknown, unreachable, refused by CORS, or cut the connection before its headers.
    Network,
    /// The server was silent for longer than `timeoutMs`.
    Timeout,
    /// The token was refused (401) or may not do this (403), or no new token could be had.
    Unauthorized,
    /// The API refused the request (400, or another 4xx that is not listed here).
    BadRequest,
    /// There is no such thing (404).
    NotFound,
    /// More than one patient fits (409).
    Conflict,
    /// The 3D files are still being made, and `waitMs` has passed.
    NotReady,
    /// Too many requests (429); see `retryAfterMs`.
    RateLimited,
    /// The API failed (5xx), or said in a 200 that it did.
    Server,
    /// The answer is not what the API documents: a web page, or a field that is missing or of another type.
    Decode,
    /// The link leads to an origin that must not see the token; nothing was sent.
    UntrustedLink,
    /// The answer's body ended early.
    Truncated,
}

impl ErrorKind {
    fn name(self) -> &'static str {
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
        }
    }
}

/// A field and what is allowed in it.
#[derive(Clone, PartialEq, Eq, Debug, Tsify)]
pub struct FieldError {
    /// The argument's name, such as `dateOfBirth`, with a dot before a nested one.
    pub field: String,
    /// What is allowed; never the value itself.
    pub message: String,
}

/// A failure of the client. A pointer: failures travel far and seldom, and the code that moves them whole is 2 KB of gzip.
#[derive(Clone, Debug)]
pub struct DpmsError(Box<Report>);

/// What a failure says of itself.
#[derive(Clone, Debug)]
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
    /// A list of patients, or null.
    pub(crate) matches: JsValue,
    pub(crate) retry_after_ms: Option<f64>,
    pub(crate) cause: JsValue,
}

/// Why a call ended: a failure to report, or the caller's own abort, which rejects with the signal's reason as it is.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Error(DpmsError),
    Aborted(JsValue),
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
            matches: JsValue::NULL,
            retry_after_ms: None,
            cause: JsValue::UNDEFINED,
        }))
    }

    pub(crate) fn caused_by(mut self, cause: JsValue) -> Self {
        self.cause = cause;
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
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

impl Failure {
    pub(crate) fn invalid_argument(field_errors: Vec<FieldError>) -> Self {
        let faults: Vec<_> = field_errors.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
        let message = format!("Nothing was sent: {}.", faults.join("; "));
        let mut error = DpmsError::new(ErrorKind::InvalidArgument, message);
        error.field_errors = field_errors;
        error.into()
    }
}

impl From<DpmsError> for Failure {
    fn from(error: DpmsError) -> Self {
        Self::Error(error)
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Error(error) => JsValue::from(error),
            Failure::Aborted(reason) => reason,
        }
    }
}

impl From<DpmsError> for JsValue {
    fn from(error: DpmsError) -> Self {
        let field_error = |fault: &FieldError| {
            object(&[("field", fault.field.as_str().into()), ("message", fault.message.as_str().into())])
        };
        let fields = object(&[
            ("kind", error.kind.name().into()),
            ("status", nullable(error.status)),
            ("method", nullable(error.method)),
            ("endpoint", nullable(error.endpoint)),
            ("attempts", error.attempts.into()),
            ("retryable", error.retryable.into()),
            ("code", nullable(error.code.as_deref())),
            ("fieldErrors", list(&error.field_errors, field_error)),
            ("retryAfterMs", nullable(error.retry_after_ms)),
        ]);
        JsDpmsError::new(&error.message, &fields, &error.matches, &error.cause).into()
    }
}

#[wasm_bindgen(module = "/src/error.js")]
extern "C" {
    #[wasm_bindgen(js_name = DpmsError, reexport)]
    type JsDpmsError;

    #[wasm_bindgen(constructor, js_class = "DpmsError")]
    fn new(message: &str, fields: &JsValue, matches: &JsValue, cause: &JsValue) -> JsDpmsError;
}
