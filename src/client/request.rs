//! `request`: the way around this client, to whatever the API may have that the document does not.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, Fields, Kind, NAME, TEXT, VERSION, must_be, single};
use super::call::Prepared;
use super::{v2, v3};
use crate::client::platform::Url;
use crate::engine::error::DpmsError;
use crate::engine::step::Value;
use crate::engine::{Method, Request, Transport};
use crate::schema::decode::json;

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

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /**
   * Makes any other call, with this client's token, retries and errors, and resolves to the answer's JSON as it is, its
   * envelope included; `null` if the answer is empty.
   *
   * The path is below the endpoint, such as `orders/practice`. Encode what you put into it. A POST is not repeated unless
   * `retry.create` says so.
   */
  request(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    input?: RequestInput | null,
    options?: CallOptions | null,
  ): Promise<unknown>;
}
"#;

const METHOD: Kind<Method> = Kind {
    expected: "\"GET\", \"POST\", \"PATCH\" or \"DELETE\"",
    read: |value| {
        let name = value.text()?;
        [Method::Get, Method::Post, Method::Patch, Method::Delete].into_iter().find(|method| method.as_str() == name)
    },
};

/// JSON text, which `client.js` made.
const BODY: Kind<String> = Kind { expected: "something that JSON can hold", ..TEXT };

pub(super) fn request(
    transport: &Rc<Transport>,
    arguments: &Argument,
    _: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let method = single("method", arguments.item(1), &METHOD)?;
    let path = single("path", arguments.item(2), &NAME)?;
    let mut fields = Fields::of("input", arguments.item(3))?;
    let version = fields.optional("version", &VERSION).unwrap_or(2);
    let query = match fields.get("query") {
        Argument::Object(entries) => entries.as_slice(),
        Argument::Missing => &[],
        _ => {
            fields.must_be("query", "an object");
            &[]
        }
    };
    let body = fields.optional("body", &BODY);
    fields.finish()?;
    let base = if version == 3 { v3(transport, &[])? } else { v2(transport, &[])? };
    let url = below(&base, &path).ok_or_else(|| must_be("path", "a path below the endpoint, without a query"))?;
    let query = query.iter().filter(|(_, value)| !value.is_missing()).map(pair).collect::<Result<_, _>>()?;
    let request = Request { method, query, body, ..Request::get("request", url) };
    Ok(Prepared::reading(request, |body| {
        let text = json(body.unwrap_or_default())?.unwrap_or("null");
        Ok(Value::Json(text.to_owned()))
    }))
}

/// The URL of `path` below `base`; nothing if the platform reads it as one elsewhere.
fn below(base: &str, path: &str) -> Option<String> {
    let url = Url::parse(&[base, "/", path.trim_start_matches('/')].concat(), "")?;
    let below = url.plain && url.href.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
    below.then_some(url.href)
}

fn pair((key, value): &(String, Argument)) -> Result<(String, String), DpmsError> {
    let text = match value {
        Argument::Text(text) | Argument::Number(_, text) => text,
        Argument::Flag(true) => "true",
        Argument::Flag(false) => "false",
        _ => return Err(must_be(&["query.", key].concat(), "a text, a number, true, false or null")),
    };
    Ok((key.clone(), text.to_owned()))
}
