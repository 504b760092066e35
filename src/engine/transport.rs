//! What all calls of a client share, and the requests that they make.

use std::cell::RefCell;

use super::auth::Auth;
use super::endpoints::Endpoints;
use super::error::DpmsError;
use super::retry::RetryPolicy;
use crate::api::endpoint::Endpoint;
use crate::schema::request::Pair;

/// How a client reaches the API: what all its calls share.
pub(crate) struct Transport {
    pub endpoints: Endpoints,
    pub trusted_origins: Vec<String>,
    pub auth: RefCell<Auth>,
    pub policy: Policy,
}

/// The limits of a call.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Policy {
    /// How long the server may send nothing, before the headers and then within a body.
    pub timeout_ms: f64,
    /// How long a call may take in total, where each page of a list is a call of its own; infinite for no limit.
    pub deadline_ms: f64,
    /// The longest body to read, and the most memory that its values may take, both in bytes.
    pub max_response_bytes: u32,
    pub retry: RetryPolicy,
}

/// A request, which may be sent several times.
pub(crate) struct HttpRequest {
    pub endpoint: &'static Endpoint,
    /// An absolute URL without its query.
    pub url: String,
    pub query: Vec<(String, String)>,
    /// JSON.
    pub body: Option<String>,
    /// The last segment in the path, such as the id of an RX. A delete returns it if its first response was lost.
    pub subject: String,
}

impl HttpRequest {
    pub(crate) fn new(endpoint: &'static Endpoint, url: String) -> Self {
        Self { endpoint, url, query: Vec::new(), body: None, subject: String::new() }
    }

    pub(crate) fn with_query(self, pairs: Vec<Pair>) -> Self {
        let query = pairs.into_iter().map(|pair| (pair.key.to_owned(), pair.value)).collect();
        Self { query, ..self }
    }

    pub(crate) fn with_body(self, body: String) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Adds to an error which call failed, and after how many requests.
    pub(crate) fn fails(&self, mut error: DpmsError, attempts: u32) -> DpmsError {
        let (method, path) = (self.endpoint.method.name(), self.endpoint.path);
        error.message = [method, " ", path, ": ", &error.message].concat();
        error.method = Some(method);
        error.endpoint = Some(path);
        error.attempts = attempts;
        error
    }
}
