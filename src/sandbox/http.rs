//! Requests and responses, limited to what the API needs.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

const JSON: &str = "application/json; charset=utf-8";

/// A request to the sandbox.
pub struct Request<'a> {
    /// The method in upper case.
    pub method: &'a str,
    /// The absolute URL, without a fragment.
    pub url: &'a str,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// Empty if there is none.
    pub body: &'a [u8],
}

/// The sandbox's response, and how to deliver it. A 204 has no body and no Content-Length.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names and values; each name occurs once.
    pub headers: Vec<(&'static str, String)>,
    /// Empty if there is none.
    pub body: Vec<u8>,
    /// The delay before the response.
    pub delay_ms: f64,
    /// Which part of the response arrives.
    pub ending: Ending,
}

/// How a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Completely.
    Whole,
    /// The connection breaks before anything arrives.
    Reset,
    /// The connection breaks after this many bytes of the body.
    CutAfter(u32),
}

impl Ending {
    /// Returns the same for a response without a body.
    pub(super) fn of_nothing(self) -> Self {
        match self {
            Self::CutAfter(_) => Self::Whole,
            Self::Whole | Self::Reset => self,
        }
    }
}

/// What the first part of a path selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    V2,
    V3,
    /// The sandbox's own operations.
    Control,
}

/// Why a request is not served: an HTTP status and a sentence.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub message: String,
    /// The headers that the status requires.
    pub headers: Vec<(&'static str, String)>,
    /// What is wrong with each parameter (§5.2.4).
    pub errors: Vec<FieldError>,
}

/// What is wrong with a parameter.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl Response {
    fn new(status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body, delay_ms: 0.0, ending: Ending::Whole }
    }

    /// Returns a 200 with a body of this media type.
    pub fn ok(media_type: &str, body: Vec<u8>) -> Self {
        Self::new(200, vec![("Content-Type", media_type.into())], body)
    }

    /// Returns a 200 with the envelope of V2: the data, and `Status` 1.
    pub fn data<T: Serialize>(data: &T) -> Result<Self, Refusal> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Envelope<'a, T> {
            data: &'a T,
            status: u8,
        }
        Self::json(200, &Envelope { data, status: 1 })
    }

    /// Returns JSON without an envelope.
    pub fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Result<Self, Refusal> {
        let body = serde_json::to_vec(body).map_err(|error| Refusal::server(&error))?;
        Ok(Self { status, ..Self::ok(JSON, body) })
    }

    /// Returns a 200 without a body.
    pub fn empty() -> Self {
        Self::new(200, Vec::new(), Vec::new())
    }

    /// Returns a 204: there is nothing.
    pub fn no_content() -> Self {
        Self::new(204, Vec::new(), Vec::new())
    }

    /// Returns a header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the status allows a body (RFC 9110 §6.4.1).
    pub(super) fn may_have_body(&self) -> bool {
        !matches!(self.status, 204 | 205 | 304)
    }
}

impl Refusal {
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), headers: Vec::new(), errors: Vec::new() }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// Returns a 400 that says what is wrong with each parameter (§5.2.4).
    pub fn bad_parameters(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(400, "Invalid request parameters") }
    }

    pub fn unauthorized() -> Self {
        let headers = vec![("WWW-Authenticate", "Bearer".into())];
        Self { headers, ..Self::new(401, "The access token is missing or wrong.") }
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, message)
    }

    pub fn method_not_allowed(allow: &str) -> Self {
        let headers = vec![("Allow", allow.into())];
        Self { headers, ..Self::new(405, format!("This call answers {allow} only.")) }
    }

    pub fn server(error: &dyn std::error::Error) -> Self {
        Self::new(500, format!("The sandbox failed: {error}."))
    }

    /// Returns the refusal as a response. For V2, no error body is documented, only that `Status` is 0 (R3); V3 has one for
    /// 400, with a `Status` of 2 (R115).
    pub fn response(self, api: Api) -> Response {
        let body = match api {
            Api::V3 if !self.errors.is_empty() => serde_json::json!({
                "Status": 2,
                "Message": self.message,
                "Code": "INVALID_REQUEST_PARAMETERS",
                "Errors": self.errors,
            }),
            Api::V3 => serde_json::json!({ "Status": 2, "Message": self.message }),
            Api::V2 | Api::Control => serde_json::json!({ "Status": 0, "Message": self.message }),
        };
        let headers = [("Content-Type", JSON.into())].into_iter().chain(self.headers);
        Response::new(self.status, headers.collect(), body.to_string().into_bytes())
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::server(&error)
    }
}

/// Reads a body that must be this JSON object; `what` names it.
pub fn read<T: DeserializeOwned>(body: &[u8], what: &str) -> Result<T, Refusal> {
    // Serde would also read an array as an object's values in order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::bad_request(format!("The body is no JSON object; it must be {what}.")));
    }
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request(format!("The body is not {what}: {error}.")))
}

/// A query's keys and values, decoded.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// Returns the value of a key, which is compared exactly.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Returns keys and values in their original order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}
