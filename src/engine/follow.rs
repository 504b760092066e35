//! Which redirects a call follows, wherever it is made from.

use crate::api::endpoint::Method;

/// How many redirects one request follows.
pub(crate) const LIMIT: u32 = 5;

/// Whether a call with this method goes where a redirect with this status leads. What is sent goes nowhere else, since it may
/// name a patient, and a delete must not become a read.
pub(crate) fn goes_along(method: Method, status: u16) -> bool {
    match method {
        Method::Get => matches!(status, 301 | 302 | 303 | 307 | 308),
        Method::Delete => matches!(status, 307 | 308),
        Method::Post | Method::Patch => false,
    }
}
