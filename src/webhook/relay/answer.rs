//! What a page gets for a call that was passed on: the API's response, or something else instead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::api::endpoint::Method;
use crate::engine::follow::{LIMIT, goes_along};
use crate::webhook::reply::Reply;
use crate::webhook::url;

/// The response headers that are passed on.
const PASSED: [&str; 5] = ["content-type", "content-length", "content-encoding", "content-disposition", "retry-after"];

/// The result of a call.
#[derive(Deserialize)]
pub struct Answer {
    /// The method of the call.
    pub method: Method,
    /// The URL that was called, the last one after redirects.
    pub url: String,
    /// The locations of the practice.
    pub bases: Vec<String>,
    /// How many redirects were followed.
    pub followed: u32,
    /// Whether the call was made with a renewed token.
    pub renewed: bool,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a call ended.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// There was a response.
    Response {
        /// The response's status.
        status: u16,
        /// The response's headers, with names in lower case.
        headers: BTreeMap<String, String>,
    },
    /// The connection failed.
    Network,
    /// There was no response in time.
    Silence,
}

/// What to do next: a JSON object with one key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Next {
    /// Pass on the response's body with this status and these headers.
    Pass {
        /// The status.
        status: u16,
        /// Names and values.
        headers: Vec<(&'static str, String)>,
    },
    /// Renew the token and repeat the call.
    Renew {},
    /// Call this URL.
    Follow(String),
    /// Reply with this reply.
    Reply(Reply),
}

impl Answer {
    /// Returns what to do next.
    pub fn next(&self) -> Next {
        let (status, headers) = match &self.outcome {
            Outcome::Response { status, headers } => (*status, headers),
            Outcome::Network => return bad_gateway("The API cannot be reached."),
            Outcome::Silence => return Next::Reply(Reply::problem(504, "The API did not respond in time.")),
        };
        let header = |name: &str| headers.get(name).map(String::as_str);
        match status {
            401 if !self.renewed => Next::Renew {},
            // The renewed token was refused, too. A 401 would mean that the page's session was refused.
            401 => Next::Reply(Reply::unavailable("The API does not accept the practice's token.")),
            300..=399 => self.redirected(status, header("location").unwrap_or_default()),
            _ if header("content-type").is_some_and(is_web_page) => no_answer(status, header("retry-after")),
            200..=299 | 400..=599 => {
                let is_encoded = header("content-encoding").is_some();
                let passed = PASSED.into_iter().filter(|name| !(is_encoded && *name == "content-length"));
                let passed = passed.filter_map(|name| Some((name, header(name)?.to_owned())));
                Next::Pass { status, headers: passed.chain([("cache-control", "no-store".to_owned())]).collect() }
            }
            _ => bad_gateway("The API answered with a status that means nothing."),
        }
    }

    fn redirected(&self, status: u16, location: &str) -> Next {
        let elsewhere = || bad_gateway("The API answered with a redirect that is not followed.");
        if !goes_along(self.method, status) || self.followed >= LIMIT {
            return elsewhere();
        }
        let Some((url, origin)) = url::resolve(location, &self.url) else { return elsewhere() };
        let is_own = self.bases.iter().any(|base| url::resolve(base, base).is_some_and(|(_, own)| own == origin));
        if is_own && url::is_safe(&url) { Next::Follow(url) } else { elsewhere() }
    }
}

/// Replaces a web page, which comes from a proxy, a firewall or a login and must not reach the page. A status that reports a
/// failure is kept.
fn no_answer(status: u16, retry_after: Option<&str>) -> Next {
    let detail = "The API returned a web page instead of a response.";
    if status != 429 && status < 500 {
        return bad_gateway(detail);
    }
    let reply = Reply::problem(status, detail);
    Next::Reply(match retry_after {
        Some(seconds) => reply.with("retry-after", seconds),
        None => reply,
    })
}

fn is_web_page(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|page| kind.eq_ignore_ascii_case(page))
}

