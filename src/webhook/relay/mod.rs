//! The relay: calls of a page with a session, passed on to the API with the practice's token, which no page sees.

pub mod answer;
mod routes;

use serde::Serialize;

use super::clock::SECOND;
use super::cors;
use super::portal::{Stop, Visit};
use super::receive::{Reading, company, is_longer, not_found};
use super::reply::{Headers, Reply};
use crate::api::endpoint::Version;
use crate::scalar::Id;
use routes::target;

/// The longest body that is passed on. The client's largest body takes some thousand bytes.
const MAX_BODY: usize = 64 * 1024;

const READING: Reading = Reading { max_bytes: MAX_BODY + 1, timeout_ms: 10 * SECOND };

/// A call to pass on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The practice whose token is used.
    pub company_id: Id,
    /// The user, for the log.
    pub subject: String,
    /// The session; its calls in flight are counted.
    pub session: String,
    /// The call's template in the API document, for the log.
    pub endpoint: String,
    /// The HTTP method.
    pub method: &'static str,
    /// `v2` or `v3`: which of the practice's base URLs the path is below.
    pub version: &'static str,
    /// The path with its query.
    pub path: String,
    /// Whether a successful response is a file.
    pub is_download: bool,
    /// The CORS headers for any response.
    pub headers: Headers,
}

/// Returns what to do with a request for `path`, unchanged and relative to a version's base URL; `body` is `None` until it is
/// read.
pub(in crate::webhook) fn route(
    visit: &Visit,
    company_id: &str,
    version: &str,
    path: &str,
    body: Option<&[u8]>,
) -> Result<Plan, Stop> {
    if visit.is_preflight() {
        return Err(cors::preflight(visit.origin.as_deref(), &visit.allowed_origins).into());
    }
    let company_id = company(company_id)?;
    let session = visit.session(company_id)?;
    let (version, name) = match version {
        "v2" => (Version::V2, "v2"),
        "v3" => (Version::V3, "v3"),
        _ => return Err(not_found().into()),
    };
    let target = target(&visit.head.method, version, path, &visit.head.query);
    let target = target.ok_or_else(|| Reply::problem(404, "This is no call of the API document."))?;
    session.require(target.route.scope)?;
    let method = target.route.method;
    let announced = visit.head.content_length.as_deref().is_some_and(|length| is_longer(length, MAX_BODY));
    if announced || body.is_some_and(|body| body.len() > MAX_BODY) {
        return Err(Reply::problem(413, "The body may have 64 KiB.").into());
    }
    if method.sends_body() && body.is_none() {
        return Err(Stop::Read(READING, Headers::new()));
    }
    Ok(Plan {
        company_id,
        subject: session.subject,
        session: session.id,
        endpoint: format!("{} {}", method.name(), target.route.path),
        method: method.name(),
        version: name,
        path: target.path,
        is_download: target.route.is_download,
        headers: visit.cors(),
    })
}

/// The refusal for a session with too many calls in flight.
pub fn busy() -> Reply {
    Reply::problem(429, "Too many calls of this session are under way.").with("retry-after", "1")
}

/// The refusal of a V3 call for a practice whose registration has no V3 location. Not a 404, which would mean that there are no
/// patients.
pub fn not_located() -> Reply {
    Reply::problem(501, "The practice is registered without endpoints.v3.")
}
