//! Routes, authenticates and validates a request before it reaches the inbox of a practice. Stateless.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use tsify::Tsify;

use super::clock::{Millis, SECOND};
use super::inbox::input::{Ask, Input};
use super::registration::Registration;
use super::reply::{FieldError, Reply, to_json};
use super::secrets::{is_one_of, is_practice_secret, is_secret, practice_secret};
use super::sessions::bearer;
use crate::api::callback::Notification;
use crate::scalar::{Guid, Id};
use crate::schema::decode::DecodeError;

/// The longest body that is read. A notification takes about a hundred bytes, a registration with long tokens some thousand.
pub const MAX_BODY: usize = 16 * 1024;

/// How many events the feed returns by default.
const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// A request without its body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The method in upper case.
    pub method: String,
    /// The path of the URL, unchanged.
    pub path: String,
    /// The query of the URL, with or without its question mark.
    pub query: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `Content-Length` header, unchanged. It only serves to refuse a body that is too long.
    pub content_length: Option<String>,
}

/// The secrets that callers have to present. If a secret is not set, nobody can present it.
pub struct Keys {
    /// `CALLBACK_SECRETS`, the last segments of callback URLs: comma-separated, any of them is valid.
    pub callback_secrets: String,
    /// `ADMIN_KEY`, the bearer token of all other calls.
    pub admin_key: String,
    /// Variables whose value nobody can ever present.
    pub unusable: Vec<String>,
}

/// What to do with a request: a JSON object with one key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Received {
    /// Reply with this reply.
    Reply(Reply),
    /// Read its body, and pass that to [`take`].
    Read {
        /// How to read it.
        reading: Reading,
        /// What it has to be. Its JSON is a string, since the Worker only passes it on.
        #[serde(serialize_with = "as_text")]
        content: Content,
    },
    /// Pass an input to the inbox of a practice, and reply with its reply. If that is a 428, see [`admission`].
    Forward(Forward),
}

/// What the body of a request has to be.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Content {
    /// A notification of any practice.
    Notification,
    /// A notification of this practice.
    NotificationOf(Id),
    /// The registration of this practice.
    Registration(Id),
}

/// An input for an inbox.
#[derive(Serialize)]
pub struct Forward {
    /// The name of the inbox's Durable Object: the practice's CompanyId, or that of the object for unregistered practices.
    pub practice: String,
    /// The input of `step`. Its JSON is a string, since the Worker only passes it on.
    #[serde(serialize_with = "as_text")]
    pub input: Input,
}

impl Forward {
    pub(super) fn new(company_id: Id, ask: Ask) -> Self {
        Self { practice: company_id.to_string(), input: Input::Request { company_id, ask } }
    }
}

fn as_text<S: Serializer>(value: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_json(value))
}

/// The name of the object that admits unregistered practices. No practice has this name: their names are numbers.
const UNREGISTERED: &str = "unregistered";

/// How to read a body.
#[derive(Clone, Copy, PartialEq, Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// How many bytes to read at most: one more than allowed.
    pub max_bytes: usize,
    /// The limit from the request's head to the last byte of the body.
    pub timeout_ms: Millis,
}

pub(super) const READING: Reading = Reading { max_bytes: MAX_BODY + 1, timeout_ms: 10 * SECOND };

/// Returns what to do with a request.
pub fn receive(head: &Head, keys: &Keys) -> Received {
    route(head, keys).unwrap_or_else(Received::Reply)
}

/// Returns what to do with the body of a request, which has to be `content`.
pub fn take(content: &Content, body: &[u8]) -> Received {
    taken(content, body).map_or_else(Received::Reply, Received::Forward)
}

/// Returns what to do about a notification that an inbox did not take (428), since nobody has registered its practice: each of
/// these in turn, as long as the replies are successful. The last reply goes to the caller.
pub fn admission(input: Input) -> Vec<Forward> {
    let Input::Request { company_id, ask: Ask::Notification { rx_id, .. } } = input else { return Vec::new() };
    let admit = Forward { practice: UNREGISTERED.into(), ..Forward::new(company_id, Ask::Admit {}) };
    vec![admit, Forward::new(company_id, Ask::Notification { rx_id, is_admitted: true })]
}

