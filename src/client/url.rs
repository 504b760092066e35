//! URLs, as the platform reads them.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The page or worker that this runs in, where there is one.
    #[wasm_bindgen(thread_local_v2, js_name = location)]
    static LOCATION: Option<Location>;

    type Location;

    #[wasm_bindgen(method, getter)]
    fn href(this: &Location) -> String;
}

/// An absolute URL.
pub(super) struct Url {
    pub href: String,
    pub origin: String,
    pub path: String,
    /// Whether it is http(s), without a user.
    pub is_web: bool,
    /// Whether it has no user, query or fragment.
    pub is_plain: bool,
}

impl Url {
    /// Returns the URL that `text` is, relative to `base` where there is one.
    pub(super) fn parse(text: &str, base: Option<&str>) -> Option<Self> {
        let url = match base {
            Some(base) => web_sys::Url::new_with_base(text, base),
            None => web_sys::Url::new(text),
        };
        let url = url.ok()?;
        let has_user = !url.username().is_empty() || !url.password().is_empty();
        let href = url.href();
        Some(Self {
            origin: url.origin(),
            path: url.pathname(),
            is_web: !has_user && matches!(url.protocol().as_str(), "https:" | "http:"),
            // An empty query or fragment is one, too: what is appended to it is no path.
            is_plain: !has_user && !href.contains(['?', '#']),
            href,
        })
    }

    /// The same, relative to the page where there is one.
    pub(super) fn parse_in_page(text: &str) -> Option<Self> {
        let page = LOCATION.with(|location| location.as_ref().map(Location::href));
        Self::parse(text, page.as_deref())
    }
}
