//! `request`: the way around this client, to whatever the API may have that the document does not.

use js_sys::{JSON, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::arguments::{Fields, Kind, NAME, VERSION, is_missing, is_plain, single};
use super::options::JsCallOptions;
use super::{DpmsClient, Prepared, v2, v3};
use crate::error::{Failure, FieldError};
use crate::transport::{Call, Method};
use crate::wire::decode::{DecodeError, json};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What `request` sends besides the method and the path. */
export interface RequestInput {
  /** Which of `endpoints` the path is under: 2 by default. */
  version?: 2 | 3 | null;
  /** Encoded as a query; `null` and `undefined` are left out. */
  query?: Record<string, string | number | boolean | null | undefined> | null;
  /** Sent as JSON. */
  body?: unknown;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "RequestInput")]
    pub type JsRequestInput;
}

#[wasm_bindgen]
impl DpmsClient {
    /// Makes any other call, with this client's token, retries and errors, and resolves to the answer's JSON as it is, its
    /// envelope included; `null` if the answer is empty.
    ///
    /// The path is below the endpoint, such as `orders/practice`. Encode what you put into it. A POST is not repeated unless
    /// `retry.create` says so.
    #[wasm_bindgen(unchecked_return_type = "Promise<unknown>")]
    pub fn request(
        &self,
        #[wasm_bindgen(unchecked_param_type = "\"GET\" | \"POST\" | \"PATCH\" | \"DELETE\"")] method: JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] path: JsValue,
        input: Option<JsRequestInput>,
        options: Option<JsCallOptions>,
    ) -> Promise {
        self.promise(self.raw(&method, &path, input.into()), options)
    }
}

const METHOD: Kind<Method> = Kind {
    expected: "\"GET\", \"POST\", \"PATCH\" or \"DELETE\"",
    read: |value| {
        let name = value.as_string()?;
        [Method::Get, Method::Post, Method::Patch, Method::Delete].into_iter().find(|method| method.as_str() == name)
    },
};

impl DpmsClient {
    fn raw(&self, method: &JsValue, path: &JsValue, input: JsValue) -> Result<Prepared, Failure> {
        let method = single("method", method, &METHOD)?;
        let path = single("path", path, &NAME)?;
        let mut fields = Fields::of("input", input)?;
        let version = fields.optional("version", &VERSION).unwrap_or(2);
        let query = fields.get("query");
        if !is_missing(&query) && !is_plain(&query) {
            fields.fault("query", "must be an object");
        }
        let body = body(&mut fields);
        fields.finish()?;
        let base = if version == 3 { v3(&self.transport, "")? } else { v2(&self.transport, "")? };
        let url =
            below(&base, &path).ok_or_else(|| invalid("path", "must be a path below the endpoint, without a query"))?;
        add_query(&url, &query)?;
        let call = Call { method, body, ..Call::get("request", url.href()) };
        let read = |bytes: Option<&[u8]>| match json(bytes.unwrap_or_default())? {
            None => Ok(JsValue::NULL),
            Some(text) => JSON::parse(text).map_err(|_| DecodeError::NotJson),
        };
        Ok(Prepared { call, read: Box::new(read) })
    }
}

fn body(fields: &mut Fields) -> Option<String> {
    let body = fields.get("body");
    if body.is_undefined() {
        return None;
    }
    let json = JSON::stringify(&body).ok().and_then(|json| json.as_string());
    if json.is_none() {
        fields.fault("body", "must be something that JSON can hold");
    }
    json
}

/// The URL of `path` below `base`; nothing if the platform reads it as one elsewhere.
fn below(base: &str, path: &str) -> Option<Url> {
    let url = Url::new(&[base, "/", path.trim_start_matches('/')].concat()).ok()?;
    let plain = url.search().is_empty() && url.hash().is_empty();
    url.href().strip_prefix(base).filter(|rest| plain && rest.starts_with('/')).is_some().then_some(url)
}

fn add_query(url: &Url, query: &JsValue) -> Result<(), Failure> {
    if is_missing(query) {
        return Ok(());
    }
    for entry in Object::entries(query.unchecked_ref()).iter() {
        let entry: js_sys::Array = entry.unchecked_into();
        let (key, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
        if is_missing(&value) {
            continue;
        }
        let scalar = value.as_bool().is_some() || value.as_f64().is_some_and(f64::is_finite);
        let json = || JSON::stringify(&value).ok()?.as_string().filter(|_| scalar);
        let Some(text) = value.as_string().or_else(json) else {
            return Err(invalid(&format!("query.{key}"), "must be a text, a number, true, false or null"));
        };
        url.search_params().append(&key, &text);
    }
    Ok(())
}

fn invalid(field: &str, message: &str) -> Failure {
    Failure::invalid_argument(vec![FieldError { field: field.into(), message: message.into() }])
}
