//! The crossing to JavaScript.

pub(crate) mod tape;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::JsValue;

/// A plain object.
pub(crate) fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // A new object takes every property.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}

/// A list of plain objects.
pub(crate) fn list<T>(rows: &[T], object: fn(&T) -> JsValue) -> JsValue {
    rows.iter().map(object).collect::<Array>().into()
}

/// A text, or null.
pub(crate) fn nullable<T: Into<JsValue>>(value: Option<T>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}

/// What a caller's function gives, now or later; what it throws is a rejection.
pub(crate) fn call(function: &Function, argument: &JsValue) -> Promise {
    match function.call1(&JsValue::UNDEFINED, argument) {
        Ok(value) => Promise::resolve(&value),
        Err(error) => Promise::reject(&error),
    }
}
