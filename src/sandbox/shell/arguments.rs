//! Reads callers' arguments into the structs that declare them.

use js_sys::{Array, Error, TypeError};
use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Object)]
    fn entries(object: &JsValue) -> Result<Array, JsValue>;
}

/// A named value.
pub(super) type Property = (String, JsValue);

/// Reads a declared struct; a property that is `undefined` counts as missing. serde-wasm-bindgen alone would not notice unknown
/// properties, since it reads only those that the struct has.
pub(super) fn read<T: DeserializeOwned>(properties: Vec<Property>) -> Result<T, String> {
    let given = properties.into_iter().filter(|(_, value)| !value.is_undefined());
    let fields = given.map(|(name, value)| (name, serde_wasm_bindgen::Deserializer::from(value)));
    serde_path_to_error::deserialize(MapDeserializer::new(fields)).map_err(|error| {
        let path = error.path().to_string();
        let error = JsValue::from(error.into_inner()).dyn_into::<Error>();
        let message = error.map_or_else(|_| "cannot be read".to_owned(), |error| error.message().into());
        if path == "." { message } else { format!("{path}: {message}") }
    })
}

/// Returns an object's own properties, each read once. If a getter throws, this throws the same.
pub(super) fn properties(object: &JsValue, method: &str, name: &str) -> Result<Vec<Property>, JsValue> {
    if !object.is_object() {
        return Err(TypeError::new(&format!("{method}: {name} must be an object")).into());
    }
    let property = |entry: JsValue| {
        let entry: &Array = entry.unchecked_ref();
        (entry.get(0).as_string().unwrap_or_default(), entry.get(1))
    };
    Ok(entries(object)?.iter().map(property).collect())
}

/// Reads a field with `parse`, which returns `None` for a value that is not allowed. The error says what is expected, but does
/// not contain the value, which may be a token.
pub(super) fn parsed<'de, D: Deserializer<'de>, T: Deserialize<'de>, U>(
    deserializer: D,
    expected: &str,
    parse: impl FnOnce(T) -> Option<U>,
) -> Result<U, D::Error> {
    let value = T::deserialize(deserializer).ok().and_then(parse);
    value.ok_or_else(|| D::Error::custom(format_args!("expected {expected}")))
}
