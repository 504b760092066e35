//! Requests and responses, as much of them as the API needs.

use std::io;

use serde::Serialize;

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

/// The sandbox's answer. A 204 has no body and no Content-Length.
#[derive(Debug)]
pub struct Response {
    /// Of HTTP.
    pub status: u16,
    /// Names and values; no name comes twice.
    pub headers: Vec<(&'static str, String)>,
    /// Empty if there is none.
    pub body: Vec<u8>,
}

/// Why a request is not served: an HTTP status and a sentence.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub message: String,
    /// A header that the status asks for.
    pub header: Option<(&'static str, String)>,
}

impl Response {
    /// 200 with a body of some media type.
    pub fn ok(media_type: &str, body: Vec<u8>) -> Self {
        Self { status: 200, headers: vec![("Content-Type", media_type.into())], body }
    }

    /// 200 with the envelope of V2: the data, and `Status` 1.
    pub fn data<T: Serialize>(data: &T) -> Result<Self, Refusal> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Envelope<'a, T> {
            data: &'a T,
            status: u8,
        }
        Self::json(&Envelope { data, status: 1 })
    }

    /// 200 with bare JSON.
    pub fn json<T: Serialize>(body: &T) -> Result<Self, Refusal> {
        let body = serde_json::to_vec(body).map_err(|error| Refusal::server(&error))?;
        Ok(Self::ok("application/json; charset=utf-8", body))
    }

    /// 204: nothing there.
    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new() }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Refusal {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), header: None }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub fn unauthorized() -> Self {
        let header = Some(("WWW-Authenticate", "Bearer".into()));
        Self { header, ..Self::new(401, "The access token is missing or wrong.") }
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, message)
    }

    pub fn method_not_allowed(allow: &str) -> Self {
        let header = Some(("Allow", allow.into()));
        Self { header, ..Self::new(405, format!("This call answers {allow} only.")) }
    }

    pub fn server(error: &dyn std::error::Error) -> Self {
        Self::new(500, format!("The sandbox failed: {error}."))
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::server(&error)
    }
}

impl From<Refusal> for Response {
    /// V2 has no documented error body, only the remark that `Status` is 0 then (R3).
    fn from(refusal: Refusal) -> Self {
        let body = serde_json::json!({ "Status": 0, "Message": refusal.message }).to_string().into_bytes();
        let headers = [("Content-Type", "application/json; charset=utf-8".into())].into_iter().chain(refusal.header);
        Self { status: refusal.status, headers: headers.collect(), body }
    }
}

/// A query's keys and values, decoded.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The value of a key in exactly this spelling.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}
