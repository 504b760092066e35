//! What the platform knows: the time, chance, and how URLs are read.

use wasm_bindgen::prelude::*;

use crate::engine::exchange::Chance;

#[wasm_bindgen(module = "/src/client/platform.js")]
extern "C" {
    #[wasm_bindgen(js_name = urlParts)]
    fn url_parts(text: &str, base: &str) -> Option<String>;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date)]
    fn now() -> f64;

    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    fn parse_date(text: &str) -> f64;

    #[wasm_bindgen(js_namespace = Math)]
    fn random() -> f64;
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> f64 {
    now()
}

pub(crate) fn chance() -> Chance {
    Chance { now_ms: now(), random: random(), parse_date }
}

/// An absolute URL, as the platform reads it.
pub(crate) struct Url {
    pub href: String,
    pub origin: String,
    pub path: String,
    /// Whether it is http(s).
    pub web: bool,
    /// Whether it has no user, query or fragment.
    pub plain: bool,
}

impl Url {
    /// The URL that `text` is, relative to `base` unless that is empty, or to the page for the base `"."`.
    pub(crate) fn parse(text: &str, base: &str) -> Option<Self> {
        let parts = url_parts(text, base)?;
        let mut parts = parts.split('\n');
        let mut next = || parts.next().unwrap_or_default();
        Some(Self {
            href: next().to_owned(),
            origin: next().to_owned(),
            path: next().to_owned(),
            web: matches!(next(), "https:" | "http:"),
            plain: next().is_empty(),
        })
    }
}
