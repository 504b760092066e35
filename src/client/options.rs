//! `ClientOptions` and `CallOptions`: what can be chosen once and per call.

use super::url::Url;
use crate::api::endpoint::{Endpoint, Returns};
use crate::engine::Policy;
use crate::engine::auth::is_token;
use crate::engine::endpoints::{Base, Endpoints, LEGACY_PATH, join, with_scheme};
use crate::engine::retry::RetryPolicy;
use crate::scalar::Id;
use crate::schema::input::{Argument, Delay, Flag, Input, Text, Timeout, ToWire, inputs, whole_number};
use crate::schema::request::{Request, request};
use crate::schema::validator::Validator;

const DEFAULT_TIMEOUT_MS: f64 = 30_000.0;
const DEFAULT_DEADLINE_MS: f64 = 120_000.0;
const DEFAULT_MAX_RESPONSE_BYTES: u32 = 32 << 20;

request! {
    /// Where the API is, how to authenticate, and how calls travel.
    pub struct ClientOptions {
        /// Where Discovery said the API is, per version; or the legacy base URL, before its `/api/third-party/v2`; or, from a page, an edge
        /// function and the practice.
        endpoints: Location = required,
        /// The practice's access token, or a function that returns the one to use now.
        access_token: TokenSource = required,
        /// Returns a new token after the API refused one (401). However many calls are refused together, it is called once,
        /// and each of them is repeated once. It belongs on your server: it needs the client secret.
        refresh: Refresh,
        /// Used instead of the global `fetch`, and called without an object: `sandbox.fetch`, for example, or
        /// `(request) => env.API.fetch(request)` for a service binding. It must follow no redirects: the `Request` says so.
        fetch: Fetch,
        /// The longest silence to bear: until the headers, and then within a body. Milliseconds, 30000 by default.
        timeout_ms: Timeout,
        /// How long a call may take in all, with its retries, in milliseconds: 120000 by default. Of a list that is walked or
        /// polled, each page has as long. Downloads take as long as they take, unless their own options bound them.
        deadline_ms: Timeout,
        /// The longest JSON to read, in bytes, and the most memory that its values may take: 33554432 (32 MiB) by default.
        /// What is larger is `too-large`. Downloads may be of any length.
        max_response_bytes: ByteCount,
        /// When to try again; `false` for never.
        retry: Retry,
        /// Origins besides the endpoints' own that links may lead to, and that may see the token.
        trusted_origins: Origins,
        /// Called with every step of every call. What it throws is dropped.
        on_event: EventListener,
    }
}

request! {
    /// The endpoints of a practice whose base URL is known.
    pub struct LegacyEndpoints {
        /// What comes before `/api/third-party/v2`.
        base_url: Text = required,
        /// Where V3 is, which the legacy URL does not say: `listPatients` and `patients` need it.
        v3: ApiLocation,
    }
}

request! {
    /// The endpoints of a practice as Discovery gave them.
    pub struct DiscoveredEndpoints {
        /// Where V2 is: every call but `listPatients` and `patients` needs it.
        v2: ApiLocation,
        /// Where V3 is: `listPatients` and `patients` need it.
        v3: ApiLocation,
    }
}

request! {
    /// A practice that is registered with an edge function of `itero-dpms/webhook`: how a page calls, with a session as `accessToken`.
    pub struct EdgeEndpoints {
        /// Where the edge function is, such as `https://itero.example`.
        edge_url: Text = required,
        /// The practice's CompanyId.
        company_id: Id = required,
    }
}

request! {
    /// A domain and path as Discovery gives them. A domain without a scheme is https.
    pub struct ApiLocation {
        /// Such as `https://eu.example.com`.
        domain: Text = required,
        /// What comes before a call's own path, such as `api/third-party/v2`; slashes around it do not matter.
        path: Text = required,
    }
}

request! {
    /// Network failures, timeouts, cut bodies, 408, 425, 429, 500, 502 to 504, 520 to 524 and 529 are tried again, with growing,
    /// random delays.
    pub struct RetryOptions {
        /// How often a call is tried in total: 3 by default.
        attempts: Attempts,
        /// The upper end of the first delay, which doubles each time: 250 by default.
        base_delay_ms: Delay,
        /// The upper end of every delay: 10000 by default.
        max_delay_ms: Delay,
        /// Whether to repeat `createScanRequest` too: `false` by default, since a lost response may hide an RX that was
        /// made, and the API cannot recognize a repetition.
        create: Flag,
    }
}

