//! `ClientOptions` and `CallOptions`: what can be chosen once and per call.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{ATTEMPTS, Argument, DELAY, FLAG, FUNCTION, Fields, SIGNAL, TEXT, TIMEOUT};
use crate::client::platform::Url;
use crate::engine::auth::{Auth, is_token};
use crate::engine::endpoints::{Base, Endpoints, LEGACY_PATH, join, with_scheme};
use crate::engine::error::DpmsError;
use crate::engine::retry::RetryPolicy;
use crate::engine::{Scope, Transport};

const DEFAULT_TIMEOUT_MS: f64 = 30_000.0;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Where the API is, how to get in, and how calls travel. */
export interface ClientOptions {
  /** Where Discovery said the API is, per version; or the legacy base URL, before its `/api/third-party/v2`. */
  endpoints:
    | {
        /** What comes before `/api/third-party/v2`. */
        baseUrl: string;
        /** Where V3 is, which the legacy URL does not say: `listPatients` and `patients` need it. */
        v3?: ApiLocation;
      }
    | {
        /** Where V2 is: every call but `listPatients` and `patients` needs it. */
        v2?: ApiLocation;
        /** Where V3 is: `listPatients` and `patients` need it. */
        v3?: ApiLocation;
      };
  /** The practice's access token, or a function that gives the one to use now. */
  accessToken: string | (() => string | Promise<string>);
  /**
   * Gives a new token after the API refused one (401). However many calls are refused together, it is asked once, and
   * each of them is repeated once. It belongs on your server: it needs the client secret.
   */
  refresh?: ((rejectedToken: string) => string | Promise<string>) | null;
  /** Used instead of the global `fetch`, for example `sandbox.fetch` or a service binding's. */
  fetch?: ((request: Request) => Promise<Response>) | null;
  /** The longest silence to bear: until the headers, and then within a body. Milliseconds, 30000 by default. */
  timeoutMs?: number | null;
  /** When to try again; `false` for never. */
  retry?: RetryOptions | false | null;
  /** Origins besides the endpoints' own that links may lead to, and that may see the token. */
  trustedOrigins?: string[] | null;
  /** Hears of every step of every call. What it throws is dropped. */
  onEvent?: ((event: ClientEvent) => void) | null;
}

/** A domain and path as Discovery gives them. A domain without a scheme is https. */
export interface ApiLocation {
  /** Such as `https://eu.example.com`. */
  domain: string;
  /** What comes before a call's own path, such as `api/third-party/v2`; slashes around it do not matter. */
  path: string;
}

/** Network failures, timeouts, cut bodies, 429, 500, 502, 503 and 504 are tried again, with growing, random delays. */
export interface RetryOptions {
  /** How often a call is tried in total: 3 by default. */
  attempts?: number | null;
  /** The upper end of the first delay, which doubles each time: 250 by default. */
  baseDelayMs?: number | null;
  /** The upper end of every delay: 10000 by default. */
  maxDelayMs?: number | null;
  /**
   * Whether to repeat `createScanRequest` too: `false` by default, since a lost answer may hide an RX that was made,
   * and the API cannot tell a repetition.
   */
  create?: boolean | null;
}

/** What can be chosen per call; the client's own options otherwise. */
export interface CallOptions {
  /** Stops the call, also while it waits or a body flows; it then rejects with the signal's own reason. */
  signal?: AbortSignal | null;
  /** The longest silence to bear, in milliseconds, instead of the client's. */
  timeoutMs?: number | null;
  /** When to try again, instead of the client's; `false` for never. */
  retry?: RetryOptions | false | null;
}
"#;

pub(super) fn transport(options: &Argument) -> Result<Transport, DpmsError> {
    let mut fields = Fields::of("options", options)?;
    let endpoints = endpoints(&mut fields);
    let fixed = token(&mut fields);
    let can_refresh = fields.optional("refresh", &FUNCTION).is_some();
    fields.optional("fetch", &FUNCTION);
    let transport = Transport {
        endpoints,
        auth: RefCell::new(Auth::new(fixed, can_refresh)),
        timeout_ms: fields.optional("timeoutMs", &TIMEOUT).unwrap_or(DEFAULT_TIMEOUT_MS),
        retry: retry(&mut fields).unwrap_or_default(),
        trusted_origins: trusted_origins(&mut fields),
    };
    fields.optional("onEvent", &FUNCTION);
    fields.finish()?;
    Ok(transport)
}

