//! Which calls are passed on: those of the API document, by the endpoints that the client uses, and nothing else.

use percent_encoding::percent_decode_str;

use crate::api::calls::ENDPOINTS;
use crate::api::endpoint::{Endpoint, Method, Returns, Version, path_of};
use crate::api::scope::Scope;
use crate::schema::request::Shape;

/// The most keys that a query can have.
const MOST_KEYS: usize = 12;

/// A call that is passed on: only what is needed of its endpoint, since the rest would make the module larger.
pub struct Route {
    pub method: Method,
    pub version: Version,
    /// The path as a template, such as `orders/:rxId`.
    pub path: &'static str,
    pub scope: Scope,
    /// Whether a successful response is a file.
    pub is_download: bool,
    /// The keys of its query; the unused ones at the end are empty.
    keys: [&'static str; MOST_KEYS],
}

/// How many endpoints are calls of the API document.
const COUNT: usize = {
    let (mut at, mut count) = (0, 0);
    while at < ENDPOINTS.len() {
        count += ENDPOINTS[at].1.scope.is_some() as usize;
        at += 1;
    }
    count
};

static ROUTES: [Route; COUNT] = {
    const FIRST: Route = route(&ENDPOINTS[0].1, Scope::PracticeRead);
    let mut routes = [FIRST; COUNT];
    let (mut at, mut count) = (0, 0);
    while at < ENDPOINTS.len() {
        if let Some(scope) = ENDPOINTS[at].1.scope {
            routes[count] = route(&ENDPOINTS[at].1, scope);
            count += 1;
        }
        at += 1;
    }
    routes
};

const fn route(endpoint: &Endpoint, scope: Scope) -> Route {
    let mut keys = [""; MOST_KEYS];
    let mut count = 0;
    let mut shape: Option<&Shape> = if endpoint.method.sends_body() { None } else { endpoint.takes.as_ref() };
    while let Some(declared) = shape {
        let mut at = 0;
        while at < declared.fields.len() {
            keys[count] = declared.fields[at].key;
            count += 1;
            at += 1;
        }
        shape = declared.base;
    }
    Route {
        method: endpoint.method,
        version: endpoint.version,
        path: endpoint.path,
        scope,
        is_download: matches!(endpoint.returns, Returns::File),
        keys,
    }
}

/// What a request calls.
pub struct Target {
    /// The call.
    pub route: &'static Route,
    /// The path relative to the base URL, with its query. It is rebuilt from its parts, so that nothing of the request's
    /// spelling is passed on.
    pub path: String,
}

/// Returns the call of a request; `None` if it is not in the API document.
pub fn target(method: &str, version: Version, path: &str, query: &str) -> Option<Target> {
    let segments = path.split('/').map(segment).collect::<Option<Vec<_>>>()?;
    let candidates = ROUTES.iter().filter(|route| route.method.name() == method && route.version == version);
    let fitting = candidates.filter_map(|route| Some((route, names(route.path, &segments)?)));
    let (route, names) = fitting.min_by_key(|(_, names)| names.len())?;
    let mut path = path_of(route.path, &names);
    let mut written = form_urlencoded::Serializer::new(String::new());
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
        let key = *route.keys.iter().find(|known| **known == key && !seen.contains(known) && !known.is_empty())?;
        seen.push(key);
        written.append_pair(key, &value);
    }
    if !seen.is_empty() {
        path.push('?');
        path.push_str(&written.finish());
    }
    Some(Target { route, path })
}

/// Returns the values of a template's `:names`; `None` if the path does not match.
fn names<'a>(template: &str, segments: &'a [String]) -> Option<Vec<&'a str>> {
    let parts: Vec<&str> = template.split('/').collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut names = Vec::new();
    for (part, segment) in parts.into_iter().zip(segments) {
        if part.starts_with(':') {
            names.push(segment.as_str());
        } else if part != segment {
            return None;
        }
    }
    Some(names)
}

