//! A portal's requests below `/practices/:companyId`: its server creates sessions, and its pages read the feed with them.

use serde::{Deserialize, Serialize};

use super::clock::Millis;
use super::cors;
use super::live;
use super::receive::{
    self, Forward, Head, MAX_BODY, READING, Reading, allow, authorize, company, is_too_long, too_long,
};
use super::relay::{self, Plan};
use super::reply::{Headers, Reply};
use super::secrets::{feed_key, is_secret};
use super::sessions::{self, Session, bearer};
use crate::api::scope::Scope;
use crate::scalar::Id;

/// A request below `/practices`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Visit {
    /// The request without its body.
    pub head: Head,
    /// The `Origin` header, by which browsers say which page sends the request.
    pub origin: Option<String>,
    /// The `Host` header.
    pub host: Option<String>,
    /// The `Upgrade` header.
    pub upgrade: Option<String>,
    /// The `Sec-WebSocket-Protocol` header.
    pub protocols: Option<String>,
    /// `ADMIN_KEY`.
    pub admin_key: String,
    /// `SESSION_SECRETS`: comma-separated, any of them is valid.
    pub session_secrets: String,
    /// `ALLOWED_ORIGINS`: comma-separated.
    pub allowed_origins: String,
    /// A random, unique id for a token that is created.
    pub token_id: String,
    /// Milliseconds since 1970.
    pub now: Millis,
}

/// What to do with a visit: a JSON object with one key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Visited {
    /// It is not a portal's request: pass it to [`receive()`](super::receive()).
    Other {},
    /// Reply with this reply.
    Reply(Reply),
    /// Read its body and ask again with the body.
    Read {
        /// How to read it.
        reading: Reading,
        /// CORS headers for the reply if the body does not arrive.
        headers: Headers,
    },
    /// Pass it on to the API.
    Relay(Plan),
    /// Pass an input to the inbox of a practice, and reply with its reply and these headers.
    Forward {
        /// The input, and the practice that it is for.
        forward: Forward,
        /// The CORS headers.
        headers: Headers,
    },
    /// Open a socket to the inbox of a practice.
    Live {
        /// The name of its Durable Object.
        practice: String,
        /// An `Opening` as a string: who opens it, and from which event on.
        opening: String,
    },
    /// Open a socket and close it with this code and reason.
    Close(u16, &'static str),
}

/// Why processing ends.
pub(super) enum Stop {
    Other,
    Read(Reading, Headers),
    Reply(Reply),
}

impl From<Reply> for Stop {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

/// Returns what to do with a request; `body` is `None` until it is read.
pub fn visit(visit: &Visit, body: Option<&[u8]>) -> Visited {
    match route(visit, body) {
        Ok(visited) => visited,
        Err(Stop::Other) => Visited::Other {},
        Err(Stop::Read(reading, headers)) => Visited::Read { reading, headers },
        Err(Stop::Reply(reply)) => Visited::Reply(reply),
    }
}

fn route(visit: &Visit, body: Option<&[u8]>) -> Result<Visited, Stop> {
    let segments: Vec<&str> = visit.head.path.split('/').skip(1).collect();
    match *segments.as_slice() {
        ["practices", company_id, "sessions"] => {
            authorize(&visit.head, &visit.admin_key)?;
            allow(&visit.head, &["POST"])?;
            let reply = grant(visit, company(company_id)?, body_of(&visit.head, body)?);
            Ok(Visited::Reply(reply))
        }
        ["practices", company_id, "events"] => events(visit, company_id).map_err(|stop| stop.readable(visit)),
        ["practices", company_id, "events", "live"] => live::open(visit, company_id),
        ["practices", company_id, "api", version, ..] => {
            let path = visit.head.path.splitn(6, '/').nth(5).unwrap_or_default();
            let plan = relay::route(visit, company_id, version, path, body).map_err(|stop| stop.readable(visit))?;
            Ok(Visited::Relay(plan))
        }
        _ => Err(Stop::Other),
    }
}

fn body_of<'a>(head: &Head, body: Option<&'a [u8]>) -> Result<&'a [u8], Stop> {
    if is_too_long(head) || body.is_some_and(|body| body.len() > MAX_BODY) {
        return Err(too_long().into());
    }
    body.ok_or(Stop::Read(READING, Headers::new()))
}

fn grant(visit: &Visit, company_id: Id, body: &[u8]) -> Reply {
    if sessions::usable(&visit.session_secrets).next().is_none() {
        return Reply::problem(409, "SESSION_SECRETS is not set, or none of them has 32 bytes.");
    }
    let granted = sessions::grant(body, company_id, &visit.session_secrets, &visit.token_id, visit.now);
    granted.map_or_else(|errors| Reply::invalid(&errors), |granted| Reply::json(201, &granted))
}

/// Handles a request for the feed with a session or the practice's own key instead of the admin key.
fn events(visit: &Visit, company_id: &str) -> Result<Visited, Stop> {
    if visit.is_preflight() {
        return Err(cors::preflight(visit.origin.as_deref(), &visit.allowed_origins).into());
    }
    if visit.presented().is_some_and(|presented| is_secret(presented, &visit.admin_key)) {
        return Err(Stop::Other);
    }
    let company_id = company(company_id)?;
    let key = visit.presented().and_then(feed_key);
    if key.is_none() {
        visit.session(company_id)?.require(Scope::EventsRead)?;
    }
    allow(&visit.head, &["GET"])?;
    let forward = Forward::new(company_id, receive::feed(&visit.head.query, key)?);
    Ok(Visited::Forward { forward, headers: visit.cors() })
}