pub(super) fn scope(fields: &mut Fields<'_>, transport: &Transport) -> Scope {
    fields.optional("signal", &SIGNAL);
    Scope {
        timeout_ms: fields.optional("timeoutMs", &TIMEOUT).unwrap_or(transport.timeout_ms),
        retry: retry(fields).unwrap_or(transport.retry),
    }
}

fn retry(fields: &mut Fields<'_>) -> Option<RetryPolicy> {
    let value = fields.get("retry");
    if value.is_missing() {
        return None;
    }
    if *value == Argument::Flag(false) {
        return Some(RetryPolicy::OFF);
    }
    let default = RetryPolicy::default();
    Some(fields.object("retry", value, |retry| RetryPolicy {
        attempts: retry.optional("attempts", &ATTEMPTS).unwrap_or(default.attempts),
        base_delay_ms: retry.optional("baseDelayMs", &DELAY).unwrap_or(default.base_delay_ms),
        max_delay_ms: retry.optional("maxDelayMs", &DELAY).unwrap_or(default.max_delay_ms),
        create: retry.optional("create", &FLAG).unwrap_or(default.create),
    }))
}

/// The token itself; `None` if a function gives it.
fn token(fields: &mut Fields<'_>) -> Option<String> {
    let value = fields.get("accessToken");
    if *value == Argument::Function {
        return None;
    }
    let token = value.text().filter(|token| is_token(token));
    if token.is_none() {
        fields.must_be("accessToken", "a function, or a non-empty text of visible ASCII characters");
    }
    token.map(str::to_owned)
}

fn endpoints(fields: &mut Fields<'_>) -> Endpoints {
    let value = fields.get("endpoints");
    if value.is_missing() {
        fields.must_be("endpoints", "{ baseUrl } or { v2, v3 }");
        return Endpoints::default();
    }
    fields.object("endpoints", value, |endpoints| {
        let legacy = endpoints.optional("baseUrl", &TEXT);
        let legacy = legacy.and_then(|domain| base(endpoints, "baseUrl", &domain, LEGACY_PATH));
        let v2 = location(endpoints, "v2");
        let v3 = location(endpoints, "v3");
        if legacy.is_some() && v2.is_some() {
            endpoints.fault("baseUrl", "must not be given beside v2");
        }
        if endpoints.is_faultless() && legacy.is_none() && v2.is_none() && v3.is_none() {
            endpoints.fault("baseUrl", "must be given, or v2 or v3");
        }
        Endpoints { v2: legacy.or(v2), v3 }
    })
}

fn location(endpoints: &mut Fields<'_>, version: &'static str) -> Option<Base> {
    let value = endpoints.get(version);
    if value.is_missing() {
        return None;
    }
    endpoints.object(version, value, |location| {
        let domain = location.required("domain", &TEXT);
        let path = location.required("path", &TEXT);
        base(location, "domain", &domain, &path)
    })
}

fn base(fields: &mut Fields<'_>, field: &str, domain: &str, path: &str) -> Option<Base> {
    // Some platforms let spaces into a host. In a page, a URL may be relative to it.
    let parsed = Url::parse(&with_scheme(domain), ".").filter(|_| !domain.trim().contains(char::is_whitespace));
    let plain = parsed.filter(|url| url.web && url.plain);
    if plain.is_none() {
        fields.must_be(field, "an http(s) URL without user, query or fragment");
    }
    plain.map(|url| Base { url: join(&url.href, path), origin: url.origin })
}

fn trusted_origins(fields: &mut Fields<'_>) -> Vec<String> {
    let value = fields.get("trustedOrigins");
    if value.is_missing() {
        return Vec::new();
    }
    let origin = |text: &Argument| Url::parse(text.text()?, "").filter(|url| url.web).map(|url| url.origin);
    let origins: Option<Vec<String>> = match value {
        Argument::List(items) => items.iter().map(origin).collect(),
        _ => None,
    };
    if origins.is_none() {
        fields.must_be("trustedOrigins", "a list of http(s) origins such as https://files.example.com");
    }
    origins.unwrap_or_default()
}
