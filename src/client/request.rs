//! `request`: the way around this client, to whatever the API may have that the document does not.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{Passed, json, pairs, single};
use super::url::Url;
use super::{DpmsClient, Prepared};
use crate::api::endpoint::{Endpoint, Method, Version};
use crate::engine::error::DpmsError;
use crate::engine::{HttpRequest, Transport};
use crate::schema::input::{Argument, Input, NonBlank, inputs};
use crate::schema::request::request;

request! {
    /// What `request` sends besides the method and the path.
    pub struct RequestInput {
        /// The API version whose endpoint the path is relative to: 2 by default.
        version: VersionNumber,
        /// Encoded as the query; values that are `null` or `undefined` are left out.
        query: Query,
        /// Sent as JSON.
        body: Body,
    }
}

inputs! {
    /// A version of the API.
    VersionNumber: "2 | 3" => Version, "2 or 3", |value| match value.number()? {
        2.0 => Some(Version::V2),
        3.0 => Some(Version::V3),
        _ => None,
    };
    /// A query, which stays in JavaScript until its object is known.
    Query: "Record<string, string | number | boolean | null | undefined>" => (), "an object",
        |value| (*value == Argument::Other).then_some(());
    /// A body, which stays in JavaScript.
    Body: "unknown" => (), "something that JSON can hold", |_| Some(());
    /// The endpoint of a method.
    MethodName: "\"GET\" | \"POST\" | \"PATCH\" | \"DELETE\"" => &'static Endpoint,
        "\"GET\", \"POST\", \"PATCH\" or \"DELETE\"", |value| {
            let name = value.text()?;
            ANY.iter().find(|endpoint| endpoint.method.name() == name)
        };
}

static ANY: [Endpoint; 4] = [
    Endpoint::custom(Method::Get, "request").returns_json(),
    Endpoint::custom(Method::Post, "request").returns_json(),
    Endpoint::custom(Method::Patch, "request").returns_json(),
    Endpoint::custom(Method::Delete, "request").returns_json(),
];

#[wasm_bindgen]
impl DpmsClient {
    /// Makes any other call, with this client's token, retries and errors. Resolves to the response's JSON as it is, with its
    /// envelope; `null` if the response is empty.
    ///
    /// The path is relative to the endpoint, such as `orders/practice`. Encode the values that you put into it. A POST is
    /// not retried unless `retry.create` is `true`.
    #[wasm_bindgen(unchecked_return_type = "Promise<unknown>")]
    pub fn request(
        &self,
        #[wasm_bindgen(unchecked_param_type = "\"GET\" | \"POST\" | \"PATCH\" | \"DELETE\"")] method: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] path: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestInput | null")] input: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(any(self.transport(), method, path, input), options)
    }
}

fn any(transport: &Transport, method: &JsValue, path: &JsValue, input: &JsValue) -> Prepared {
    let endpoint = single::<MethodName>("method", method)?;
    let path = single::<NonBlank>("path", path)?;
    let passed = Passed::read(input, &["query", "body"])?;
    let input: RequestInput = passed.parse("input")?;
    let base = transport.endpoints.base(input.version.unwrap_or(Version::V2))?;
    let outside = || DpmsError::must_be("path", "a path below the endpoint, without a query");
    let mut request = HttpRequest::new(endpoint, below(base, &path).ok_or_else(outside)?);
    if let Some(query) = passed.kept("query").filter(|query| !is_missing(query)) {
        request.query = read_query(query)?;
    }
    if let Some(body) = passed.kept("body").filter(|body| !body.is_undefined()) {
        let no_json = || DpmsError::must_be("body", Body::ALLOWED);
        request = request.with_body(json(body).ok_or_else(no_json)?);
    }
    Ok(request.call())
}

/// Returns the URL of `path` below `base`; `None` if the platform reads it as one elsewhere.
fn below(base: &str, path: &str) -> Option<String> {
    let url = Url::parse(&[base, "/", path.trim_start_matches('/')].concat(), None)?;
    let is_below = url.is_plain && url.href.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
    is_below.then_some(url.href)
}

fn is_missing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

fn read_query(query: &JsValue) -> Result<Vec<(String, String)>, JsValue> {
    if !query.is_object() || js_sys::Array::is_array(query) {
        return Err(DpmsError::must_be("query", "an object").into());
    }
    let sent = pairs(query)?.into_iter().filter(|(_, value)| !is_missing(value));
    sent.map(|(key, value)| {
        let text = text_of(&value);
        let allowed = "a string, a number, true, false or null";
        let text = text.ok_or_else(|| DpmsError::must_be(&["query.", &key].concat(), allowed))?;
        Ok((key, text))
    })
    .collect()
}

fn text_of(value: &JsValue) -> Option<String> {
    match (value.as_bool(), value.as_f64()) {
        (Some(flag), _) => Some(if flag { "true" } else { "false" }.to_owned()),
        (_, Some(number)) if number.is_finite() => json(value), // as JavaScript writes it
        _ => value.as_string(),
    }
}
