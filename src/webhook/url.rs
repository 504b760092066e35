//! The URLs that a practice registers. Checked by hand: a URL parser would weigh more than the rest of the module.

/// `domain/path` with one slash between and none at the end; a domain without a scheme is https.
pub fn join(domain: &str, path: &str) -> String {
    let domain = domain.trim().trim_end_matches('/');
    let scheme = if domain.contains("://") { "" } else { "https://" };
    let path = path.trim().trim_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{scheme}{domain}{slash}{path}")
}

/// Whether a token may travel to this URL: it is https, or http to this very machine.
pub fn is_safe(url: &str) -> bool {
    let printable = url.bytes().all(|byte| byte.is_ascii_graphic());
    let Some((scheme, rest)) = url.split_once("://").filter(|_| printable && !url.contains(['#', '\\'])) else {
        return false;
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let plain = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte));
    match scheme {
        _ if !is_port(port) => false,
        "https" => plain,
        "http" => ["localhost", "127.0.0.1", "::1"].contains(&host),
        _ => false,
    }
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

/// A URL without its query, which may hold a secret.
pub fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_only_to_this_machine() {
        for url in [
            "https://api.example",
            "https://api.example:8443/a/b?c=d",
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
            "https://user:pass@api.example",
            "https://",
            "https:///path",
            "https://api.example:port",
            "https://api.example#x",
            "https://api.example\\@evil.example",
            "https://a b",
            "ftp://api.example",
            "//api.example",
            "api.example",
            "",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }

    #[test]
    fn a_location_of_discovery_becomes_one_url() {
        assert_eq!(join("bff.example", "/x/y/"), "https://bff.example/x/y");
        assert_eq!(join("http://localhost:4010/", ""), "http://localhost:4010");
    }
}