fn bad_gateway(detail: &str) -> Next {
    Next::Reply(Reply::problem(502, detail))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn next(method: &str, status: u16, headers: Value) -> Next {
        response(method, status, headers).next()
    }

    fn response(method: &str, status: u16, headers: Value) -> Answer {
        answer(method, json!({ "response": { "status": status, "headers": headers } }))
    }

    fn answer(method: &str, outcome: Value) -> Answer {
        let answer = json!({ "method": method, "url": "https://api.example/v2/orders/1?a=b", "followed": 0, "renewed": false,
            "bases": ["https://api.example/v2", "https://three.example:8443/v3"], "outcome": outcome });
        serde_json::from_value(answer).unwrap()
    }

    fn status(next: Next) -> u16 {
        match next {
            Next::Reply(reply) => {
                assert!(!reply.body.contains("example"), "{}", reply.body);
                reply.status
            }
            Next::Pass { status, .. } => panic!("{status} passes"),
            Next::Renew {} => panic!("it is renewed"),
            Next::Follow(url) => panic!("{url} is followed"),
        }
    }

    #[test]
    fn a_response_passes_with_the_headers_that_a_page_needs_and_no_other() {
        let headers = json!({
            "content-type": "application/json", "content-length": "7", "content-disposition": "attachment",
            "retry-after": "3", "set-cookie": "a=b", "server": "x", "location": "https://api.example", "etag": "x",
            "access-control-allow-origin": "*", "x-patient": "x", "cache-control": "public", "www-authenticate": "Bearer",
        });
        for code in [200, 204, 400, 403, 404, 409, 429, 500, 599] {
            let Next::Pass { status, headers } = next("GET", code, headers.clone()) else { panic!() };
            let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
            let passed = ["content-type", "content-length", "content-disposition", "retry-after", "cache-control"];
            assert_eq!((status, &*names), (code, &passed[..]));
            assert_eq!(headers[4].1, "no-store");
        }
        let encoded = json!({ "content-encoding": "gzip", "content-length": "7" });
        let Next::Pass { headers, .. } = next("GET", 200, encoded) else { panic!() };
        assert_eq!(headers[0], ("content-encoding", "gzip".to_owned()));
        assert_eq!(headers.len(), 2, "it may be encoded again, and then has another length");
    }

    #[test]
    fn a_token_that_the_api_refuses_is_renewed_once_and_is_never_a_401() {
        assert!(matches!(next("POST", 401, json!({})), Next::Renew {}));
        let again = Answer { renewed: true, ..response("POST", 401, json!({})) };
        assert_eq!(status(again.next()), 503);
    }

    #[test]
    fn a_redirect_is_followed_within_the_practices_own_origins() {
        let to = |method: &str, code: u16, location: &str| next(method, code, json!({ "location": location }));
        for (location, url) in [
            ("/v2/other", "https://api.example/v2/other"),
            ("https://three.example:8443/x?y", "https://three.example:8443/x?y"),
            ("../x", "https://api.example/v2/x"),
        ] {
            assert!(matches!(to("GET", 302, location), Next::Follow(to) if to == url), "{location}");
        }
        for location in [
            "https://evil.example/",
            "//evil.example/",
            "http://api.example/",
            "https://api.example:8443/",
            "https://three.example/",
            "https://user:pass@api.example/",
            "https://api.example.evil.example/",
            "ftp://api.example/",
            "javascript:alert(1)",
            "https://",
        ] {
            assert_eq!(status(to("GET", 302, location)), 502, "{location}");
        }
        for (method, code) in [("POST", 307), ("PATCH", 308), ("DELETE", 302), ("GET", 300), ("GET", 304)] {
            assert_eq!(status(to(method, code, "/v2/other")), 502, "{method} {code}");
        }
        assert!(matches!(to("DELETE", 307, "/v2/other"), Next::Follow(_)));
        let endless = Answer { followed: 5, ..response("GET", 302, json!({ "location": "/" })) };
        assert_eq!(status(endless.next()), 502);
    }

    #[test]
    fn what_is_no_answer_of_the_api_has_one_of_the_relays_own() {
        assert_eq!(status(answer("GET", json!("network")).next()), 502);
        assert_eq!(status(answer("GET", json!("silence")).next()), 504);
        let page = |code| next("GET", code, json!({ "content-type": "Text/HTML; charset=utf-8", "retry-after": "9" }));
        for (code, answered) in [(200, 502), (403, 502), (404, 502), (429, 429), (500, 500), (503, 503)] {
            assert_eq!(status(page(code)), answered, "{code}");
        }
        assert!(matches!(page(503), Next::Reply(reply) if reply.headers["retry-after"] == "9"));
        for code in [100, 199, 600, 999] {
            assert_eq!(status(next("GET", code, json!({}))), 502, "{code}");
        }
    }
}
