//! `parsePairingResponse` (§5.6).

use wasm_bindgen::prelude::*;

use super::arguments::must_be;
use crate::api::pairing::Pairing;
use crate::engine::answer;
use crate::engine::step::Built;
use crate::schema::decode::{Envelope, decode};
use crate::schema::value::FromTape;

#[wasm_bindgen(module = "/src/client/client.js")]
extern "C" {
    /// An object as JSON, a text as it is.
    #[wasm_bindgen(js_name = jsonOf)]
    fn json_of(value: &JsValue) -> Option<String>;
}

/// What pairing answered, from its JSON as text or parsed (§5.6).
#[wasm_bindgen(js_name = parsePairingResponse, unchecked_return_type = "Pairing", skip_typescript)]
pub fn parse(response: &JsValue) -> Result<JsValue, JsValue> {
    let expected = "the JSON that pairing answered, as text or parsed";
    let json = json_of(response).ok_or_else(|| must_be("response", expected))?;
    let tape = decode(Envelope::V2, &Pairing::KIND, json.as_bytes()).map_err(|error| answer::unreadable(&error))?;
    Ok(Built { tape, kind: &Pairing::KIND, cell: 0 }.to_js())
}
