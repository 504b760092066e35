//! `ClientOptions` and `CallOptions`: what can be set for the client and per call.

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
    /// Where the API is, how to authenticate, and how calls are made.
    pub struct ClientOptions {
        /// Where the API is: the location of each version as Discovery gives it; or the legacy base URL, without its
        /// `/api/third-party/v2`; or, from a page, an edge function and the practice.
        endpoints: Location = required,
        /// The practice's access token, or a function that returns the one to use now.
        access_token: TokenSource = required,
        /// Returns a new token after the API refused one (401). It is called once, however many calls were refused, and
        /// each of them is then repeated once. Renewing a token needs the client secret, so it has to happen on your
        /// server.
        refresh: Refresh,
        /// Used instead of the global `fetch`, and called without `this`: for example `sandbox.fetch`, or
        /// `(request) => env.API.fetch(request)` for a service binding. It must not follow redirects: the `Request` has
        /// `redirect: "manual"`.
        fetch: Fetch,
        /// How long to wait for the response's headers, and then for each part of its body, in milliseconds: 30000 by
        /// default. Also limits `accessToken` and `refresh`.
        timeout_ms: Timeout,
        /// How long a call may take in total, retries included, in milliseconds: 120000 by default. When a list is walked
        /// or polled, this applies to each page. Downloads have no deadline unless their own options set one.
        deadline_ms: Timeout,
        /// The largest JSON response to read, in bytes, and the most memory that its values may take: 33554432 (32 MiB) by
        /// default. The call rejects with `too-large` if it is exceeded. Downloads may be of any length.
        max_response_bytes: ByteCount,
        /// When to retry; `false` for never.
        retry: Retry,
        /// Origins, besides those of the endpoints, that links may lead to and that may see the token.
        trusted_origins: Origins,
        /// Called with every step of every call. Errors that it throws are ignored.
        on_event: EventListener,
    }
}

request! {
    /// The endpoints of a practice whose base URL is known.
    pub struct LegacyEndpoints {
        /// The URL before `/api/third-party/v2`.
        base_url: Text = required,
        /// Where V3 is, since the legacy URL does not include it. Needed for `listPatients` and `patients`.
        v3: ApiLocation,
    }
}

request! {
    /// The endpoints of a practice as Discovery gives them.
    pub struct DiscoveredEndpoints {
        /// Where V2 is. Needed for all calls except `listPatients` and `patients`.
        v2: ApiLocation,
        /// Where V3 is. Needed for `listPatients` and `patients`.
        v3: ApiLocation,
    }
}

request! {
    /// A practice that is registered with an edge function of `itero-dpms/webhook`: for calls from a page, with a session
    /// token as `accessToken`.
    pub struct EdgeEndpoints {
        /// Where the edge function is, such as `https://itero.example`.
        edge_url: Text = required,
        /// The practice's CompanyId.
        company_id: Id = required,
    }
}

request! {
    /// A domain and a path as Discovery gives them. A domain without a scheme means https.
    pub struct ApiLocation {
        /// Such as `https://eu.example.com`.
        domain: Text = required,
        /// The path before that of a call, such as `api/third-party/v2`; leading and trailing slashes do not matter.
        path: Text = required,
    }
}

request! {
    /// When to retry. Network failures, timeouts, truncated bodies and the statuses 408, 425, 429, 500, 502 to 504, 520 to
    /// 524 and 529 are retried, with growing, random delays.
    pub struct RetryOptions {
        /// How often a call is tried in total: 3 by default.
        attempts: Attempts,
        /// The upper limit of the first delay, in milliseconds: 250 by default. It doubles with each retry.
        base_delay_ms: Delay,
        /// The upper limit of all delays, in milliseconds: 10000 by default. The API's `Retry-After` can make a delay
        /// longer, up to a minute; if it is above that, the call is not retried.
        max_delay_ms: Delay,
        /// Whether to retry `createScanRequest`, and a POST by `request`, too. `false` by default, since a lost response
        /// may hide an RX that was created, and the API does not recognize a repeated request.
        create: Flag,
    }
}

request! {
    /// The options of a single call. Those that are left out are the client's.
    pub struct CallOptions {
        /// Aborts the call at any moment, also while it waits or its body streams. The call rejects with the signal's own
        /// reason.
        signal: Signal,
        /// Replaces the client's `timeoutMs`: how long to wait for the headers, and for each part of the body, in
        /// milliseconds.
        timeout_ms: Timeout,
        /// Replaces the client's `deadlineMs`: how long the call may take in total, in milliseconds. For a download this is
        /// the only deadline, and it includes the whole body.
        deadline_ms: Timeout,
        /// Replaces the client's `maxResponseBytes`: the largest JSON response to read, in bytes.
        max_response_bytes: ByteCount,
        /// Replaces the client's `retry`; `false` for never.
        retry: Retry,
    }
}

fn is_function(value: &Argument) -> Option<()> {
    (*value == Argument::Function).then_some(())
}

inputs! {
    /// How often a call is tried in total.
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
