//! The body of `PUT /practices/:companyId`: how to get a practice's orders, and where to deliver its events.

use serde::{Deserialize, Serialize};

use super::fields::{self, Fields};
use super::reply::FieldError;
use super::{secrets, url};
use crate::engine::base_url::{LEGACY_PATH, join, with_scheme};
use crate::engine::bearer::is_token;

/// A practice as it was registered. Holds secrets: it has no `Debug`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The URL that `orders/…` is appended to.
    pub base_url: String,
    /// The URL that V3's `patient/…` is appended to. Release 0.1.0 did not have it.
    #[serde(default)]
    pub v3_base_url: Option<String>,
    /// The registered token; the one in use may be newer.
    pub access_token: String,
    /// How to get a new token.
    pub refresh: Option<Refresh>,
    /// Where events are delivered.
    pub deliver_to: Option<Consumer>,
    /// The feed key, which gives access to the feed only, in the form in which it is stored. Release 0.1.0 did not have it.
    #[serde(default)]
    pub feed_key: Option<String>,
}

/// How to get a new access token.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// The token endpoint.
    pub token_url: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// The registered refresh token; the one in use may be newer.
    pub refresh_token: String,
}

/// Where events are delivered.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumer {
    /// The URL that gets a POST for each event.
    pub url: String,
    /// The secret that signs the events: `whsec_` and base64.
    pub secret: String,
}

const CREDENTIAL: &str = "must be printable ASCII, and not empty";
const TOKEN: &str = "must be a token: printable ASCII without spaces";
const FEED_KEY: &str = "must be 32 to 256 letters, digits, - or _";
const SAFE_URL: &str = "must be an https URL without credentials or fragment; http only for localhost";

impl Registration {
    /// Reads a request's body; on failure, returns everything that is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, Vec<FieldError>> {
        fields::read(body, Self::from_fields)
    }

    fn from_fields(fields: &mut Fields<'_>) -> Self {
        fields.refuse_unknown(&["endpoints", "accessToken", "refresh", "deliverTo", "feedKey"]);
        let (base_url, v3_base_url) = fields.required("endpoints", endpoints).unwrap_or_default();
        Self {
            base_url,
            v3_base_url,
            access_token: fields.string("accessToken", TOKEN, is_token),
            refresh: fields.optional("refresh", |fields| {
                fields.refuse_unknown(&["tokenUrl", "clientId", "clientSecret", "refreshToken"]);
                Refresh {
                    token_url: fields.string("tokenUrl", SAFE_URL, url::is_safe),
                    client_id: fields.string("clientId", CREDENTIAL, secrets::is_credential),
                    client_secret: fields.string("clientSecret", CREDENTIAL, secrets::is_credential),
                    refresh_token: fields.string("refreshToken", CREDENTIAL, secrets::is_credential),
                }
            }),
            deliver_to: fields.optional("deliverTo", |fields| {
                fields.refuse_unknown(&["url", "secret"]);
                let secret = "must be whsec_ and 24 to 64 bytes as base64";
                Consumer {
                    url: fields.string("url", SAFE_URL, url::is_safe),
                    secret: fields.string("secret", secret, |secret| secrets::webhook_key(secret).is_some()),
                }
            }),
            feed_key: fields
                .optional_string("feedKey", FEED_KEY, |key| secrets::feed_key(key).is_some())
                .and_then(secrets::feed_key),
        }
    }
}

/// Returns the URLs that `orders/…` (§3.1) and V3's `patient/…` are appended to.
fn endpoints(fields: &mut Fields<'_>) -> (String, Option<String>) {
    fields.refuse_unknown(&["baseUrl", "v2", "v3"]);
    let v3 = fields.optional("v3", location);
    if fields.get("baseUrl").is_some() == fields.get("v2").is_some() {
        fields.refuse("", "must have either baseUrl or v2");
        return (String::new(), v3);
    }
    if fields.get("baseUrl").is_some() {
        let legacy = |base: &str| join(&with_scheme(base), LEGACY_PATH);
        let is_safe = |base: &str| url::is_safe(&legacy(base)) && !base.contains('?');
        return (legacy(&fields.string("baseUrl", SAFE_URL, is_safe)), v3);
    }
    (fields.required("v2", location).unwrap_or_default(), v3)
}

