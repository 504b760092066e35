//! Sending a request by `fetch`, the platform's or the caller's, and reading what it gives.

use js_sys::{Array, Function, Promise, Reflect, TypeError};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, Headers, Request, RequestInit, RequestRedirect, UrlSearchParams};

use crate::engine::HttpRequest;
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

/// Makes the platform's request. It is cut when the controller aborts.
pub(super) fn request(request: &HttpRequest, token: &str, controller: &AbortController) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    headers.set("authorization", &["Bearer ", token].concat())?;
    let init = RequestInit::new();
    init.set_method(request.endpoint.method.name());
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = &request.body {
        headers.set("content-type", "application/json")?;
        init.set_body(&JsValue::from_str(body));
        // Where a redirect takes a body elsewhere, it takes a patient's data there.
        init.set_redirect(RequestRedirect::Manual);
    }
    init.set_headers(&headers);
    if request.query.is_empty() {
        return Request::new_with_str_and_init(&request.url, &init);
    }
    let query = UrlSearchParams::new()?;
    for (key, value) in &request.query {
        query.append(key, value);
    }
    let query: String = query.to_string().into();
    Request::new_with_str_and_init(&[&request.url, "?", &query].concat(), &init)
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

/// Reads a response's status and headers, by fallible bindings: it may be anything.
pub(super) fn head(response: &JsValue) -> Result<(u16, response::Headers), JsValue> {
    let status = get(response, "status")?.as_f64().filter(|status| (0.0..1000.0).contains(status));
    let headers = get(response, "headers")?;
    let (Some(status), Ok(getter)) = (status, get(&headers, "get")?.dyn_into::<Function>()) else {
        return Err(TypeError::new("fetch did not give a Response.").into());
    };
    let header = |name: &str| -> Result<String, JsValue> {
        Ok(getter.call1(&headers, &name.into())?.as_string().unwrap_or_default())
    };
    let headers = response::Headers {
        content_type: header("content-type")?,
        content_length: header("content-length")?,
        content_encoding: header("content-encoding")?,
        retry_after: header("retry-after")?,
        cross_origin: get(response, "type")?.as_string().as_deref() == Some("cors"),
    };
    Ok((status as u16, headers))
}

fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    if object.is_object() { Reflect::get(object, &name.into()) } else { Ok(JsValue::UNDEFINED) }
}
