//! What a response's status and headers mean.

use super::error::{DpmsError, ErrorKind};
use super::redirect::Redirect;
use crate::api::endpoint::Hint;
use crate::json::digits;
use crate::schema::decode::DecodeError;

/// Returns the failure of a response with this status; `None` for a success.
///
/// Only the status decides, never the body: the document does not specify error bodies (R3). `hints` are what the resource's
/// section of the document recommends for some statuses.
pub(crate) fn failure(status: u16, hints: &[Hint]) -> Option<DpmsError> {
    if matches!(status, 200..=299) {
        return None;
    }
    let kind = match status {
        401 | 403 => ErrorKind::Unauthorized,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        425 | 500.. => ErrorKind::Server,
        _ => ErrorKind::BadRequest,
    };
    let general = match kind {
        ErrorKind::Unauthorized if status == 401 => {
            "The access token was refused: check that it is this practice's own and has not expired."
        }
        ErrorKind::Unauthorized => {
            "The access token may not do this: check with iTero what is enabled for the practice."
        }
        ErrorKind::NotFound => "There is no such thing, or endpoints does not lead to the API.",
        ErrorKind::Timeout => "The server waited too long for the request: try again.",
        ErrorKind::Conflict => "More than one patient fits.",
        ErrorKind::RateLimited => "Too many requests: wait before the next one.",
        ErrorKind::Server => "The API failed: try again later.",
        _ if matches!(status, 300..=399) => "The response is a redirect that is not followed: check endpoints.",
        _ => "The API refused the request: check its values.",
    };
    let specific = hints.iter().find(|(code, _)| *code == status).map(|(_, hint)| *hint);
    let mut error = DpmsError::new(kind, specific.unwrap_or(general)).with_status(status);
    // Proxies send 520 to 524 and 529 for an API that is unreachable or overloaded. Other statuses above 500 are permanent.
    error.retryable = matches!(status, 408 | 425 | 429 | 500 | 502..=504 | 520..=524 | 529);
    Some(error)
}

/// Returns the failure of a response that could not be read.
pub(crate) fn unreadable(error: &DecodeError) -> DpmsError {
    match error {
        DecodeError::Empty => decode("The response is empty where JSON is documented: check endpoints."),
        DecodeError::Html => decode(
            "The response is a web page, not JSON: endpoints probably leads to a login page, a proxy or a web site.",
        ),
        DecodeError::NotJson => decode("The response is not JSON: check endpoints, and any proxy in between."),
        DecodeError::CutShort => truncated(),
        DecodeError::TooLarge => too_large(),
        DecodeError::Refused => DpmsError::new(
            ErrorKind::Server,
            "The API answered 200 with a status that means failure: try again later, then ask iTero.",
        ),
        DecodeError::Field(path) => {
            let what = if path.is_empty() { "The response" } else { path };
            decode(&[what, " is missing or of another type than documented: report it with this path."].concat())
        }
    }
}

fn decode(message: &str) -> DpmsError {
    DpmsError::new(ErrorKind::Decode, message)
}

/// Returns the failure of a body that ended early.
pub(crate) fn truncated() -> DpmsError {
    DpmsError::new(ErrorKind::Truncated, "The response ended early: try again.")
}

/// Returns the failure of a response that is too large.
pub(crate) fn too_large() -> DpmsError {
    let message = "The response or its content is larger than maxResponseBytes: request fewer rows, or raise it.";
    DpmsError::new(ErrorKind::TooLarge, message)
}

/// Returns the failure of a list that has not ended after this number of rows.
pub(crate) fn endless(rows: u32) -> DpmsError {
    let message = ["The list goes on after ", &digits(rows.into()), " rows: ask for fewer, or report it to iTero."];
    DpmsError::new(ErrorKind::TooLarge, message.concat())
}

/// Returns the failure of a server that has sent nothing for too long.
pub(crate) fn timeout(timeout_ms: f64) -> DpmsError {
    let ms = digits(timeout_ms as u64);
    let message = ["The server was silent for ", &ms, " ms: try again, or raise timeoutMs."].concat();
    DpmsError::new(ErrorKind::Timeout, message)
}

