//! Who may receive a practice's events live. A browser's WebSocket cannot send custom headers, so the session comes as a
//! subprotocol. A page also learns nothing about a refused handshake, only how a socket was closed, so a refusal opens the
//! socket and closes it at once.

use super::cors::is_allowed;
use super::inbox::input::Ask;
use super::inbox::live::{Opening, close};
use super::portal::{Stop, Visit, Visited};
use super::receive::{allow, company, feed};
use super::reply::Reply;
use super::secrets::fingerprint;
use super::sessions::Session;
use crate::api::scope::Scope;

/// The subprotocol, which stands for the format of the messages.
const PROTOCOL: &str = "itero-dpms.v1";

/// The prefix of a subprotocol that holds a session token.
const BEARER: &str = "bearer.";

/// Returns what to do with a request for a socket.
pub(super) fn open(visit: &Visit, company_id: &str) -> Result<Visited, Stop> {
    let company_id = company(company_id)?;
    allow(&visit.head, &["GET"])?;
    if !visit.upgrade.as_deref().is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket")) {
        let reply = Reply::problem(426, "Live events come over a WebSocket.");
        return Err(reply.into());
    }
    let protocols = || visit.protocols.as_deref().unwrap_or_default().split(',').map(str::trim);
    if !protocols().any(|protocol| protocol == PROTOCOL) {
        return Err(Reply::problem(400, "Offer the subprotocol itero-dpms.v1.").into());
    }
    // A page's origin is no secret, but a page of an origin that is not allowed gets no socket either.
    if visit
        .origin
        .as_deref()
        .is_some_and(|origin| !is_own(origin, visit) && !is_allowed(origin, &visit.allowed_origins))
    {
        return Ok(Visited::Close(close::FORBIDDEN, "origin"));
    }
    let token = protocols().find_map(|protocol| protocol.strip_prefix(BEARER));
    let Ok(session) = Session::verify(token, company_id, &visit.session_secrets, visit.now) else {
        return Ok(Visited::Close(close::OVER, ""));
    };
    if session.require(Scope::EventsRead).is_err() {
        return Ok(Visited::Close(close::FORBIDDEN, Scope::EventsRead.name()));
    }
    let Ask::Feed { after, feed, .. } = feed(&visit.head.query, None)? else { return Err(Stop::Other) };
    let opening = Opening { after, feed, subject: fingerprint(&[&session.subject]), until: session.over_at() };
    Ok(Visited::Live { practice: company_id.to_string(), opening: opening.to_string() })
}

/// Returns whether a page belongs to the edge function: it has the same host, and any scheme, since a proxy may change that.
fn is_own(origin: &str, visit: &Visit) -> bool {
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == visit.host.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::clock::{MINUTE, SECOND};
    use crate::webhook::portal::testing::{NOW, request, session};

    fn visit(query: &str, protocols: &str) -> Visit {
        let mut visit = request("GET", "/practices/77/events/live", "");
        visit.head.authorization = None;
        visit.head.query = query.into();
        Visit { upgrade: Some("WebSocket".into()), protocols: Some(protocols.into()), ..visit }
    }

    fn live(visit: &Visit) -> Result<Opening, (u16, String)> {
        match super::super::visit(visit, None) {
            Visited::Live { practice, opening } => {
                assert_eq!(practice, "77");
                Ok(Opening::parse(&opening).unwrap())
            }
            Visited::Close(code, reason) => Err((code, reason.into())),
            Visited::Reply(reply) => Err((reply.status, String::new())),
            _ => panic!("it is another's"),
        }
    }

    fn protocols(scope: &str) -> String {
        format!("itero-dpms.v1, bearer.{}", session(scope))
    }

    #[test]
    fn a_session_that_may_read_events_opens_a_socket_until_it_is_over() {
        let opening = live(&visit("?after=7&feed=5", &protocols("events:read"))).unwrap();
        assert_eq!((opening.after, opening.feed), (7, Some(5)));
        assert_eq!(opening.until, NOW + 15 * MINUTE + 60 * SECOND);
        assert!(opening.subject.len() == 32 && !opening.subject.contains(' '));
        assert_eq!(live(&visit("", &protocols("events:read"))).unwrap().after, 0);
    }

    #[test]
    fn whoever_may_not_is_told_by_how_the_socket_is_closed() {
        for token in ["", "bearer.", "bearer.x.y.z", &format!("bearer.{}x", session("events:read"))] {
            let offered = format!("{token}, itero-dpms.v1");
            assert_eq!(live(&visit("", &offered)), Err((4401, String::new())), "{token}");
        }
        assert_eq!(live(&visit("", &protocols("orders:read"))), Err((4403, "events:read".into())));
    }

    #[test]
    fn a_page_is_of_an_allowed_origin_or_of_the_same_host_and_a_program_of_none() {
        let from = |origin: Option<&str>, host: &str| {
            let visit = visit("", &protocols("events:read"));
            live(&Visit { origin: origin.map(str::to_owned), host: Some(host.into()), ..visit }).is_ok()
        };
        assert!(from(Some("https://portal.example"), "itero.example") && from(None, "itero.example"));
        assert!(from(Some("https://itero.example:8443"), "itero.example:8443"));
        for origin in ["https://evil.example", "null", "", "itero.example", "https://itero.example:1"] {
            assert!(!from(Some(origin), "itero.example"), "{origin}");
        }
    }

    #[test]
    fn what_is_no_request_for_a_socket_is_answered_as_http() {
        let good = || visit("", &protocols("events:read"));
        let plain = Visit { upgrade: None, ..good() };
        assert_eq!(live(&plain), Err((426, String::new())));
        assert_eq!(live(&Visit { protocols: None, ..good() }), Err((400, String::new())));
        assert_eq!(live(&visit("?after=x", &protocols("events:read"))), Err((400, String::new())));
        let mut other = good();
        other.head.method = "POST".into();
        assert_eq!(live(&other), Err((405, String::new())));
        other.head.path = "/practices/x/events/live".into();
        assert_eq!(live(&other), Err((404, String::new())));
    }
}
