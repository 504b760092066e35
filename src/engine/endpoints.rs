//! Where the calls go, and which origins may see the token. Pure: URLs are parsed by the platform at the edge.

pub(crate) use super::base_url::{LEGACY_PATH, join, with_scheme};

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
