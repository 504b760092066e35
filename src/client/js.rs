//! The crossing to JavaScript: JSON, and for what an answer holds, which is large, tapes.

use wasm_bindgen::prelude::*;

use crate::engine::error::DpmsError;
use crate::engine::step::{Built, Step};
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
    fn new(fields: &JsValue) -> JsDpmsError;
}

#[wasm_bindgen]
extern "C" {
    /// Only for what is JSON for sure.
    #[wasm_bindgen(js_namespace = JSON)]
    pub(crate) fn parse(json: &str) -> JsValue;
}

#[wasm_bindgen(module = "/src/client/platform.js")]
extern "C" {
    fn step(json: &str, value: JsValue) -> JsValue;
}

impl Built {
    /// The value as JavaScript's objects. `builders.js` has a function per model, made from the models' tables.
    pub(crate) fn to_js(&self) -> JsValue {
        let Self { tape, kind, cell } = self;
        let (model, is_list) = match kind {
            Kind::Object(model) => (model.name, false),
            Kind::List(Kind::Object(model)) => (model.name, true),
            _ => return JsValue::NULL, // nothing else is ever built
        };
        let Tape { ascii, others, cells } = tape;
        build(&ascii.text, &ascii.ends, &others.text, &others.ends, cells, model, is_list, *cell)
    }
}

impl From<Step> for JsValue {
    fn from(next: Step) -> Self {
        step(&next.json, next.value.map_or(JsValue::UNDEFINED, |value| value.to_js()))
    }
}

impl From<DpmsError> for JsValue {
    fn from(error: DpmsError) -> Self {
        JsDpmsError::new(&parse(&error.json())).into()
    }
}