/// Reads the body of a callback (§4.5.2); on failure, says which field is wrong.
pub fn notification(body: &[u8]) -> Result<Notification, FieldError> {
    let notification = Notification::parse(body).map_err(|error| {
        let (field, message) = match &error {
            DecodeError::Field(path) => Notification::fault(path),
            _ => ("", "must be JSON"),
        };
        FieldError::new(field, message)
    })?;
    // Only ids above zero: anything else cannot be a practice.
    if is_company(notification.company_id) {
        return Ok(notification);
    }
    let (field, message) = Notification::fault(Notification::COMPANY_ID);
    Err(FieldError::new(field, message))
}

fn is_company(id: Id) -> bool {
    i64::from(id) > 0
}

pub(super) fn company(segment: &str) -> Result<Id, Reply> {
    segment.parse().ok().filter(|id| is_company(*id)).ok_or_else(not_found)
}

fn route(head: &Head, keys: &Keys) -> Result<Received, Reply> {
    let segments: Vec<&str> = head.path.split('/').skip(1).collect();
    match *segments.as_slice() {
        ["callback", secret] if is_one_of(secret, &keys.callback_secrets) => {
            allow(head, &["POST"])?;
            read(head, Content::Notification)
        }
        ["callback", company_id, secret] => {
            let company_id = company(company_id)?;
            if !is_practice_secret(secret, &keys.callback_secrets, company_id) {
                return Err(not_found());
            }
            allow(head, &["POST"])?;
            read(head, Content::NotificationOf(company_id))
        }
        ["practices", company_id, "callback"] => {
            authorize(head, &keys.admin_key)?;
            allow(head, &["GET"])?;
            let company_id = company(company_id)?;
            Err(practice_secret(&keys.callback_secrets, company_id).map_or_else(
                || Reply::problem(409, "CALLBACK_SECRETS is not set."),
                |secret| Reply::json(200, &json!({ "path": format!("/callback/{company_id}/{secret}") })),
            ))
        }
        ["practices", company_id] if head.method == "PUT" => {
            authorize(head, &keys.admin_key)?;
            refuse_unusable(keys)?;
            read(head, Content::Registration(company(company_id)?))
        }
        ["practices", company_id, ref rest @ ..] => {
            authorize(head, &keys.admin_key)?;
            let ask = admin(head, rest)?;
            Ok(Received::Forward(Forward::new(company(company_id)?, ask)))
        }
        _ => Err(not_found()),
    }
}

fn admin(head: &Head, path: &[&str]) -> Result<Ask, Reply> {
    Ok(match path {
        [] => {
            allow(head, &["GET", "PUT", "DELETE"])?;
            if head.method == "DELETE" { Ask::Remove {} } else { Ask::State {} }
        }
        ["events"] => {
            allow(head, &["GET"])?;
            feed(&head.query, None)?
        }
        ["reconcile"] => {
            allow(head, &["POST"])?;
            Ask::Reconcile {}
        }
        ["events", id, "replay"] => {
            allow(head, &["POST"])?;
            Ask::Replay { id: (*id).to_owned() }
        }
        _ => return Err(not_found()),
    })
}

fn read(head: &Head, content: Content) -> Result<Received, Reply> {
    if is_too_long(head) { Err(too_long()) } else { Ok(Received::Read { reading: READING, content }) }
}

fn taken(content: &Content, body: &[u8]) -> Result<Forward, Reply> {
    if body.len() > MAX_BODY {
        return Err(too_long());
    }
    let own = match *content {
        Content::Notification => None,
        Content::NotificationOf(company_id) => Some(company_id),
        Content::Registration(company_id) => {
            let registration = Registration::parse(body).map_err(|errors| Reply::invalid(&errors))?;
            return Ok(Forward::new(company_id, Ask::Register(Box::new(registration))));
        }
    };
    let Notification { company_id, rx_id } = notification(body).map_err(|error| Reply::invalid(&[error]))?;
    if own.is_some_and(|own| own != company_id) {
        let error = FieldError::new(Notification::COMPANY_ID, "must be the practice of the URL");
        return Err(Reply::invalid(&[error]));
    }
    Ok(Forward::new(company_id, Ask::Notification { rx_id, is_admitted: own.is_some() }))
}