request! {
    /// What can be chosen per call; the client's own options otherwise.
    pub struct CallOptions {
        /// Stops the call, also while it waits or a body flows; it then rejects with the signal's own reason.
        signal: Signal,
        /// The longest silence to bear, in milliseconds, instead of the client's.
        timeout_ms: Timeout,
        /// How long the call may take in all, in milliseconds, instead of the client's. A download is bounded only by its own,
        /// to the end of its body.
        deadline_ms: Timeout,
        /// The longest JSON to read, in bytes, instead of the client's.
        max_response_bytes: ByteCount,
        /// When to try again, instead of the client's; `false` for never.
        retry: Retry,
    }
}

fn is_function(value: &Argument) -> Option<()> {
    (*value == Argument::Function).then_some(())
}

inputs! {
    /// How often a call is tried.
    Attempts: "number" => u32, "a whole number from 1 to 100", |value| whole_number(value, 1, 100);
    /// A number of bytes.
    ByteCount: "number" => u32, "a whole number of bytes from 1 to 2147483647",
        |value| whole_number(value, 1, i32::MAX as u32);
    /// A signal, which stays in JavaScript.
    Signal: "AbortSignal" => (), "an AbortSignal", |value| (*value == Argument::Signal).then_some(());
    /// A token, or a function that returns one; `None` for the function.
    TokenSource: "string | (() => string | Promise<string>)" => Option<String>,
        "a function, or a non-empty string of visible ASCII characters", |value| match value {
            Argument::Function => Some(None),
            _ => value.text().filter(|token| is_token(token)).map(|token| Some(token.to_owned())),
        };
    /// A function that returns a new token.
    Refresh: "((rejectedToken: string) => string | Promise<string>)" => (), "a function", is_function;
    /// A `fetch`.
    Fetch: "((request: Request) => Promise<Response>)" => (), "a function", is_function;
    /// A listener for events.
    EventListener: "((event: ClientEvent) => void)" => (), "a function", is_function;
    /// Origins that may see the token.
    Origins: "string[]" => Vec<String>, "a list of http(s) origins such as https://files.example.com", |value| {
        let origin = |text: &Argument| Url::parse(text.text()?, None).filter(|url| url.is_web).map(|url| url.origin);
        match value {
            Argument::List(items) => items.iter().map(origin).collect(),
            _ => None,
        }
    };
}

/// `RetryOptions`, or `false` for never.
pub(super) struct Retry;

impl Input for Retry {
    type Value = RetryPolicy;
    const TYPE: &'static str = "RetryOptions | false";
    const ALLOWED: &'static str = "an object or false";

    fn read(_: &Argument) -> Option<RetryPolicy> {
        None // read field by field
    }

    fn read_field(validator: &mut Validator<'_>, field: &str, value: &Argument) -> Option<RetryPolicy> {
        if *value == Argument::Flag(false) {
            return Some(RetryPolicy::OFF);
        }
        let default = RetryPolicy::default();
        validator.object(field, value, RetryOptions::read).map(|retry| RetryPolicy {
            attempts: retry.attempts.unwrap_or(default.attempts),
            base_delay_ms: retry.base_delay_ms.unwrap_or(default.base_delay_ms),
            max_delay_ms: retry.max_delay_ms.unwrap_or(default.max_delay_ms),
            create: retry.create.unwrap_or(default.create),
        })
    }
}

impl Input for ApiLocation {
    type Value = Base;
    const TYPE: &'static str = "ApiLocation";
    const ALLOWED: &'static str = "{ domain, path }";

    fn read(_: &Argument) -> Option<Base> {
        None // read field by field
    }

    fn read_field(validator: &mut Validator<'_>, field: &str, value: &Argument) -> Option<Base> {
        validator.object(field, value, |fields| {
            let location = <Self as Request>::read(fields)?;
            base(fields, "domain", &location.domain, &location.path)
        })
    }
}

