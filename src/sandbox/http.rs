//! Requests and responses, as much of them as the API needs.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

const JSON: &str = "application/json; charset=utf-8";

/// A request to the sandbox.
pub struct Request<'a> {
    /// In upper case.
    pub method: &'a str,
    /// The absolute URL, without a fragment.
    pub url: &'a str,
    /// The value of that header.
    pub authorization: Option<&'a str>,
    /// Empty if there is none.
    pub body: &'a [u8],
}

/// The sandbox's response, and how it is to travel. A 204 has no body and no Content-Length.
#[derive(Debug)]
pub struct Response {
    /// Of HTTP.
    pub status: u16,
    /// Names and values; no name comes twice.
    pub headers: Vec<(&'static str, String)>,
    /// Empty if there is none.
    pub body: Vec<u8>,
    /// How long it is held back.
    pub delay_ms: f64,
    /// How much of it arrives.
    pub ending: Ending,
}

/// How a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Whole,
    /// The connection breaks before anything arrives.
    Reset,
    /// The connection breaks after so many bytes of the body.
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

/// What the first part of a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    V2,
    V3,
    /// The sandbox's own calls.
    Control,
}

/// Why a request is not served: an HTTP status and a sentence.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub message: String,
    /// Those that the status asks for.
    pub headers: Vec<(&'static str, String)>,
    /// What is wrong with which parameter (§5.2.4).
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

    /// 200 with a body of some media type.
    pub fn ok(media_type: &str, body: Vec<u8>) -> Self {
        Self::new(200, vec![("Content-Type", media_type.into())], body)
    }

    /// 200 with the envelope of V2: the data, and `Status` 1.
    pub fn data<T: Serialize>(data: &T) -> Result<Self, Refusal> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Envelope<'a, T> {
            data: &'a T,
            status: u8,
        }
        Self::json(200, &Envelope { data, status: 1 })
    }

    /// Bare JSON.
    pub fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Result<Self, Refusal> {
        let body = serde_json::to_vec(body).map_err(|error| Refusal::server(&error))?;
        Ok(Self { status, ..Self::ok(JSON, body) })
    }

    /// 200 without a body.
    pub fn empty() -> Self {
        Self::new(200, Vec::new(), Vec::new())
    }

    /// 204: there is nothing.
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

    /// 400 for parameters, each with what is wrong with it (§5.2.4).
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

    /// Returns the refusal as a response. V2 has no documented error body, only the remark that `Status` is 0 then (R3); V3
    /// has one for 400, with a `Status` of 2 (R115).
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
    // Serde would read a list as an object's values in turn.
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

    /// Returns the value of a key in exactly this spelling.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Returns keys and values as they came.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}