pub(super) fn feed(query: &str, key: Option<String>) -> Result<Ask, Reply> {
    let (mut after, mut limit, mut feed) = (0, DEFAULT_LIMIT, None);
    let mut errors = Vec::new();
    for (key, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
        match (&*key, value.parse::<u64>()) {
            ("after", Ok(seq)) if seq < 1 << 53 => after = seq,
            ("limit", Ok(count)) if (1..=u64::from(MAX_LIMIT)).contains(&count) => limit = count as u32,
            ("feed", Ok(since)) if since < 1 << 53 => feed = Some(since as Millis),
            ("feed", _) => errors.push(FieldError::new("feed", "must be the feed of an earlier page")),
            ("after", _) => errors.push(FieldError::new("after", "must be the next of an earlier page, or 0")),
            ("limit", _) => errors.push(FieldError::new("limit", "must be a whole number from 1 to 1000")),
            _ => {}
        }
    }
    if errors.is_empty() { Ok(Ask::Feed { after, limit, feed, key }) } else { Err(Reply::invalid(&errors)) }
}

pub(super) fn not_found() -> Reply {
    Reply::problem(404, "There is nothing here.")
}

pub(super) fn allow(head: &Head, methods: &[&str]) -> Result<(), Reply> {
    if methods.contains(&head.method.as_str()) {
        return Ok(());
    }
    Err(Reply::problem(405, "The path is right, the method is not: see Allow.").with("allow", methods.join(", ")))
}

pub(super) fn authorize(head: &Head, admin_key: &str) -> Result<(), Reply> {
    let presented = head.authorization.as_deref().and_then(bearer);
    if is_secret(presented.unwrap_or_default(), admin_key) {
        return Ok(());
    }
    Err(Reply::problem(401, "Send the admin key as Authorization: Bearer <key>.").with("www-authenticate", "Bearer"))
}

/// Reports a misconfigured secret where nothing is lost by that: callbacks with another secret, and the feed, still work.
fn refuse_unusable(keys: &Keys) -> Result<(), Reply> {
    if keys.unusable.is_empty() {
        return Ok(());
    }
    let detail = format!("No caller can present the value of {}: see the documentation.", keys.unusable.join(", "));
    Err(Reply::problem(500, &detail))
}

/// Returns whether a request announces a body that is too long.
pub(super) fn is_too_long(head: &Head) -> bool {
    head.content_length.as_deref().is_some_and(|length| is_longer(length, MAX_BODY))
}

pub(super) fn too_long() -> Reply {
    Reply::problem(413, "The body may have 16 KiB.")
}

/// Returns whether a `Content-Length` is more than `most`. Numbers of any length are compared; anything else is ignored.
pub(super) fn is_longer(content_length: &str, most: usize) -> bool {
    let is_number = !content_length.is_empty() && content_length.bytes().all(|byte| byte.is_ascii_digit());
    is_number && content_length.parse().map_or(true, |length: usize| length > most)
}

