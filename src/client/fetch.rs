//! Sending a request by `fetch`, the platform's or the caller's, and reading what it gives.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, Headers, Request, RequestInit, RequestRedirect, UrlSearchParams};

use super::url::Url;
use crate::engine::HttpRequest;
use crate::engine::redirect::{Destination, Redirect};
use crate::engine::response;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(request: &Request) -> Result<Promise, JsValue>;
}

#[wasm_bindgen(module = "/src/client/platform.js")]
extern "C" {
    fn invoke(called: &Function, arguments: &Array) -> Promise;
}

/// A request under way, and then its response: whatever a caller's `fetch` gave.
pub(super) struct OpenExchange {
    pub controller: AbortController,
    pub response: JsValue,
}

/// Makes the platform's request, to where a redirect led if it did. It is cut when the controller aborts.
pub(super) fn request(
    request: &HttpRequest,
    redirected: Option<&str>,
    token: &str,
    controller: &AbortController,
) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    headers.set("authorization", &["Bearer ", token].concat())?;
    let init = RequestInit::new();
    init.set_method(request.endpoint.method.name());
    if let Some(body) = &request.body {
        headers.set("content-type", "application/json")?;
        init.set_body(&JsValue::from_str(body));
    }
    init.set_redirect(RequestRedirect::Manual);
    init.set_headers(&headers);
    let url = match redirected {
        Some(url) => url.to_owned(),
        None => url_with_query(request)?,
    };
    let signal = controller.signal();
    let make = |cache: JsValue, signal: Option<&AbortSignal>| {
        Reflect::set(&init, &"cache".into(), &cache)?;
        init.set_signal(signal);
        Request::new_with_str_and_init(&url, &init)
    };
    // An HTTP cache may hold what another token got.
    make("no-store".into(), Some(&signal))
        // Workers with an older compatibility date throw on the option.
        .or_else(|_| make(JsValue::UNDEFINED, Some(&signal)))
        // In jsdom the global AbortController is not the one that the platform's Request knows.
        .or_else(|_| make("no-store".into(), None))
}

fn url_with_query(request: &HttpRequest) -> Result<String, JsValue> {
    if request.query.is_empty() {
        return Ok(request.url.clone());
    }
    let query = UrlSearchParams::new()?;
    for (key, value) in &request.query {
        query.append(key, value);
    }
    let query: String = query.to_string().into();
    Ok([&request.url, "?", &query].concat())
}

/// Sends a request; the promise is for anything.
pub(super) fn send(fetch: Option<&Function>, request: &Request) -> Promise {
    match fetch {
        Some(fetch) => call(fetch, &[request]),
        None => global_fetch(request).unwrap_or_else(|error| Promise::reject(&error)),
    }
}

/// Calls a function of the caller's: what it returns or throws, now or later, is the promise's.
pub(super) fn call(function: &Function, arguments: &[&JsValue]) -> Promise {
    invoke(function, &arguments.iter().collect())
}

/// Reads the status and headers of a response to a request for `url`, by fallible bindings: it may be anything. Fails if it is
/// no response, or one whose body cannot be read.
pub(super) fn head(response: &JsValue, url: &str) -> Result<(u16, response::Headers), JsValue> {
    let kind = get(response, "type")?.as_string().unwrap_or_default();
    // Of what a platform's fetch resolves to, only a redirect that it hides has no status.
    let least = if kind == "opaqueredirect" { 0.0 } else { 100.0 };
    let status = get(response, "status")?.as_f64().filter(|status| (least..1000.0).contains(status));
    let headers = get(response, "headers")?;
    let body = get(response, "body")?;
    let is_readable = body.is_null() || get(&body, "getReader")?.is_function();
    let (Some(status), Ok(getter)) = (status, get(&headers, "get")?.dyn_into::<Function>()) else {
        return Err(JsValue::UNDEFINED);
    };
    if !is_readable || get(response, "bodyUsed")?.is_truthy() {
        return Err(JsValue::UNDEFINED);
    }
    let header = |name: &str| -> Result<String, JsValue> {
        Ok(getter.call1(&headers, &name.into())?.as_string().unwrap_or_default())
    };
    let headers = response::Headers {
        redirect: redirect(response, &kind, status as u16, url, &header)?,
        content_type: header("content-type")?,
        content_length: header("content-length")?,
        content_encoding: header("content-encoding")?,
        retry_after: header("retry-after")?,
        cross_origin: kind == "cors",
    };
    Ok((status as u16, headers))
}

fn redirect(
    response: &JsValue,
    kind: &str,
    status: u16,
    url: &str,
    header: &dyn Fn(&str) -> Result<String, JsValue>,
) -> Result<Redirect, JsValue> {
    if kind == "opaqueredirect" {
        return Ok(Redirect::Hidden);
    }
    // First, for what such a response says is said by that origin.
    if get(response, "redirected")?.is_truthy() {
        let followed = Url::parse(&get(response, "url")?.as_string().unwrap_or_default(), None);
        return Ok(Redirect::Followed(followed.map(|url| url.origin).unwrap_or_default()));
    }
    if matches!(status, 300..=399) {
        let location = header("location")?;
        let destination = Url::parse(&location, Some(url)).filter(|url| url.is_web && !location.is_empty());
        return Ok(destination
            .map_or(Redirect::None, |Url { href, origin, .. }| Redirect::To(Destination { url: href, origin })));
    }
    Ok(Redirect::None)
}

fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    if object.is_object() { Reflect::get(object, &name.into()) } else { Ok(JsValue::UNDEFINED) }
}