/// `ClientOptions.endpoints`.
pub(super) struct Location;

impl Input for Location {
    type Value = Endpoints;
    const TYPE: &'static str = "LegacyEndpoints | DiscoveredEndpoints | EdgeEndpoints";
    const ALLOWED: &'static str = "{ baseUrl }, { v2, v3 } or { edgeUrl, companyId }";

    fn read(_: &Argument) -> Option<Endpoints> {
        None // read field by field
    }

    fn read_field(validator: &mut Validator<'_>, field: &str, value: &Argument) -> Option<Endpoints> {
        if value.is_missing() {
            validator.must_be(field, Self::ALLOWED);
            return None;
        }
        validator.object(field, value, |endpoints| {
            if let Some(edge) = endpoints.optional::<Text>("edgeUrl") {
                return relayed(endpoints, &edge);
            }
            let legacy = endpoints.optional::<Text>("baseUrl");
            let legacy = legacy.and_then(|domain| base(endpoints, "baseUrl", &domain, LEGACY_PATH));
            let v2 = endpoints.optional::<ApiLocation>("v2");
            let v3 = endpoints.optional::<ApiLocation>("v3");
            if legacy.is_some() && v2.is_some() {
                endpoints.fault("baseUrl", "must not be given beside v2");
            }
            if endpoints.is_faultless() && legacy.is_none() && v2.is_none() && v3.is_none() {
                endpoints.fault("baseUrl", "must be given, or v2 or v3, or edgeUrl and companyId");
            }
            Some(Endpoints { v2: legacy.or(v2), v3, is_relay: false })
        })
    }
}

/// Both versions, as an edge function passes them on.
fn relayed(endpoints: &mut Validator<'_>, edge: &str) -> Option<Endpoints> {
    let company_id = endpoints.required::<Id>("companyId")?.to_wire();
    let mut version = |name| base(endpoints, "edgeUrl", edge, &["practices/", &company_id, "/api/", name].concat());
    Some(Endpoints { v2: Some(version("v2")?), v3: version("v3"), is_relay: true })
}

fn base(validator: &mut Validator<'_>, field: &str, domain: &str, path: &str) -> Option<Base> {
    // Some platforms accept spaces in a host. In a page, a URL may be relative to it.
    let parsed = Url::parse_in_page(&with_scheme(domain)).filter(|_| !domain.trim().contains(char::is_whitespace));
    let plain = parsed.filter(|url| url.is_web && url.is_plain);
    let Some(domain) = plain else {
        validator.must_be(field, "an http(s) URL without user, query or fragment");
        return None;
    };
    let url = Url::parse(&join(&domain.href, path), None).filter(|_| !path.trim().contains(char::is_whitespace));
    let below = url.filter(|url| {
        let rest = url.href.strip_prefix(domain.href.trim_end_matches('/'));
        url.is_plain && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if below.is_none() {
        validator.must_be("path", "a path below the domain, without query or fragment");
    }
    below.map(|url| Base { url: join(&url.href, ""), origin: url.origin })
}

impl ClientOptions {
    /// What calls bear unless they say otherwise.
    pub(super) fn policy(&self) -> Policy {
        Policy {
            timeout_ms: self.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS),
            deadline_ms: self.deadline_ms.unwrap_or(DEFAULT_DEADLINE_MS),
            max_response_bytes: self.max_response_bytes.unwrap_or(DEFAULT_MAX_RESPONSE_BYTES),
            retry: self.retry.unwrap_or_default(),
        }
    }
}

impl CallOptions {
    /// What a call of this endpoint bears.
    pub(super) fn policy(&self, client: Policy, endpoint: &Endpoint) -> Policy {
        // A file may be of any length.
        let deadline_ms = if matches!(endpoint.returns, Returns::File) { f64::INFINITY } else { client.deadline_ms };
        Policy {
            timeout_ms: self.timeout_ms.unwrap_or(client.timeout_ms),
            deadline_ms: self.deadline_ms.unwrap_or(deadline_ms),
            max_response_bytes: self.max_response_bytes.unwrap_or(client.max_response_bytes),
            retry: self.retry.unwrap_or(client.retry),
        }
    }
}
