//! The body of `PUT /practices/:companyId`: how to reach a practice's orders, and where to deliver its events.

use wasm_bindgen::prelude::wasm_bindgen;

use super::json::{Entries, Value, record};
use super::reply::FieldError;
use super::{secrets, url};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The body of `PUT /practices/:companyId`. URLs are https, or http to this very machine. */
export interface Registration {
  /** Where the practice's orders are: the legacy base URL, before its `/api/third-party/v2`, or as Discovery gives it. */
  endpoints:
    | {
        /** What comes before `/api/third-party/v2`. */
        baseUrl: string;
      }
    | {
        /** The location of V2. */
        v2: {
          /** Such as `https://eu.example.com`; without a scheme it is https. */
          domain: string;
          /** What comes before a call's own path, such as `api/third-party/v2`. */
          path: string;
        };
      };
  /** The practice's access token. */
  accessToken: string;
  /**
   * How to get a new access token once the API refuses one: an OAuth refresh-token request (RFC 6749 §6) with the
   * client's credentials. A rotated refresh token is kept; registering again with the same one does not undo that.
   */
  refresh?: {
    /** The token endpoint. */
    tokenUrl: string;
    /** The portal's own, as iTero gave it. */
    clientId: string;
    /** The portal's own, as iTero gave it. */
    clientSecret: string;
    /** The practice's, from pairing. */
    refreshToken: string;
  } | null;
  /** Where to POST each event, signed with `secret` (`whsec_…`) the Standard Webhooks way. */
  deliverTo?: {
    /** Takes a POST for each event. */
    url: string;
    /** What the events are signed with: `whsec_` and base64. */
    secret: string;
  } | null;
}
"#;

record! {
    /// A practice as it was registered. Holds secrets: it has no `Debug`.
    #[derive(Clone, PartialEq)]
    pub struct Registration {
        /// The URL that `orders/…` comes after.
        pub base_url: String,
        /// As given; the one in use may be newer.
        pub access_token: String,
        /// How to get a new one.
        pub refresh: Option<Refresh>,
        /// Where events go.
        pub deliver_to: Option<Consumer>,
    }
}

record! {
    /// How to get a new access token.
    #[derive(Clone, PartialEq)]
    pub struct Refresh {
        /// The token endpoint.
        pub token_url: String,
        /// The client's.
        pub client_id: String,
        /// The client's.
        pub client_secret: String,
        /// As given; the one in use may be newer.
        pub refresh_token: String,
    }
}

record! {
    /// Where events go.
    #[derive(Clone, PartialEq)]
    pub struct Consumer {
        /// Takes a POST per event.
        pub url: String,
        /// What it is signed with: `whsec_` and base64.
        pub secret: String,
    }
}

const OBJECT: &str = "must be an object";
const TEXT: &str = "must be a text that is not empty";
const TOKEN: &str = "must be a token: printable ASCII without spaces";
const SAFE_URL: &str = "must be an https URL without credentials or fragment; http only for localhost";

impl Registration {
    /// Reads a request's body; on failure, names everything that is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, Vec<FieldError>> {
        let Some(Value::Object(body)) = str::from_utf8(body).ok().and_then(Value::parse) else {
            return Err(vec![FieldError::new("", "must be a JSON object")]);
        };
        let mut fields = Fields { errors: Vec::new(), prefix: String::new(), object: &body };
        fields.known(&["endpoints", "accessToken", "refresh", "deliverTo"]);
        let registration = Self {
            base_url: fields.object("endpoints", true, endpoints).unwrap_or_default(),
            access_token: fields.text("accessToken", TOKEN, is_token),
            refresh: fields.object("refresh", false, |fields| {
                fields.known(&["tokenUrl", "clientId", "clientSecret", "refreshToken"]);
                Refresh {
                    token_url: fields.text("tokenUrl", SAFE_URL, url::is_safe),
                    client_id: fields.text("clientId", TEXT, is_text),
                    client_secret: fields.text("clientSecret", TEXT, is_text),
                    refresh_token: fields.text("refreshToken", TEXT, is_text),
                }
            }),
            deliver_to: fields.object("deliverTo", false, |fields| {
                fields.known(&["url", "secret"]);
                let secret = "must be whsec_ and 24 to 64 bytes as base64";
                Consumer {
                    url: fields.text("url", SAFE_URL, url::is_safe),
                    secret: fields.text("secret", secret, |secret| secrets::webhook_key(secret).is_some()),
                }
            }),
        };
        if fields.errors.is_empty() { Ok(registration) } else { Err(fields.errors) }
    }
}

