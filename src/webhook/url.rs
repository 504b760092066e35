//! Which URLs a practice may register. They are parsed by the platform's `URL`, which also parses them when they are fetched,
//! so that both parse the same host.

/// Returns whether a token may be sent to this URL: it is https, or http to this machine, without credentials and fragment.
pub fn is_safe(text: &str) -> bool {
    // A parser drops line breaks, and treats a backslash as a slash.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['#', '\\']) {
        return false;
    }
    let Some(url) = Parsed::new(text).filter(|url| !url.has_credentials) else { return false };
    // The parser also corrects `https:///host` and `http://0x7f.1`, which are mistakes or attacks.
    let start = format!("{}//{}", url.protocol, url.hostname);
    let is_canonical = text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(&start));
    is_canonical
        && match url.protocol.as_str() {
            "https:" => true,
            "http:" => ["localhost", "127.0.0.1", "[::1]"].contains(&url.hostname.as_str()),
            _ => false,
        }
}

/// Returns the URL that a link leads to, relative to `base`, and that URL's origin.
pub fn resolve(link: &str, base: &str) -> Option<(String, String)> {
    #[cfg(target_arch = "wasm32")]
    let url = web_sys::Url::new_with_base(link, base).ok().map(|url| (url.href(), url.origin()));
    #[cfg(not(target_arch = "wasm32"))]
    let url = ::url::Url::parse(base).and_then(|base| base.join(link)).ok();
    #[cfg(not(target_arch = "wasm32"))]
    let url = url.map(|url| (url.to_string(), url.origin().ascii_serialization()));
    url
}

/// The parts of a URL, as the platform parses them.
struct Parsed {
    /// With the colon.
    protocol: String,
    /// An IPv6 address is in brackets.
    hostname: String,
    has_credentials: bool,
}

impl Parsed {
    #[cfg(target_arch = "wasm32")]
    fn new(text: &str) -> Option<Self> {
        let url = web_sys::Url::new(text).ok()?;
        let has_credentials = !url.username().is_empty() || !url.password().is_empty();
        Some(Self { protocol: url.protocol(), hostname: url.hostname(), has_credentials })
    }

    /// The same standard, for tests without JavaScript.
    #[cfg(not(target_arch = "wasm32"))]
    fn new(text: &str) -> Option<Self> {
        let url = ::url::Url::parse(text).ok()?;
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        let hostname = url.host_str()?.to_owned();
        Some(Self { protocol: format!("{}:", url.scheme()), hostname, has_credentials })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_only_to_this_machine() {
        for url in [
            "https://api.example",
            "https://API.example",
            "https://api.example:8443/a/b?c=d",
            "https://api.example:443",
            "https://[2001:db8::1]/x",
            "http://localhost:4010",
            "http://127.0.0.1/",
            "http://[::1]:8787/x",
        ] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://api.example",
            "http://localhost.example",
            "http://localhost@api.example",
            "http://localhost:pass@localhost",
            "http://0x7f.1",
            "http://127.1",
            "https://user:pass@api.example",
            "https://",
            "https:///path",
            "https:api.example",
            "https://api.example:port",
            "https://api.example:99999",
            "https://api.example#x",
            "https://api.example\\@evil.example",
            "https://%61pi.example",
            "https://a b",
            "https://api.example/\n",
            "ftp://api.example",
            "javascript:alert(1)",
            "//api.example",
            "api.example",
            "",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }
}
