//! Session tokens: what a portal's server gives to the page of a signed-in user, for one practice, a few scopes and some
//! minutes. They are compact JWS with HS256 (RFC 7515, 7519), so that any JWT library can create them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde_json::{Map, Value};
use subtle::{Choice, ConstantTimeEq};

use super::clock::{HOUR, MINUTE, Millis, SECOND};
use super::fields::{self, Fields};
use super::reply::{FieldError, Reason, Reply};
use super::secrets::hmac;
use crate::api::scope::Scope;
use crate::json::Object;
use crate::scalar::Id;

/// The issuer of the tokens.
const ISSUER: &str = "itero-dpms";

/// How long a session lasts by default, and at most.
const DEFAULT_TTL: Millis = 15 * MINUTE;
const LONGEST_TTL: Millis = 12 * HOUR;

/// How far apart the clocks of a portal and of the edge function may be.
const SKEW: Millis = 60 * SECOND;

/// The shortest secret, in bytes: as long as the hash (RFC 7518 §3.2).
pub const SHORTEST_SECRET: usize = 32;

/// The longest token that is read. A token with all scopes and the longest subject takes a third of that.
const LONGEST_TOKEN: usize = 4096;

/// The longest subject and token id, in bytes.
const LONGEST_NAME: usize = 256;

/// The header of the tokens that are created here.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// A session that a token proves.
#[derive(Clone, PartialEq, Debug)]
pub struct Session {
    /// The portal's user.
    pub subject: String,
    /// The scopes that it grants.
    pub scopes: Vec<Scope>,
    /// The token's own id.
    pub id: String,
    /// When it expires. The token is accepted for a minute more, since clocks differ.
    pub expires_at: Millis,
}

impl Session {
    /// Checks a bearer token, which comes from an `Authorization` header, or from where a browser sends it instead. The reply
    /// does not say what is wrong with the token.
    pub fn verify(token: Option<&str>, company_id: Id, secrets: &str, now: Millis) -> Result<Self, Reply> {
        token.and_then(|token| verified(token, company_id, secrets, now)).ok_or_else(unauthorized)
    }

    /// Returns from when on its token is no longer accepted.
    pub fn over_at(&self) -> Millis {
        self.expires_at + SKEW
    }

    /// Checks that the session has a scope.
    pub fn require(&self, scope: Scope) -> Result<(), Reply> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        let detail = format!("The session lacks the scope {}.", scope.name());
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", scope.name());
        let reason = Reason { code: Some("insufficient-scope"), scope: Some(scope.name()), attention: None };
        Err(Reply::problem_because(403, &detail, reason).with("www-authenticate", challenge))
    }
}

/// Returns the token of an `Authorization` header.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The refusal of everything that is not a valid token for the practice.
pub fn unauthorized() -> Reply {
    let detail = "Send a session token of this practice as Authorization: Bearer <token>.";
    Reply::problem(401, detail).with("www-authenticate", "Bearer")
}

/// A part of a token: its header (RFC 7515 §4.1), or its claims (RFC 7519 §4.1).
struct Part(Map<String, Value>);