/// The content of a callback (§4.5.2).
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    /// The RX whose order to fetch. A callback proves nothing: fetch the order with the practice's own token.
    pub rx_id: Guid,
    /// The practice that made the scan.
    pub company_id: Id,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RX: &str = "9700b318-b89a-4004-9b74-ad9cd657c03f";

    fn head(method: &str, path: &str) -> Head {
        let authorization = Some("bearer  admin".into());
        Head { method: method.into(), path: path.into(), query: String::new(), authorization, content_length: None }
    }

    fn received(head: &Head, body: Option<&[u8]>) -> Received {
        let keys = Keys { callback_secrets: "old, new".into(), admin_key: "admin".into(), unusable: Vec::new() };
        match (receive(head, &keys), body) {
            (Received::Read { content, .. }, Some(body)) => take(&content, body),
            (received, _) => received,
        }
    }

    fn refusal(head: &Head, body: Option<&[u8]>) -> Reply {
        match received(head, body) {
            Received::Reply(reply) => reply,
            Received::Read { .. } => panic!("the body is asked for"),
            Received::Forward(_) => panic!("it is forwarded"),
        }
    }

    #[test]
    fn a_callback_with_either_secret_is_its_practices() {
        for secret in ["old", "new"] {
            let head = head("POST", &format!("/callback/{secret}"));
            assert!(matches!(received(&head, None), Received::Read { reading: READING, .. }));
            let body = format!("{}{{\"Id\":\"{RX}\",\"CompanyId\":\"90360\"}}", '\u{feff}');
            let Received::Forward(Forward { practice, input }) = received(&head, Some(body.as_bytes())) else {
                panic!()
            };
            assert_eq!(practice, "90360");
            let Input::Request { ask: Ask::Notification { rx_id, is_admitted: false }, .. } = &input else { panic!() };
            assert_eq!(rx_id.to_string(), RX);
            let [admit, again] = admission(input).try_into().ok().unwrap();
            assert_eq!((&*admit.practice, &*again.practice), ("unregistered", "90360"));
            let Input::Request { ask: Ask::Admit {}, company_id } = admit.input else { panic!() };
            assert_eq!(i64::from(company_id), 90_360);
            let Input::Request { ask: Ask::Notification { is_admitted: true, .. }, .. } = again.input else { panic!() };
        }
    }

    #[test]
    fn a_practice_has_a_callback_url_of_its_own_that_is_for_no_other() {
        let Received::Reply(reply) = received(&head("GET", "/practices/90360/callback"), None) else { panic!() };
        let path = reply.body.split('"').nth(3).unwrap().to_owned();
        assert!(path.starts_with("/callback/90360/") && path.len() == 48, "{path}");
        let body = |company: &str| format!(r#"{{"Id":"{RX}","CompanyId":{company}}}"#).into_bytes();
        let own = received(&head("POST", &path), Some(&body("90360")));
        assert!(matches!(own, Received::Forward(Forward { ref practice, .. }) if practice == "90360"));
        assert!(matches!(received(&head("POST", &path), None), Received::Read { reading: READING, .. }));
        assert_eq!(refusal(&head("POST", &path), Some(&body("90361"))).status, 400);
        assert_eq!(refusal(&head("GET", &path), None).status, 405);
        for other in [path.replace("90360", "90361"), format!("{path}0"), path.replace("90360", "x")] {
            assert_eq!(refusal(&head("POST", &other), None).status, 404, "{other}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_callback_is_said_by_its_status() {
        let reply = |method: &str, path: &str, body: &[u8]| refusal(&head(method, path), Some(body));
        for path in ["/callback/wrong", "/callback/", "/callback", "/callback/old/", "/callback/old/x", "/"] {
            assert_eq!(reply("POST", path, b"{}").status, 404, "{path}");
        }
        let not_allowed = reply("GET", "/callback/new", b"");
        assert_eq!(not_allowed.status, 405);
        assert!(not_allowed.headers.get("allow").is_some_and(|allow| allow == "POST"));
        assert_eq!(reply("POST", "/callback/new", &[b' '; MAX_BODY + 1]).status, 413);
        for length in ["16385", "9223372036854775808", "18446744073709551616", &"9".repeat(400)] {
            let announced = |path| Head { content_length: Some(length.into()), ..head("POST", path) };
            assert_eq!(refusal(&announced("/callback/new"), None).status, 413, "{length}");
            assert_eq!(refusal(&announced("/callback/wrong"), None).status, 404, "{length}");
        }
        for length in ["", "5", "16384", "-1", "+16385", "1e9", "many"] {
            let announced = Head { content_length: Some(length.into()), ..head("POST", "/callback/new") };
            assert!(matches!(received(&announced, None), Received::Read { reading: READING, .. }), "{length}");
        }
        for (body, field) in [
            ("", ""),
            ("[]", ""),
            ("<html>", ""),
            (r#"{"CompanyId":1}"#, "Id"),
            (r#"{"Id":"1","CompanyId":1}"#, "Id"),
            (r#"{"Id":"9700b318-b89a-4004-9b74-ad9cd657c03f"}"#, "CompanyId"),
            (r#"{"Id":"9700b318-b89a-4004-9b74-ad9cd657c03f","CompanyId":"x"}"#, "CompanyId"),
            (r#"{"Id":"9700b318-b89a-4004-9b74-ad9cd657c03f","CompanyId":0}"#, "CompanyId"),
            (r#"{"Id":"9700b318-b89a-4004-9b74-ad9cd657c03f","CompanyId":"-7"}"#, "CompanyId"),
        ] {
            let reply = reply("POST", "/callback/new", body.as_bytes());
            assert_eq!(reply.status, 400, "{body}");
            assert!(reply.headers["content-type"] == "application/problem+json");
            assert!(reply.body.contains(&format!(r#""errors":[{{"field":"{field}","#)), "{body}: {}", reply.body);
        }
    }

    #[test]
    fn only_the_admin_key_leads_to_practices() {
        for authorization in [None, Some("admin"), Some("Basic admin"), Some("Bearer"), Some("Bearer admi")] {
            let head = Head { authorization: authorization.map(str::to_owned), ..head("GET", "/practices/1") };
            let reply = refusal(&head, None);
            assert_eq!(reply.status, 401, "{authorization:?}");
            assert!(reply.headers["www-authenticate"] == "Bearer");
        }
        let nobody = Keys { callback_secrets: String::new(), admin_key: String::new(), unusable: Vec::new() };
        let head = Head { authorization: Some("Bearer ".into()), ..head("GET", "/practices/1") };
        assert!(matches!(receive(&head, &nobody), Received::Reply(reply) if reply.status == 401));
        let unusable = Keys { admin_key: "admin".into(), unusable: vec!["CALLBACK_SECRETS".into()], ..nobody };
        let Received::Reply(reply) = receive(&self::head("PUT", "/practices/1"), &unusable) else { panic!() };
        assert!(reply.status == 500 && reply.body.contains("CALLBACK_SECRETS"), "{}", reply.body);
    }

    #[test]
    fn each_admin_call_has_its_method_and_path() {
        let asked = |method: &str, path: &str, query: &str| {
            let head = Head { query: query.into(), ..head(method, path) };
            match received(&head, Some(br#"{"endpoints":{"baseUrl":"https://a.example"},"accessToken":"t"}"#)) {
                Received::Forward(Forward { practice, input: Input::Request { ask, .. } }) if practice == "90360" => {
                    Ok(ask)
                }
                Received::Reply(reply) => Err(reply.status),
                _ => Err(0),
            }
        };
        assert!(matches!(asked("GET", "/practices/90360", ""), Ok(Ask::State {})));
        assert!(matches!(asked("PUT", "/practices/90360", ""), Ok(Ask::Register(_))));
        assert!(matches!(asked("DELETE", "/practices/90360", ""), Ok(Ask::Remove {})));
        assert!(matches!(asked("POST", "/practices/90360/reconcile", ""), Ok(Ask::Reconcile {})));
        assert!(
            matches!(asked("POST", "/practices/90360/events/evt_1/replay", ""), Ok(Ask::Replay { id }) if id == "evt_1")
        );
        let feed = |query| asked("GET", "/practices/90360/events", query);
        assert!(matches!(feed(""), Ok(Ask::Feed { after: 0, limit: 100, feed: None, key: None })));
        let page = feed("?after=7&limit=1000&feed=5");
        assert!(matches!(page, Ok(Ask::Feed { after: 7, limit: 1_000, feed: Some(5), key: None })));
        for query in ["limit=0", "feed=x", "feed=-1", "limit=1001", "after=-1", "after=x", "after=9007199254740992"] {
            assert_eq!(feed(query).err(), Some(400), "{query}");
        }
        for (method, path, status) in [
            ("POST", "/practices/90360", 405),
            ("GET", "/practices/90360/reconcile", 405),
            ("DELETE", "/practices/90360/events", 405),
            ("GET", "/practices/90360/events/evt_1/replay", 405),
            ("GET", "/practices", 404),
            ("GET", "/practices/x", 404),
            ("GET", "/practices/0", 404),
            ("GET", "/practices/-1", 404),
            ("GET", "/practices/90360/orders", 404),
            ("GET", "/practices/90360/events/evt_1", 404),
        ] {
            assert_eq!(asked(method, path, "").err(), Some(status), "{method} {path}");
        }
    }
}
