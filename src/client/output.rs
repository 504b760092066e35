//! What a call gives, as JavaScript's values.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::engine::error::DpmsError;
use crate::engine::{DecodedValue, Output};
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;

#[wasm_bindgen(module = "/src/client/tape.js")]
extern "C" {
    /// What the builders read. Only so that the file is there.
    #[wasm_bindgen(js_name = Tape)]
    type JsTape;
}

#[wasm_bindgen(module = "/src/client/builders.js")]
extern "C" {
    /// Views the ends and cells, so it must not keep them.
    fn build(
        ascii: &str,
        ascii_ends: &[u32],
        others: &str,
        other_ends: &[u32],
        cells: &[f64],
        model: &str,
        is_list: bool,
        cell: usize,
    ) -> JsValue;
}

#[wasm_bindgen(module = "/src/client/error.js")]
extern "C" {
    #[wasm_bindgen(js_name = DpmsError, reexport)]
    type JsDpmsError;

    #[wasm_bindgen(constructor, js_class = "DpmsError")]
    fn new(fields: &JsValue, matches: &JsValue) -> JsDpmsError;
}

impl DecodedValue {
    /// Returns the value. `builders.js` has a function per model, made from the models' tables.
    pub(super) fn to_js(&self) -> JsValue {
        let Self { tape, kind, cell } = self;
        let (model, is_list) = match kind {
            Kind::Object(model) => (model.name, false),
            Kind::List(Kind::Object(model)) => (model.name, true),
            _ => return tape.text(*cell).map_or(JsValue::NULL, JsValue::from_str),
        };
        let Tape { ascii, others, cells, .. } = tape;
        build(&ascii.text, &ascii.ends, &others.text, &others.utf16_ends(), cells, model, is_list, *cell)
    }
}

impl From<Output> for JsValue {
    fn from(output: Output) -> Self {
        match output {
            Output::Nothing | Output::Listed(_) => Self::UNDEFINED, // a walk takes its pages itself
            Output::Json(json) => parse(&json),
            Output::Value(value) => value.to_js(),
        }
    }
}

impl From<DpmsError> for JsValue {
    fn from(error: DpmsError) -> Self {
        let matches = error.matches.as_ref().map_or(Self::NULL, DecodedValue::to_js);
        JsDpmsError::new(&parse(&error.json()), &matches).into()
    }
}

/// Returns an object with these properties.
pub(super) fn object_of<const N: usize>(properties: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // A plain object refuses none.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

/// Returns the value of what is JSON for sure.
pub(super) fn parse(json: &str) -> JsValue {
    JSON::parse(json).unwrap_or(JsValue::NULL)
}