/// The URL that `orders/…` comes after (§3.1).
fn endpoints(fields: &mut Fields<'_>) -> String {
    fields.known(&["baseUrl", "v2", "v3"]);
    if fields.get("baseUrl").is_some() == fields.get("v2").is_some() {
        fields.refuse("", "must have either baseUrl or v2");
        return String::new();
    }
    if fields.get("baseUrl").is_some() {
        let legacy = |base: &str| url::join(base, "api/third-party/v2");
        return legacy(&fields.text("baseUrl", SAFE_URL, |base| url::is_safe(&legacy(base)) && !base.contains('?')));
    }
    let location = fields.object("v2", true, |fields| {
        fields.known(&["domain", "path"]);
        let safe = |text: &str| url::is_safe(&url::join(text, "")) && !text.contains('?');
        let domain = fields.text("domain", SAFE_URL, safe);
        let path = fields.text("path", "must be a path", |path| url::is_safe(&url::join("https://a", path)));
        url::join(&domain, &path)
    });
    location.unwrap_or_default()
}

fn is_text(text: &str) -> bool {
    !text.is_empty()
}

fn is_token(text: &str) -> bool {
    is_text(text) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An object that is being checked.
struct Fields<'a> {
    errors: Vec<FieldError>,
    /// Its path and a point.
    prefix: String,
    object: &'a Entries,
}

impl<'a> Fields<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    fn refuse(&mut self, key: &str, message: &'static str) {
        let path = format!("{}{key}", self.prefix);
        self.errors.push(FieldError::new(path.trim_end_matches('.'), message));
    }

    /// Refuses every other key. A wrong one is likely a right one misspelt.
    fn known(&mut self, keys: &[&str]) {
        for (key, _) in self.object.iter().filter(|(key, _)| !keys.contains(&&**key)) {
            // A key may be anything, a secret in the wrong place too.
            let short: String = key.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
            self.refuse(&short, "is not a field of a registration");
        }
    }

    fn text(&mut self, key: &str, must: &'static str, is_right: impl Fn(&str) -> bool) -> String {
        match self.get(key).and_then(Value::as_text).filter(|text| is_right(text)) {
            Some(text) => text.to_owned(),
            None => {
                self.refuse(key, must);
                String::new()
            }
        }
    }

    fn object<T>(&mut self, key: &str, required: bool, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        match self.get(key) {
            None | Some(Value::Null) if !required => None,
            Some(Value::Object(object)) => {
                let prefix = format!("{}{key}.", self.prefix);
                let mut within = Fields { errors: std::mem::take(&mut self.errors), prefix, object };
                let value = read(&mut within);
                self.errors = within.errors;
                Some(value)
            }
            _ => {
                self.refuse(key, OBJECT);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn wrong(body: &Json) -> Vec<String> {
        let errors = Registration::parse(body.to_string().as_bytes()).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect()
    }

    fn complete() -> Json {
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
    fn what_is_optional_may_be_missing_or_null() {
        let registration = Registration::parse(complete().to_string().as_bytes()).ok().unwrap();
        assert_eq!(registration.base_url, "https://api.example/api/third-party/v2");
        assert!(registration.refresh.is_some() && registration.deliver_to.is_some());
        let body = json!({ "endpoints": { "v2": { "domain": "bff.example", "path": "/a/" } }, "accessToken": "t",
                           "refresh": null });
        let registration = Registration::parse(body.to_string().as_bytes()).ok().unwrap();
        assert_eq!(registration.base_url, "https://bff.example/a");
        assert!(registration.refresh.is_none() && registration.deliver_to.is_none());
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let body = json!({
            "endpoints": { "baseUrl": "http://api.example" },
            "accessToken": "to ken",
            "refresh": { "tokenUrl": "id.example", "clientId": "", "refreshToken": 7, "clientsecret": "x" },
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
        assert_eq!(wrong(&json!([])), [""]);
        assert_eq!(wrong(&json!({})), ["endpoints", "accessToken"]);
        assert_eq!(wrong(&json!({ "endpoints": {}, "accessToken": "t" })), ["endpoints"]);
        assert_eq!(wrong(&json!({ "endpoints": { "v2": "x" }, "accessToken": "t" })), ["endpoints.v2"]);
    }
}
