//! Which redirects a call follows, in the client and in the edge function alike.

use crate::api::endpoint::Method;

/// How many redirects one request follows.
pub(crate) const LIMIT: u32 = 5;

/// Whether a call with this method follows a redirect with this status. A POST or PATCH never does, since its body may name a
/// patient, and a DELETE must not become a GET.
pub(crate) fn goes_along(method: Method, status: u16) -> bool {
    match method {
        Method::Get => matches!(status, 301 | 302 | 303 | 307 | 308),
        Method::Delete => matches!(status, 307 | 308),
        Method::Post | Method::Patch => false,
    }
}