impl Part {
    fn decode(part: &str) -> Option<Self> {
        let json = String::from_utf8(BASE64.decode(part).ok()?).ok()?;
        crate::json::read(&json).map(Self)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Returns a time in seconds, which need not be a whole number.
    fn time(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

fn verified(token: &str, company_id: Id, secrets: &str, now: Millis) -> Option<Session> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header = Part::decode(header)?;
    // A header with `crit` requires an extension that is not supported here.
    if header.text("alg")? != "HS256" || header.has("crit") || !is_signed(signed, signature, secrets) {
        return None;
    }
    let claims = Part::decode(claims)?;
    let (subject, id, scope) = (claims.text("sub")?, claims.text("jti")?, claims.text("scope")?);
    let (issued_at, expires_at) = (claims.time("iat")?, claims.time("exp")?);
    let begins_at = if claims.has("nbf") { claims.time("nbf")?.max(issued_at) } else { issued_at };
    let in_seconds = |time: Millis| time as f64 / SECOND as f64;
    let (now, skew) = (in_seconds(now), in_seconds(SKEW));
    let is_now = begins_at <= now + skew && now < expires_at + skew;
    let is_short = expires_at - issued_at <= in_seconds(LONGEST_TTL);
    let is_whole = is_name(subject) && is_name(id);
    let is_ours = claims.text("iss")? == ISSUER && claims.text("aud")? == company_id.to_string();
    (is_now && is_short && is_whole && is_ours).then(|| Session {
        subject: subject.to_owned(),
        // A scope of a later release is ignored.
        scopes: scope.split(' ').filter_map(Scope::named).collect(),
        id: id.to_owned(),
        expires_at: (expires_at * SECOND as f64) as Millis,
    })
}

/// Returns whether any of the secrets signed this. All of them are tried, so the time that this takes reveals nothing about
/// them.
fn is_signed(signed: &str, signature: &str, secrets: &str) -> bool {
    let Ok(signature) = BASE64.decode(signature) else { return false };
    let macs = usable(secrets).filter_map(|secret| hmac(secret.as_bytes(), signed));
    macs.fold(Choice::from(0), |found, mac| found | mac.as_slice().ct_eq(signature.as_slice())).into()
}

/// Returns the usable secrets of a comma-separated list. One that is too short neither signs nor verifies.
pub fn usable(secrets: &str) -> impl Iterator<Item = &str> {
    secrets.split(',').map(str::trim).filter(|secret| secret.len() >= SHORTEST_SECRET)
}

/// Returns whether each secret of a comma-separated list is long enough.
pub fn are_usable(secrets: &str) -> bool {
    let given = secrets.split(',').filter(|secret| !secret.trim().is_empty());
    given.count() == usable(secrets).count()
}

/// Returns whether a text can be a subject or a token's id.
fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The session that a token is created for.
struct Grant {
    subject: String,
    scopes: Vec<Scope>,
    ttl: Millis,
}

/// A token that was created.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Granted {
    /// The token.
    pub token: String,
    /// When it expires, as RFC 3339 in UTC.
    pub expires_at: String,
}

/// Creates a token for the session that `body` describes, signed with the first of the comma-separated `secrets`; `id` is the
/// token's own, unique id.
pub fn grant(body: &[u8], company_id: Id, secrets: &str, id: &str, now: Millis) -> Result<Granted, Vec<FieldError>> {
    let grant = fields::read(body, |fields| {
        fields.refuse_unknown(&["subject", "scopes", "ttlSeconds"]);
        Grant::from_fields(fields)
    })?;
    grant.signed(company_id, secrets, id, now)
}

/// Does the same for a body that also names the practice.
pub fn create(body: &[u8], secrets: &str, id: &str, now: Millis) -> Result<Granted, Vec<FieldError>> {
    let (company_id, grant) = fields::read(body, |fields| {
        fields.refuse_unknown(&["companyId", "subject", "scopes", "ttlSeconds"]);
        let company_id: Option<Id> = fields.get("companyId").and_then(|id| match id {
            Value::String(text) => text.parse().ok(),
            _ => id.as_i64()?.try_into().ok(),
        });
        let company_id = company_id.filter(|id| i64::from(*id) > 0);
        if company_id.is_none() {
            fields.refuse("companyId", "must be the practice's CompanyId, a number above 0");
        }
        (company_id, Grant::from_fields(fields))
    })?;
    company_id.ok_or_else(Vec::new).and_then(|company_id| grant.signed(company_id, secrets, id, now))
}

impl Grant {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        let subject =
            fields.string("subject", "must be the user's id: 1 to 256 bytes without control characters", is_name);
        let scopes: Option<Vec<Scope>> = fields
            .get("scopes")
            .and_then(Value::as_array)
            .and_then(|names| names.iter().map(|name| name.as_str().and_then(Scope::named)).collect());
        if scopes.as_ref().is_none_or(Vec::is_empty) {
            fields.refuse(
                "scopes",
                "must be a list of practice:read, orders:read, files:read, rx:write, patients:read, patients:write, events:read",
            );
        }
        let ttl = match fields.get("ttlSeconds") {
            None | Some(Value::Null) => Some(DEFAULT_TTL),
            Some(seconds) => {
                let seconds = seconds.as_i64().filter(|seconds| (1..=LONGEST_TTL / SECOND).contains(seconds));
                seconds.map(|seconds| seconds * SECOND)
            }
        };
        if ttl.is_none() {
            fields.refuse("ttlSeconds", "must be a whole number of seconds from 1 to 43200");
        }
        Self { subject, scopes: scopes.unwrap_or_default(), ttl: ttl.unwrap_or_default() }
    }

