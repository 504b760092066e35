//! `parsePairingResponse` (§5.6).

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::js::tape::build;
use crate::transport::answer;
use crate::wire::decode::{Envelope, decode};
use crate::wire::model::Value;
use crate::wire::pairing::Pairing;

/// What pairing answered, from its JSON as text or parsed (§5.6).
#[wasm_bindgen(js_name = parsePairingResponse, unchecked_return_type = "Pairing", skip_typescript)]
pub fn parse(response: JsValue) -> Result<JsValue, JsValue> {
    let json = match response.as_string() {
        Some(json) => Some(json),
        None => JSON::stringify(&response).ok().and_then(|json| json.as_string()),
    };
    let decoded = decode(Envelope::V2, &Pairing::KIND, json.unwrap_or_default().as_bytes());
    let tape = decoded.map_err(|error| Failure::from(answer::unreadable(&error)))?;
    Ok(build(&tape, &Pairing::KIND, 0))
}