impl Visit {
    /// Returns the token of the `Authorization` header.
    fn presented(&self) -> Option<&str> {
        self.head.authorization.as_deref().and_then(bearer)
    }

    pub(super) fn session(&self, company_id: Id) -> Result<Session, Reply> {
        Session::verify(self.presented(), company_id, &self.session_secrets, self.now)
    }

    pub(super) fn is_preflight(&self) -> bool {
        self.head.method == "OPTIONS"
    }

    pub(super) fn cors(&self) -> Headers {
        cors::headers(self.origin.as_deref(), &self.allowed_origins)
    }
}

impl Stop {
    /// Returns the same with the headers that let the page read a reply.
    fn readable(mut self, visit: &Visit) -> Self {
        if let Self::Reply(Reply { headers, .. }) | Self::Read(_, headers) = &mut self {
            headers.extend(visit.cors());
        }
        self
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    pub const NOW: Millis = 1_800_000_000_000;
    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    /// A page's request.
    pub fn request(method: &str, path: &str, token: &str) -> Visit {
        Visit {
            head: Head {
                method: method.into(),
                path: path.into(),
                query: String::new(),
                authorization: Some(format!("Bearer {token}")),
                content_length: None,
            },
            origin: Some("https://portal.example".into()),
            host: Some("itero.example".into()),
            upgrade: None,
            protocols: None,
            admin_key: "admin".into(),
            session_secrets: SECRET.into(),
            allowed_origins: "https://portal.example".into(),
            token_id: "id".into(),
            now: NOW,
        }
    }

    /// A session of practice 77.
    pub fn session(scopes: &str) -> String {
        let body = format!(r#"{{"companyId":77,"subject":"u","scopes":["{scopes}"]}}"#);
        sessions::create(body.as_bytes(), SECRET, "id", NOW).unwrap().token
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{request, session};
    use super::*;
    use crate::webhook::inbox::input::{Ask, Input};

    const FEED_KEY: &str = "feed-key_feed-key_feed-key_feed-k";

    fn refusal(visit: &Visit, body: Option<&[u8]>) -> Reply {
        match super::visit(visit, body) {
            Visited::Reply(reply) => reply,
            Visited::Other {} => panic!("it is another's"),
            Visited::Read { .. } => panic!("the body is asked for"),
            Visited::Forward { .. } | Visited::Relay(_) | Visited::Live { .. } | Visited::Close(..) => {
                panic!("it is passed on")
            }
        }
    }

    #[test]
    fn who_has_the_admin_key_makes_sessions() {
        let path = "/practices/77/sessions";
        let body = br#"{"subject":"u","scopes":["events:read"]}"#;
        assert!(matches!(visit(&request("POST", path, "admin"), None), Visited::Read { reading: READING, .. }));
        let made = refusal(&request("POST", path, "admin"), Some(body));
        assert_eq!(made.status, 201);
        let token = made.body.split('"').nth(3).unwrap().to_owned();
        assert!(matches!(visit(&request("GET", "/practices/77/events", &token), None), Visited::Forward { .. }));
        assert_eq!(refusal(&request("POST", path, &token), Some(body)).status, 401, "not with a session");
        assert_eq!(refusal(&request("GET", path, "admin"), None).status, 405);
        assert_eq!(refusal(&request("POST", "/practices/x/sessions", "admin"), Some(body)).status, 404);
        assert_eq!(refusal(&request("POST", path, "admin"), Some(br#"{"companyId":78}"#)).status, 400);
        let unset = Visit { session_secrets: "short".into(), ..request("POST", path, "admin") };
        assert_eq!(refusal(&unset, Some(body)).status, 409);
    }

    #[test]
    fn the_feed_is_read_with_a_session_or_a_key_that_the_inbox_knows() {
        let path = "/practices/77/events";
        let asked = |token: &str| match visit(&request("GET", path, token), None) {
            Visited::Forward { forward, headers } => {
                assert_eq!(headers["access-control-allow-origin"], "https://portal.example");
                let Input::Request { ask, .. } = forward.input else { panic!() };
                ask
            }
            _ => panic!("{token} is not accepted"),
        };
        assert!(matches!(asked(&session("events:read")), Ask::Feed { after: 0, limit: 100, feed: None, key: None }));
        assert!(matches!(asked(FEED_KEY), Ask::Feed { key, .. } if key.is_some() && key == feed_key(FEED_KEY)));
        assert!(matches!(visit(&request("GET", path, "admin"), None), Visited::Other {}));
        let missing = refusal(&request("GET", path, &session("orders:read")), None);
        assert_eq!((missing.status, &*missing.headers["vary"]), (403, "Origin"));
        for token in ["", "short", &session("events:read")[1..]] {
            let reply = refusal(&request("GET", path, token), None);
            assert_eq!((reply.status, &*reply.headers["access-control-allow-origin"]), (401, "https://portal.example"));
        }
        let other = refusal(&request("GET", "/practices/78/events", &session("events:read")), None);
        assert_eq!(other.status, 401);
        assert_eq!(refusal(&request("DELETE", path, FEED_KEY), None).status, 405);
        assert_eq!(refusal(&request("OPTIONS", path, ""), None).status, 204);
    }

    #[test]
    fn all_else_is_left_to_who_administers() {
        for path in ["/practices/77", "/practices/77/reconcile", "/practices/77/events/evt_1/replay", "/practices", "/"]
        {
            assert!(matches!(visit(&request("GET", path, FEED_KEY), None), Visited::Other {}), "{path}");
        }
    }
}
