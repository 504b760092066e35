//! `parsePairingResponse` (§5.6).

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::arguments::{Kind, is_plain, single};
use crate::error::Failure;
use crate::js::tape::build;
use crate::transport::answer;
use crate::wire::decode::{Envelope, decode};
use crate::wire::model::Value;
use crate::wire::pairing::Pairing;

const JSON_TEXT: Kind<String> = Kind {
    expected: "the JSON that pairing answered, as text or parsed",
    read: |value| {
        let parsed = || JSON::stringify(value).ok()?.as_string().filter(|_| is_plain(value));
        value.as_string().or_else(parsed)
    },
};

/// What pairing answered, from its JSON as text or parsed (§5.6).
#[wasm_bindgen(js_name = parsePairingResponse, unchecked_return_type = "Pairing", skip_typescript)]
pub fn parse(response: JsValue) -> Result<JsValue, JsValue> {
    let json = single("response", &response, &JSON_TEXT)?;
    let decoded = decode(Envelope::V2, &Pairing::KIND, json.as_bytes());
    let tape = decoded.map_err(|error| Failure::from(answer::unreadable(&error)))?;
    Ok(build(&tape, &Pairing::KIND, 0))
}