    fn signed(self, company_id: Id, secrets: &str, id: &str, now: Millis) -> Result<Granted, Vec<FieldError>> {
        let secret = usable(secrets).next();
        let secret = secret.ok_or_else(|| vec![FieldError::new("secret", "must be a string of at least 32 bytes")])?;
        let scopes = Scope::ALL.into_iter().filter(|scope| self.scopes.contains(scope)).map(Scope::name);
        let (issued_at, expires_at) = (now / SECOND, (now + self.ttl) / SECOND);
        let claims = Object::new()
            .text("iss", ISSUER)
            .text("aud", &company_id.to_string())
            .text("sub", &self.subject)
            .text("scope", &scopes.collect::<Vec<_>>().join(" "))
            .raw("iat", &issued_at.to_string())
            .raw("exp", &expires_at.to_string())
            .text("jti", id)
            .end();
        let signed = format!("{}.{}", BASE64.encode(HEADER), BASE64.encode(claims));
        let signature = BASE64.encode(hmac(secret.as_bytes(), &signed).unwrap_or_default());
        let expires_at = super::clock::rfc3339(expires_at * SECOND);
        Ok(Granted { token: format!("{signed}.{signature}"), expires_at })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Millis = 1_800_000_000_000;
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "another secret of thirty-two bytes";

    fn id(id: i64) -> Id {
        id.try_into().unwrap()
    }

    fn claims() -> Value {
        json!({ "iss": "itero-dpms", "aud": "77", "sub": "user-1", "scope": "orders:read files:read", "jti": "j",
                "iat": NOW / 1000, "exp": NOW / 1000 + 900 })
    }

    /// A token as another program would create it.
    fn token(header: &str, claims: &Value, secret: &str) -> String {
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims.to_string()));
        format!("{signed}.{}", BASE64.encode(hmac(secret.as_bytes(), &signed).unwrap()))
    }

    fn verify(token: &str) -> Result<Session, Reply> {
        Session::verify(Some(token), id(77), SECRET, NOW)
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_token_that_is_made_here_is_a_session() {
        let body =
            json!({ "companyId": "77", "subject": "user-1", "scopes": ["files:read", "orders:read", "files:read"] });
        let made = create(body.to_string().as_bytes(), &format!(" {SECRET} ,{OTHER}"), "j", NOW).unwrap();
        assert_eq!(made.expires_at, "2027-01-15T08:15:00.000Z");
        let session = verify(&made.token).unwrap();
        assert_eq!(
            session,
            Session {
                subject: "user-1".into(),
                scopes: vec![Scope::OrdersRead, Scope::FilesRead],
                id: "j".into(),
                expires_at: NOW + 15 * MINUTE
            }
        );
        assert_eq!(session.require(Scope::FilesRead), Ok(()));
        let refusal = session.require(Scope::RxWrite).unwrap_err();
        assert_eq!(refusal.status, 403);
        assert!(refusal.body.contains(r#""code":"insufficient-scope","scope":"rx:write"}"#), "{}", refusal.body);
    }

    #[test]
    fn what_is_wrong_with_a_session_to_make_is_named_at_once() {
        let wrong = |body: Value| {
            let errors = create(body.to_string().as_bytes(), SECRET, "j", NOW).err().unwrap_or_default();
            errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        assert_eq!(wrong(json!({})), ["companyId", "subject", "scopes"]);
        assert_eq!(
            wrong(json!({ "companyId": 0, "subject": "a\nb", "scopes": ["orders"], "ttlSeconds": 43_201, "ttl": 1 })),
            ["ttl", "companyId", "subject", "scopes", "ttlSeconds"]
        );
        for ttl in [json!(0), json!(1.5), json!("60"), json!(-1)] {
            let body = json!({ "companyId": 77, "subject": "u", "scopes": ["events:read"], "ttlSeconds": ttl });
            assert_eq!(wrong(body), ["ttlSeconds"]);
        }
        let body = json!({ "subject": "x".repeat(257), "scopes": [] }).to_string();
        assert_eq!(grant(body.as_bytes(), id(77), SECRET, "j", NOW).unwrap_err().len(), 2);
        let body = json!({ "subject": "u", "scopes": ["events:read"], "ttlSeconds": 43_200 }).to_string();
        for secret in ["", &SECRET[1..], ","] {
            assert_eq!(grant(body.as_bytes(), id(77), secret, "j", NOW).unwrap_err()[0].field, "secret");
        }
        let longest = grant(body.as_bytes(), id(77), SECRET, "j", NOW).unwrap().token;
        assert!(verify(&longest).is_ok());
    }

    #[test]
    fn several_secrets_are_valid_at_once_but_none_that_is_short() {
        let made = token(HEADER, &claims(), OTHER);
        let by = |secrets: &str| Session::verify(Some(&made), id(77), secrets, NOW).is_ok();
        assert!(by(OTHER) && by(&format!("{SECRET}, {OTHER}")));
        assert!(!by(SECRET) && !by("") && !by(",") && !by(&OTHER[1..]));
        let short = token(HEADER, &claims(), "short");
        assert!(Session::verify(Some(&short), id(77), "short", NOW).is_err());
        assert!(are_usable("") && are_usable(&format!("{SECRET},")) && !are_usable(&format!("{SECRET},short")));
    }

    #[test]
    fn a_token_of_another_program_may_have_more_claims_and_times_that_are_not_whole() {
        let mut claims = claims();
        claims["exp"] = json!(NOW as f64 / 1000.0 + 0.5);
        claims["nbf"] = json!(NOW / 1000 + 60);
        claims["name"] = json!("x");
        claims["scope"] = json!("orders:read later:scope");
        let session = verify(&token(r#"{"typ":"at+jwt","kid":"1","alg":"HS256"}"#, &claims, SECRET)).unwrap();
        assert_eq!((session.scopes, session.expires_at), (vec![Scope::OrdersRead], NOW + 500));
    }

    #[test]
    fn every_other_token_is_refused_in_the_same_words() {
        let good = token(HEADER, &claims(), SECRET);
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let mut wrong = vec![
            String::new(),
            ".".into(),
            "..".into(),
            "a.b.c".into(),
            signed.into(),
            format!("{signed}."),
            format!("{good}."),
            format!("{good}="),
            format!("{good}.{signature}"),
            format!("{signed}.{}", &signature[1..]),
            format!("{}.{signature}", signed.to_lowercase()),
            format!("x{good}"),
            format!("{good}\u{e9}"),
            token(HEADER, &claims(), OTHER),
            token(HEADER, &json!([]), SECRET),
            token("{}", &claims(), SECRET),
            token(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, &claims(), SECRET),
            token(HEADER, &with("sub", json!("x".repeat(300))), SECRET),
            token(HEADER, &with("jti", json!("x".repeat(5_000))), SECRET),
        ];
        for algorithm in ["none", "None", "", "hs256", "HS384", "HS512", "RS256", "ES256"] {
            let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#);
            wrong.push(token(&header, &claims(), SECRET));
            wrong.push(format!("{}.{}.", BASE64.encode(&header), BASE64.encode(claims().to_string())));
        }
        for name in ["iss", "aud", "sub", "scope", "iat", "exp", "jti"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            wrong.push(token(HEADER, &claims, SECRET));
            wrong.push(token(HEADER, &with(name, json!(null)), SECRET));
            wrong.push(token(HEADER, &with(name, json!(["77"])), SECRET));
            wrong.push(token(HEADER, &with(name, json!("")), SECRET));
        }
        // A session without scopes is allowed nothing.
        wrong.retain(|token| !verify(token).is_ok_and(|session| session.scopes.is_empty()));
        let seconds = NOW / 1000;
        for (name, value) in [
            ("iss", json!("another")),
            ("aud", json!("78")),
            ("aud", json!(77)),
            ("aud", json!("077")),
            ("exp", json!(seconds - 60)),
            ("exp", json!(seconds + 43_201)),
            ("exp", json!(1e300)),
            ("exp", json!(-1e300)),
            ("iat", json!(seconds + 61)),
            ("iat", json!(-1e300)),
            ("nbf", json!(seconds + 61)),
            ("nbf", json!("soon")),
            ("jti", json!("a\u{0}b")),
        ] {
            wrong.push(token(HEADER, &with(name, value), SECRET));
        }
        let said = Session::verify(None, id(77), SECRET, NOW).unwrap_err();
        assert_eq!((said.status, &*said.headers["www-authenticate"]), (401, "Bearer"));
        for token in wrong {
            assert_eq!(verify(&token).as_ref(), Err(&said), "{token}");
        }
        assert!(verify(&token(HEADER, &with("exp", json!(seconds - 59)), SECRET)).is_ok(), "within the skew");
        assert!(verify(&good).is_ok());
    }

    #[test]
    fn every_scope_is_declared_in_typescript() {
        let declarations = include_str!("../../pkg-template/types/webhook.d.ts");
        for scope in Scope::ALL {
            assert!(declarations.contains(&format!("\"{}\"", scope.name())), "{}", scope.name());
        }
    }
}
