//! The crossing to JavaScript.

pub(crate) mod tape;

use js_sys::{Function, Object, Promise, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;

/// A plain JavaScript value in which what is missing is `null`, so that every object of a type has every key.
pub(crate) fn to_js<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    // Only a map with keys that are no strings could fail, and no model has one.
    value.serialize(&serializer).unwrap_or(JsValue::NULL)
}

/// The same, typed for the declarations that wasm-bindgen writes.
pub(crate) fn to_ts<T: Serialize + Tsify>(value: &T) -> Ts<T> {
    Ts::new_unchecked(to_js(value))
}

/// A plain object of values that are JavaScript's own.
pub(crate) fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // A new object takes every property.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}

/// What a caller's function gives, now or later; what it throws is a rejection.
pub(crate) fn call(function: &Function, argument: &JsValue) -> Promise {
    match function.call1(&JsValue::UNDEFINED, argument) {
        Ok(value) => Promise::resolve(&value),
        Err(error) => Promise::reject(&error),
    }
}
