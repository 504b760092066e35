//! Which pages may read a reply (CORS): those of the origins that the operator allows, compared exactly.

use super::reply::{Headers, Reply};

/// The headers that a page may read besides those that every page may.
const EXPOSED: &str = "Content-Type, Content-Length, Content-Encoding, Content-Disposition, Retry-After";

/// Returns whether a page of this origin may read replies.
pub fn is_allowed(origin: &str, allowed: &str) -> bool {
    !origin.is_empty() && allowed.split(',').any(|allowed| allowed.trim() == origin)
}

/// Returns the headers for every reply to a request from this origin; only `Vary` if it is not an allowed page's.
pub fn headers(origin: Option<&str>, allowed: &str) -> Headers {
    let mut headers = Headers::from([("vary", "Origin".into())]);
    if let Some(origin) = origin.filter(|origin| is_allowed(origin, allowed)) {
        headers.insert("access-control-allow-origin", origin.into());
        headers.insert("access-control-expose-headers", EXPOSED.into());
    }
    headers
}

/// Returns the reply to a preflight request.
pub fn preflight(origin: Option<&str>, allowed: &str) -> Reply {
    if !origin.is_some_and(|origin| is_allowed(origin, allowed)) {
        return Reply::problem(403, "The page's origin is not in ALLOWED_ORIGINS.").with("vary", "Origin");
    }
    let mut headers = headers(origin, allowed);
    headers.insert("access-control-allow-methods", "GET, POST, PATCH, DELETE".into());
    headers.insert("access-control-allow-headers", "Authorization, Content-Type".into());
    headers.insert("access-control-max-age", "600".into());
    Reply { status: 204, headers, body: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_allowed_by_its_exact_spelling() {
        let allowed = "https://portal.example, http://localhost:8080";
        assert!(is_allowed("https://portal.example", allowed) && is_allowed("http://localhost:8080", allowed));
        for origin in [
            "",
            "null",
            "*",
            "https://portal.example/",
            "https://portal.example:443",
            "HTTPS://portal.example",
            "https://portal.example.evil.example",
            "https://sub.portal.example",
            "http://portal.example",
            "https://portal.example, http://localhost:8080",
        ] {
            assert!(!is_allowed(origin, allowed), "{origin}");
        }
        assert!(!is_allowed("", "") && !is_allowed("", ","));
    }

    #[test]
    fn a_foreign_origin_gets_no_header_of_cors() {
        let foreign = Some("https://evil.example");
        for headers in [headers(foreign, "https://a.example"), preflight(foreign, "").headers, headers(None, "")] {
            assert_eq!(headers.get("vary").map(String::as_str), Some("Origin"));
            assert!(!headers.keys().any(|name| name.starts_with("access-control")), "{headers:?}");
        }
        let own = preflight(Some("https://a.example"), "https://a.example");
        assert_eq!((own.status, &*own.headers["access-control-max-age"]), (204, "600"));
    }
}