/// Returns a segment of the path, decoded once; `None` if a server could read it as more or less than one segment.
fn segment(raw: &str) -> Option<String> {
    let segment = percent_decode_str(raw).decode_utf8().ok()?;
    let is_plain = !segment.is_empty() && segment != "." && segment != "..";
    let is_one = !segment.chars().any(|letter| matches!(letter, '/' | '\\' | '%' | ';') || letter.is_control());
    (is_plain && is_one).then(|| segment.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RX: &str = "9700b318-b89a-4004-9b74-ad9cd657c03f";

    fn v2(method: &str, path: &str, query: &str) -> Option<(&'static str, String)> {
        target(method, Version::V2, path, query).map(|target| (target.route.path, target.path))
    }

    #[test]
    fn each_call_of_the_document_is_passed_on_with_its_scope() {
        assert_eq!(ROUTES.len(), ENDPOINTS.iter().filter(|(_, endpoint)| endpoint.scope.is_some()).count());
        for (name, endpoint) in &ENDPOINTS {
            let path = path_of(endpoint.path, &["700100", "IDE"]);
            let keys: Vec<_> = std::iter::successors(endpoint.takes.as_ref(), |shape| shape.base)
                .flat_map(|shape| shape.fields)
                .map(|field| format!("{}=x%20y", field.key))
                .collect();
            let query = if endpoint.method.sends_body() { String::new() } else { format!("?{}", keys.join("&")) };
            let found =
                target(endpoint.method.name(), endpoint.version, &path, if keys.is_empty() { "" } else { &query });
            let Some(scope) = endpoint.scope else {
                assert!(found.is_none(), "{name}");
                continue;
            };
            let found = found.unwrap_or_else(|| panic!("{name} {query}"));
            assert_eq!((found.route.path, found.route.scope), (endpoint.path, scope), "{name}");
            assert_eq!(found.path.contains("x+y"), !keys.is_empty() && !endpoint.method.sends_body(), "{name}");
            assert_eq!(found.route.is_download, scope == Scope::FilesRead);
        }
    }

    #[test]
    fn a_literal_goes_before_a_name() {
        assert_eq!(v2("GET", "orders/practice", "").unwrap().0, "orders/practice");
        assert_eq!(v2("GET", &format!("orders/{RX}"), "").unwrap().0, "orders/:rxId");
        assert_eq!(v2("GET", "orders/practice", "?rx=1"), None, "nor is it then another call");
        let odd = v2("GET", "order/17/download/SCREEN_CAPTURE/a%20b%3Fc", "").unwrap();
        assert_eq!(odd.1, "order/17/download/SCREEN_CAPTURE/a%20b%3Fc");
    }

    #[test]
    fn anything_else_is_none() {
        for (method, path, query) in [
            ("HEAD", "orders/practice", ""),
            ("get", "orders/practice", ""),
            ("POST", "orders/practice", ""),
            ("PUT", "scan-request", ""),
            ("DELETE", "scan-request", ""),
            ("OPTIONS", "orders/practice", ""),
            ("GET", "", ""),
            ("GET", "/orders/practice", ""),
            ("GET", "orders/practice/", ""),
            ("GET", "orders//practice", ""),
            ("GET", "orders", ""),
            ("GET", "Orders/practice", ""),
            ("GET", "link", ""),
            ("GET", "request", ""),
            ("GET", "viewer/1", ""),
            ("GET", "orders/..", ""),
            ("GET", "orders/.", ""),
            ("GET", "orders/%2e%2e", ""),
            ("GET", "orders/%2E", ""),
            ("GET", "orders/../practice-configuration", ""),
            ("GET", "orders/a%2Fb", ""),
            ("GET", "orders/a%2fb", ""),
            ("GET", "orders/a%5Cb", ""),
            ("GET", "orders/a\\b", ""),
            ("GET", "orders%2Fpractice", ""),
            ("GET", "orders/%252e%252e", ""),
            ("GET", "orders/a%252Fb", ""),
            ("GET", "orders/a%25", ""),
            ("GET", "orders/a;b", ""),
            ("GET", "orders/a%00", ""),
            ("GET", "orders/a%0d%0ab", ""),
            ("GET", "orders/a%ff", ""),
            ("GET", "orders/practice", "?Offset=0&Offset=1"),
            ("GET", "orders/practice", "?offset=0"),
            ("GET", "orders/practice", "?Offset=0&access_token=x"),
            ("GET", "orders/practice", "?=x"),
            ("GET", "practice-configuration", "?x"),
            ("POST", "scan-request", "?CompanyId=1"),
        ] {
            assert_eq!(v2(method, path, query), None, "{method} {path}{query}");
        }
        assert!(target("GET", Version::V3, "orders/practice", "").is_none());
        assert!(target("GET", Version::V3, "patient/search", "?firstName=x").is_none(), "a key of V2");
    }

    #[test]
    fn a_query_is_written_anew() {
        let written = v2("GET", "orders/practice", "?chartNumber=%2B%26%3D%23%00&Offset=&pageSize=1+2&dateFrom=\u{e9}");
        let query = "chartNumber=%2B%26%3D%23%00&Offset=&pageSize=1+2&dateFrom=%C3%A9";
        assert_eq!(written.unwrap().1, format!("orders/practice?{query}"));
    }
}