/// Returns the URL of a location as Discovery gives it.
fn location(fields: &mut Fields<'_>) -> String {
    fields.refuse_unknown(&["domain", "path"]);
    let safe = |domain: &str| url::is_safe(&with_scheme(domain)) && !domain.contains('?');
    let domain = fields.string("domain", SAFE_URL, safe);
    let path = fields.string("path", "must be a path", |path| url::is_safe(&join("https://a", path.trim())));
    join(&with_scheme(&domain), path.trim())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wrong(body: &Value) -> Vec<String> {
        let errors = Registration::parse(body.to_string().as_bytes()).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect()
    }

    fn complete() -> Value {
        json!({
            "endpoints": { "baseUrl": "https://api.example/" },
            "accessToken": "token",
            "refresh": {
                "tokenUrl": "https://id.example/token", "clientId": "id", "clientSecret": "s e", "refreshToken": "r"
            },
            "deliverTo": { "url": "http://localhost:9/x?y", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
        })
    }

    #[test]
    fn what_is_optional_may_be_missing_or_null_and_a_byte_order_mark_may_be_there() {
        let registration = Registration::parse(format!("\u{feff}{}", complete()).as_bytes()).ok().unwrap();
        assert_eq!(registration.base_url, "https://api.example/api/third-party/v2");
        assert!(registration.refresh.is_some() && registration.deliver_to.is_some());
        let body = json!({ "endpoints": { "v2": { "domain": "bff.example", "path": "/a/" } }, "accessToken": "t",
                           "refresh": null });
        let registration = Registration::parse(body.to_string().as_bytes()).ok().unwrap();
        assert_eq!(registration.base_url, "https://bff.example/a");
        assert_eq!(registration.v3_base_url, None);
        assert!(registration.refresh.is_none() && registration.deliver_to.is_none());
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let body = json!({
            "endpoints": { "baseUrl": "http://api.example" },
            "accessToken": "to ken",
            "refresh": { "tokenUrl": "id.example", "clientId": "id\n", "refreshToken": 7, "clientsecret": "x" },
            "deliverTo": { "url": "https://user@x.example", "secret": "hunter2" },
            "deliverto": {},
        });
        assert_eq!(
            wrong(&body),
            [
                "deliverto",
                "endpoints.baseUrl",
                "accessToken",
                "refresh.clientsecret",
                "refresh.tokenUrl",
                "refresh.clientId",
                "refresh.clientSecret",
                "refresh.refreshToken",
                "deliverTo.url",
                "deliverTo.secret",
            ]
        );
        let v3 = |v3: Value| json!({ "endpoints": { "baseUrl": "https://a.example", "v3": v3 }, "accessToken": "t" });
        let registration = v3(json!({ "domain": "b.example", "path": "third-party/v3" })).to_string();
        let registration = Registration::parse(registration.as_bytes()).ok().unwrap();
        assert_eq!(registration.v3_base_url.as_deref(), Some("https://b.example/third-party/v3"));
        assert_eq!(wrong(&v3(json!({ "domain": "http://b.example" }))), ["endpoints.v3.domain", "endpoints.v3.path"]);
        assert_eq!(wrong(&json!([])), [""]);
        assert_eq!(wrong(&json!({})), ["endpoints", "accessToken"]);
        assert_eq!(wrong(&json!({ "endpoints": {}, "accessToken": "t" })), ["endpoints"]);
        assert_eq!(wrong(&json!({ "endpoints": { "v2": "x" }, "accessToken": "t" })), ["endpoints.v2"]);
    }
}
