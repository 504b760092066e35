//! `SandboxOptions`: how a sandbox is set up.

use js_sys::Function;
use serde::{Deserialize, Deserializer};
use tsify::Tsify;
use web_sys::Url;

use super::arguments::parsed;

/// The largest whole number up to which JavaScript numbers are exact.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// How a sandbox is set up. Everything is optional.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SandboxOptions {
    /// Which practice is created: the same seed at the same time gives the same data. A snapshot has its own seed. Default 1.
    #[serde(deserialize_with = "seed")]
    #[tsify(optional)]
    pub seed: u64,
    /// The URL, with its path, before `/api/third-party/v2` and `/third-party/v3`. Requests elsewhere get a 404, and the
    /// links in responses begin with it. Default `https://sandbox.invalid`.
    #[serde(deserialize_with = "base_url")]
    #[tsify(optional, type = "string")]
    pub base_url: BaseUrl,
    /// Whether requests to other origins than `baseUrl`'s are served too; the links in a response then begin with the
    /// origin of its request. For servers that are reached under several names, such as `127.0.0.1` and `localhost`.
    /// Default false.
    #[serde(deserialize_with = "flag")]
    #[tsify(optional)]
    pub any_origin: bool,
    /// The origins, such as `https://portal.example`, that callbacks may be sent to, besides `localhost`, `127.0.0.1` and
    /// `[::1]`. For servers whose control operations others can reach. Default: callbacks may be sent anywhere.
    #[serde(deserialize_with = "callback_origins")]
    #[tsify(optional, type = "string[]")]
    pub callback_origins: Option<Vec<String>>,
    /// The token that is accepted until it expires. Default `sandbox-access-token`. A snapshot has its own token. A token
    /// given here replaces it, unless the practice has issued that token before.
    #[serde(deserialize_with = "access_token")]
    #[tsify(optional, type = "string")]
    pub access_token: Option<String>,
    /// The clock: milliseconds since 1970. Default `Date.now`.
    #[serde(deserialize_with = "now")]
    #[tsify(optional, type = "() => number")]
    pub now: Option<Function>,
    /// How long it takes to generate the 3D archive of a new order after the first request, in milliseconds; until then its
    /// download gets a 404, as with the API. Default 1500.
    #[serde(deserialize_with = "generation_ms")]
    #[tsify(optional)]
    pub generation_ms: f64,
    /// Whether the integration may manage patients, which the real service enables on request (§4.2, chapter 5). If so, all
    /// patient calls work, and a scan request updates the one patient who has its chart number; if several patients have
    /// it, the request gets a 409. If not, patient calls get a 403, and a scan request whose names differ creates a new
    /// patient. Default true.
    #[serde(deserialize_with = "flag")]
    #[tsify(optional)]
    pub patient_updates: bool,
    /// What `control.snapshot()` returned: the practice continues from there. A malformed one rejects with a `TypeError`.
    #[serde(deserialize_with = "snapshot")]
    #[tsify(optional, type = "string")]
    pub snapshot: Option<String>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            base_url: BaseUrl { origin: "https://sandbox.invalid".to_owned(), path: String::new() },
            any_origin: false,
            callback_origins: None,
            access_token: None,
            now: None,
            generation_ms: 1500.0,
            patient_updates: true,
            snapshot: None,
        }
    }
}

/// A base URL's origin, and its path without a trailing slash.
pub struct BaseUrl {
    pub origin: String,
    pub path: String,
}

impl BaseUrl {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::new(text).ok()?;
        let is_web = matches!(url.protocol().as_str(), "https:" | "http:");
        let is_plain = [url.username(), url.password(), url.search(), url.hash()].iter().all(String::is_empty);
        let path = url.pathname().trim_end_matches('/').to_owned();
        (is_web && is_plain).then(|| Self { origin: url.origin(), path })
    }
}

/// A function that stays in JavaScript.
#[derive(Deserialize)]
struct Callable(#[serde(with = "serde_wasm_bindgen::preserve")] Function);

fn seed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let is_whole = |seed: &f64| seed.fract() == 0.0 && (0.0..=MAX_SAFE_INTEGER).contains(seed);
    parsed(deserializer, "a whole number, 0 or more", |seed| Some(seed).filter(is_whole).map(|seed| seed as u64))
}

fn base_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BaseUrl, D::Error> {
    let parse = |text: String| BaseUrl::parse(&text);
    parsed(deserializer, "an http or https URL without query and fragment", parse)
}

fn callback_origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let origin = |text: String| BaseUrl::parse(&text).filter(|url| url.path.is_empty()).map(|url| url.origin);
    let origins = |texts: Vec<String>| texts.into_iter().map(origin).collect::<Option<Vec<_>>>().map(Some);
    parsed(deserializer, "an array of http or https origins, such as https://portal.example", origins)
}

fn access_token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let is_visible = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    parsed(deserializer, "visible ASCII characters", |token| Some(token).filter(is_visible).map(Some))
}

fn now<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Function>, D::Error> {
    parsed(deserializer, "a function that returns milliseconds since 1970", |Callable(now)| Some(Some(now)))
}

fn generation_ms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let is_duration = |ms: &f64| ms.is_finite() && *ms >= 0.0;
    parsed(deserializer, "a number of milliseconds, 0 or more", |ms| Some(ms).filter(is_duration))
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    parsed(deserializer, "true or false", Some)
}

fn snapshot<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    parsed(deserializer, "a string from control.snapshot()", |text| Some(Some(text)))
}
