//! `parsePairingResponse` (§5.6).

use wasm_bindgen::prelude::*;

use super::arguments::json;
use crate::api::pairing::Pairing;
use crate::engine::DecodedValue;
use crate::engine::error::DpmsError;
use crate::engine::response::unreadable;
use crate::schema::decode::{Envelope, decode_strictly};
use crate::schema::value::FromTape;

/// Reads the response of pairing (§5.6): its JSON, as a string or parsed.
#[wasm_bindgen(js_name = parsePairingResponse, unchecked_return_type = "Pairing")]
pub fn parse_pairing_response(
    #[wasm_bindgen(unchecked_param_type = "string | object")] response: &JsValue,
) -> Result<JsValue, JsValue> {
    let text = match response.as_string() {
        Some(text) => Some(text),
        None if response.is_object() && !js_sys::Array::is_array(response) => json(response),
        None => None,
    };
    let allowed = "the JSON that pairing answered, as a string or parsed";
    let text = text.ok_or_else(|| DpmsError::must_be("response", allowed))?;
    let tape = decode_strictly(Envelope::V2, &Pairing::KIND, text.as_bytes()).map_err(|error| unreadable(&error))?;
    Ok(DecodedValue::new(tape, &Pairing::KIND).to_js())
}