/// Returns the failure of a call that took longer than allowed.
pub(crate) fn late(deadline_ms: f64) -> DpmsError {
    let ms = digits(deadline_ms as u64);
    DpmsError::new(
        ErrorKind::Timeout,
        ["The call took longer than ", &ms, " ms: try again, or raise deadlineMs."].concat(),
    )
}

/// Returns the failure of a request that got no response, with the platform's error code.
pub(crate) fn network(code: Option<String>) -> DpmsError {
    let message = "No answer: the host is unknown or unreachable, the connection was cut, or, in a browser, CORS forbids \
                   the call. Check endpoints and the network.";
    let mut error = DpmsError::new(ErrorKind::Network, message);
    error.code = code;
    error
}

/// The headers of a response that matter; empty where a header is missing.
#[derive(Clone, Default, Debug)]
pub(crate) struct Headers {
    pub redirect: Redirect,
    pub content_type: String,
    pub content_length: String,
    pub content_encoding: String,
    pub retry_after: String,
    /// Whether the response is from another origin, so that CORS may hide headers.
    pub cross_origin: bool,
}

/// The length of a body, in bytes, as its headers declare it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct BodyLength {
    pub bytes: u64,
    /// Whether a shorter body has certainly been cut. False where CORS may hide that this is the compressed length.
    pub exact: bool,
}

impl BodyLength {
    /// Whether a body can be complete.
    pub(crate) fn fits(self, body: &[u8]) -> bool {
        !self.exact || body.len() as u64 >= self.bytes
    }
}

/// Reads the declared length of a body from its headers; `None` if it is compressed or not declared.
pub(crate) fn body_length(headers: &Headers) -> Option<BodyLength> {
    let encoding = &headers.content_encoding;
    let plain = encoding.is_empty() || encoding.eq_ignore_ascii_case("identity");
    let bytes = headers.content_length.parse().ok().filter(|_| plain)?;
    Some(BodyLength { bytes, exact: !encoding.is_empty() || !headers.cross_origin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_kind() {
        let kind = |status| failure(status, &[]).map(|error| (error.kind, error.retryable));
        assert_eq!(kind(200), None);
        assert_eq!(kind(204), None);
        assert_eq!(kind(302), Some((ErrorKind::BadRequest, false)));
        assert_eq!(kind(400), Some((ErrorKind::BadRequest, false)));
        assert_eq!(kind(401), Some((ErrorKind::Unauthorized, false)));
        assert_eq!(kind(403), Some((ErrorKind::Unauthorized, false)));
        assert_eq!(kind(404), Some((ErrorKind::NotFound, false)));
        assert_eq!(kind(408), Some((ErrorKind::Timeout, true)));
        assert_eq!(kind(409), Some((ErrorKind::Conflict, false)));
        assert_eq!(kind(418), Some((ErrorKind::BadRequest, false)));
        assert_eq!(kind(429), Some((ErrorKind::RateLimited, true)));
        for status in [501, 505, 511, 519, 525, 526, 527, 530, 599, 999] {
            assert_eq!(kind(status), Some((ErrorKind::Server, false)));
        }
        for status in [425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529] {
            assert_eq!(kind(status), Some((ErrorKind::Server, true)));
        }
    }

    #[test]
    fn the_resources_own_hint_comes_first() {
        let hints = [(404, "Not scanned yet.")];
        assert_eq!(failure(404, &hints).unwrap().message, "Not scanned yet.");
        assert_ne!(failure(400, &hints).unwrap().message, "Not scanned yet.");
    }

    #[test]
    fn a_length_counts_only_for_a_body_that_is_not_compressed() {
        let length = |content_length, content_encoding, cross_origin| {
            let (content_length, content_encoding) = (String::from(content_length), String::from(content_encoding));
            body_length(&Headers { content_length, content_encoding, cross_origin, ..Headers::default() })
        };
        let exact = |exact| Some(BodyLength { bytes: 10, exact });
        assert_eq!(length("10", "", false), exact(true));
        assert_eq!(length("10", "identity", true), exact(true));
        assert_eq!(length("10", "", true), exact(false));
        assert_eq!(length("10", "gzip", false), None);
        assert_eq!(length("ten", "", false), None);
        assert_eq!(length("", "", false), None);
    }
}
