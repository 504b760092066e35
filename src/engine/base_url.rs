//! Base URLs as callers write them: joined as strings, parsed by the platform afterwards.

/// The path that follows `baseUrl` in the legacy form (§3.1).
pub(crate) const LEGACY_PATH: &str = "api/third-party/v2";

/// Returns `domain` as a string that a URL parser accepts; the scheme is https by default.
pub(crate) fn with_scheme(domain: &str) -> String {
    let domain = domain.trim();
    let has_scheme = domain.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//"));
    if has_scheme || domain.starts_with('/') { domain.to_owned() } else { ["https://", domain].concat() }
}

/// Returns `base/path`, with exactly one slash in between and none at the end.
pub(crate) fn join(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    match path.trim_matches('/') {
        "" => base.to_owned(),
        path => [base, "/", path].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_without_a_scheme_is_https() {
        assert_eq!(with_scheme("bff.cloud.example"), "https://bff.cloud.example");
        assert_eq!(with_scheme(" localhost:4010 "), "https://localhost:4010");
        assert_eq!(with_scheme("http://localhost:4010"), "http://localhost:4010");
        assert_eq!(with_scheme("/proxy"), "/proxy");
    }

    #[test]
    fn slashes_at_the_seams_do_not_matter() {
        for (base, path) in [("https://a/x", "p/q"), ("https://a/x/", "/p/q/"), ("https://a/x//", "/p/q")] {
            assert_eq!(join(base, path), "https://a/x/p/q");
        }
        assert_eq!(join("https://a/", "/"), "https://a");
    }
}
