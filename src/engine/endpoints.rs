//! Where the calls go, and which origins may see the token. Pure: URLs are parsed by the platform at the edge.

/// The bases of the two versions of the API, each an absolute URL without a trailing slash (R2).
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Endpoints {
    pub v2: Option<Base>,
    pub v3: Option<Base>,
}

/// An absolute URL under which calls live.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Base {
    /// Without a trailing slash, query or fragment.
    pub url: String,
    pub origin: String,
}

/// What `baseUrl` stands before in the legacy form (§3.1).
pub(crate) const LEGACY_PATH: &str = "api/third-party/v2";

/// `domain` as text that a URL parser can take: without a scheme it is https.
pub(crate) fn with_scheme(domain: &str) -> String {
    let domain = domain.trim();
    let has_scheme = domain.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//"));
    if has_scheme || domain.starts_with('/') { domain.to_owned() } else { ["https://", domain].concat() }
}

/// `base/path` with exactly one slash between and none at the end.
pub(crate) fn join(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    match path.trim_matches('/') {
        "" => base.to_owned(),
        path => [base, "/", path].concat(),
    }
}

impl Endpoints {
    /// Whether the token may be sent to `origin`: only to the configured bases and what the caller trusts.
    pub(crate) fn trusts(&self, origin: &str, also: &[String]) -> bool {
        let configured = [&self.v2, &self.v3].into_iter().flatten().map(|base| &base.origin);
        configured.chain(also).any(|trusted| trusted == origin)
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

    #[test]
    fn only_configured_and_trusted_origins_may_see_the_token() {
        let base = |origin: &str| Some(Base { url: format!("{origin}/api"), origin: origin.into() });
        let endpoints = Endpoints { v2: base("https://two.example"), v3: base("https://three.example") };
        let also = ["https://files.example".to_owned()];
        for origin in ["https://two.example", "https://three.example", "https://files.example"] {
            assert!(endpoints.trusts(origin, &also), "{origin}");
        }
        for origin in ["http://two.example", "https://two.example:8443", "https://two.example.evil.example", "null", ""]
        {
            assert!(!endpoints.trusts(origin, &also), "{origin}");
        }
    }
}
