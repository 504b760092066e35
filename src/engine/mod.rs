//! How any call travels: token, request, retry, deadline. Pure: `platform.js` sends, waits and reads, and a call is told
//! here what happened and answers with the next step.

pub(crate) mod answer;
pub(crate) mod auth;
#[cfg_attr(not(feature = "webhook"), allow(dead_code, reason = "the client adopts it next"))]
pub(crate) mod backoff;
pub(crate) mod base_url;
pub(crate) mod bearer;
#[cfg(feature = "client")]
pub mod cursor;
mod details;
pub(crate) mod endpoints;
pub mod error;
pub(crate) mod exchange;
pub(crate) mod retry;
#[cfg_attr(not(feature = "webhook"), allow(dead_code, reason = "the client adopts it next"))]
pub(crate) mod retry_after;
pub(crate) mod step;
#[allow(dead_code, reason = "the client adopts it next")]
pub(crate) mod walk;

use std::cell::RefCell;

use self::auth::Auth;
use self::endpoints::Endpoints;
use self::error::DpmsError;
use self::retry::RetryPolicy;

/// A client's way to the API.
pub(crate) struct Transport {
    pub endpoints: Endpoints,
    pub trusted_origins: Vec<String>,
    pub auth: RefCell<Auth>,
    pub timeout_ms: f64,
    pub retry: RetryPolicy,
}

/// The HTTP methods of the document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// The request that a call of the document makes.
pub(crate) struct Request {
    pub method: Method,
    /// The path as a template, such as `orders/:rxId`: what errors and events may show.
    pub endpoint: &'static str,
    /// An absolute URL without its query.
    pub url: String,
    pub query: Vec<(String, String)>,
    /// JSON.
    pub body: Option<String>,
    /// What the document recommends for some statuses.
    pub advice: &'static [(u16, &'static str)],
    /// What the body of a failure explains.
    pub details: Details,
    /// Which refusal means that there is nothing, rather than that something is wrong.
    pub nothing: Nothing,
    /// Whether the answer's body is the caller's, as a stream.
    pub streams: bool,
}

/// Which refusal means that there is nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nothing {
    Never,
    /// A 404 of a search (§5.2.4).
    NotFound,
    /// A 400 of a delete whose answer got lost before: only an id that is not there is refused so (§4.3.3).
    Deleted,
}

/// What the body of a failure explains, as far as the document promises it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Details {
    Nothing,
    /// 400: which parameters are wrong (§5.2.4).
    Fields,
    /// 409: which patients fit (§5.4.3).
    Matches,
}

/// What a caller's options say about one call.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    /// The longest silence to bear, for headers and then within a body.
    pub timeout_ms: f64,
    pub retry: RetryPolicy,
}

/// What became of a step.
pub(crate) enum Happened<'a> {
    /// Nothing yet: the call begins, or goes on after a wait.
    Ready,
    /// The caller's function gave this; `None` for what is no text.
    Given(Option<String>),
    /// An answer's status and headers are there.
    Headers(u16, Headers<'a>),
    /// An answer's body is there, whole.
    Body(&'a [u8]),
    /// It took longer than `timeoutMs`.
    Silence,
    /// It failed; with the platform's code for it, where it has one. JavaScript keeps the cause.
    Broken(Option<String>),
}

/// An answer's headers that matter; empty if there are none.
#[derive(Clone, Copy, Default)]
pub(crate) struct Headers<'a> {
    pub content_type: &'a str,
    pub content_length: &'a str,
    pub content_encoding: &'a str,
    pub retry_after: &'a str,
    /// Whether CORS may hide others.
    pub cross_origin: bool,
}

impl Request {
    pub(crate) fn get(endpoint: &'static str, url: String) -> Self {
        Self {
            method: Method::Get,
            endpoint,
            url,
            query: Vec::new(),
            body: None,
            advice: &[],
            details: Details::Nothing,
            nothing: Nothing::Never,
            streams: false,
        }
    }

    /// A request that sends a body.
    pub(crate) fn with_body(self, method: Method, body: String) -> Self {
        Self { method, body: Some(body), ..self }
    }

    /// Repeating it could make a second RX: the API has no idempotency key (R39).
    fn creates(&self) -> bool {
        self.method == Method::Post
    }

    pub(crate) fn fails(&self, mut error: DpmsError, attempts: u32) -> DpmsError {
        let method = self.method.as_str();
        error.message = [method, " ", self.endpoint, ": ", &error.message].concat();
        error.method = Some(method);
        error.endpoint = Some(self.endpoint);
        error.attempts = attempts;
        error
    }
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl<'a> Headers<'a> {
    /// Takes apart what `platform.js` gives: a header a line, and then the response's type.
    pub(crate) fn of(lines: &'a str) -> Self {
        let mut lines = lines.split('\n');
        let mut next = || lines.next().unwrap_or_default();
        Self {
            content_type: next(),
            content_length: next(),
            content_encoding: next(),
            retry_after: next(),
            cross_origin: next() == "cors",
        }
    }
}
