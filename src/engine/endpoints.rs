//! Where the calls go, and which origins may see the token. The platform parses URLs, outside of this layer.

use super::error::{DpmsError, ErrorKind};
use crate::api::endpoint::{Endpoint, Version};

pub(crate) use super::base_url::{LEGACY_PATH, join, with_scheme};

/// The bases of the two versions of the API, each an absolute URL without a trailing slash (R2).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Endpoints {
    pub v2: Option<Base>,
    pub v3: Option<Base>,
    /// Whether they belong to an edge function, which passes calls on to the API or refuses them with a response of its own.
    pub is_relay: bool,
}

/// An absolute URL that the paths of calls are added to.
#[derive(Clone, PartialEq, Debug)]
pub struct Base {
    /// Without a trailing slash, query or fragment.
    pub url: String,
    pub origin: String,
}

impl Endpoints {
    /// Returns the base URL of a version.
    pub(crate) fn base(&self, version: Version) -> Result<&str, DpmsError> {
        let (base, missing) = match version {
            Version::V2 => (&self.v2, "Nothing was sent: this call needs endpoints.v2 or endpoints.baseUrl."),
            Version::V3 => (
                &self.v3,
                "Nothing was sent: this call needs endpoints.v3, which Discovery gives; there is no older form of it.",
            ),
        };
        match base {
            Some(base) => Ok(&base.url),
            None => Err(DpmsError::new(ErrorKind::InvalidArgument, missing)),
        }
    }

    /// Returns the URL of an endpoint, with `segments` in place of its path's `:names`, in their order.
    pub(crate) fn url(&self, endpoint: &Endpoint, segments: &[&str]) -> Result<String, DpmsError> {
        Ok([self.base(endpoint.version)?, "/", &endpoint.path_of(segments)].concat())
    }

    /// Whether the token may be sent to `origin`: only the origins of the configured bases and those that the caller trusts.
    pub(crate) fn trusts(&self, origin: &str, also: &[String]) -> bool {
        let configured = [&self.v2, &self.v3].into_iter().flatten().map(|base| &base.origin);
        configured.chain(also).any(|trusted| trusted == origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_one_whatever_it_holds() {
        let base = Base { url: "https://a/x".into(), origin: "https://a".into() };
        let endpoints = Endpoints { v2: Some(base), v3: None, is_relay: false };
        let url = |segments: &[&str]| endpoints.url(&crate::api::downloads::CAPTURE, segments).ok().unwrap();
        assert_eq!(url(&["17", "Az09-_.~"]), "https://a/x/order/17/download/SCREEN_CAPTURE/Az09-_.~");
        let odd = url(&["17", "a/b c?#%ü:x"]);
        assert_eq!(odd, "https://a/x/order/17/download/SCREEN_CAPTURE/a%2Fb%20c%3F%23%25%C3%BC%3Ax");
        let no_version = endpoints.url(&crate::api::patients::LIST, &[]).err().unwrap();
        assert!(no_version.message.contains("endpoints.v3"));
    }

    #[test]
    fn only_configured_and_trusted_origins_may_see_the_token() {
        let base = |origin: &str| Some(Base { url: format!("{origin}/api"), origin: origin.into() });
        let endpoints =
            Endpoints { v2: base("https://two.example"), v3: base("https://three.example"), is_relay: false };
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
