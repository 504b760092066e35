//! What callers pass, read once and by fallible bindings: a getter or a proxy of theirs may throw.

use js_sys::{Array, Date, Reflect};
use wasm_bindgen::prelude::*;

use crate::engine::error::DpmsError;
use crate::schema::input::{Argument, Input};
use crate::schema::request::Request;
use crate::schema::validator::Validator;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Object)]
    fn entries(object: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn items(value: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn stringify(value: &JsValue) -> Result<JsValue, JsValue>;
}

/// How deep arguments nest.
const DEPTH: u32 = 4;

/// An object that a caller passed, and those of its values that stay in JavaScript.
pub(super) struct Passed {
    pub value: Argument,
    kept: Vec<(String, JsValue)>,
}

impl Passed {
    /// Reads an object, or whatever was passed instead. Functions, the signal, and what is `opaque` are kept as they are.
    pub(super) fn read(passed: &JsValue, opaque: &[&str]) -> Result<Self, JsValue> {
        let mut kept = Vec::new();
        if !passed.is_object() || is_array(passed)? {
            return Ok(Self { value: argument(passed, DEPTH)?, kept });
        }
        let mut object = Vec::new();
        for entry in entries(passed)?.iter() {
            let (name, value) = pair(&entry);
            let inner = match name.as_str() {
                "signal" if is_signal(&value)? => Argument::Signal,
                _ if opaque.contains(&name.as_str()) => Argument::Other,
                _ => argument(&value, DEPTH - 1)?,
            };
            if matches!(inner, Argument::Function | Argument::Signal | Argument::Other) {
                kept.push((name.clone(), value));
            }
            object.push((name, inner));
        }
        // An AbortController does as options: its signal is there, though not its own.
        if object.is_empty() {
            let signal = Reflect::get(passed, &"signal".into())?;
            if is_signal(&signal)? {
                object.push(("signal".to_owned(), Argument::Signal));
                kept.push(("signal".to_owned(), signal));
            }
        }
        Ok(Self { value: Argument::Object(object), kept })
    }

    /// Returns a value that was kept.
    pub(super) fn kept(&self, name: &str) -> Option<&JsValue> {
        self.kept.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Reads the declared object that the caller knows as `name`.
    pub(super) fn parse<R: Request>(&self, name: &str) -> Result<R, DpmsError> {
        let mut read = None;
        self.take_apart(name, &mut |validator| read = R::read(validator))?;
        Ok(read.ok_or_else(Vec::new)?) // what is not read has a fault
    }

    /// Takes the object apart that the caller knows as `name`, with an error that names its faults. Not generic, since each
    /// declared object would have a copy of it.
    fn take_apart(&self, name: &str, read: &mut dyn FnMut(&mut Validator<'_>)) -> Result<(), DpmsError> {
        let mut validator = self.validator(name)?;
        read(&mut validator);
        Ok(validator.finish(Some(()))?)
    }

    /// Begins to take the object apart that the caller knows as `name`.
    pub(super) fn validator(&self, name: &str) -> Result<Validator<'_>, DpmsError> {
        Ok(Validator::new(name, &self.value, Date::now())?)
    }
}

/// Reads a declared object that a caller passed as `name`.
pub(super) fn object<R: Request>(name: &str, passed: &JsValue) -> Result<R, JsValue> {
    let mut read = None;
    with_object(name, passed, &mut |validator| read = R::read(validator))?;
    Ok(read.ok_or_else(|| DpmsError::from(Vec::new()))?) // as in `parse`
}

/// Takes an object apart that a caller passed as `name`; not generic, as `take_apart` is not.
fn with_object(name: &str, passed: &JsValue, read: &mut dyn FnMut(&mut Validator<'_>)) -> Result<(), JsValue> {
    Ok(Passed::read(passed, &[])?.take_apart(name, read)?)
}

/// Reads an argument that stands alone.
pub(super) fn single<I: Input>(name: &str, passed: &JsValue) -> Result<I::Value, JsValue> {
    let value = I::read(&argument(passed, DEPTH)?);
    Ok(value.ok_or_else(|| DpmsError::must_be(name, I::ALLOWED))?)
}

/// Returns an object's own entries.
pub(super) fn pairs(object: &JsValue) -> Result<Vec<(String, JsValue)>, JsValue> {
    Ok(entries(object)?.iter().map(|entry| pair(&entry)).collect())
}

/// Returns a value as JSON; `None` where it has none, refers to itself or throws.
pub(super) fn json(value: &JsValue) -> Option<String> {
    stringify(value).ok()?.as_string()
}

/// Takes an entry apart, which is an array of a string and a value.
fn pair(entry: &JsValue) -> (String, JsValue) {
    let entry: &Array = entry.unchecked_ref();
    (entry.get(0).as_string().unwrap_or_default(), entry.get(1))
}

fn argument(value: &JsValue, depth: u32) -> Result<Argument, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(Argument::Missing);
    }
    if let Some(text) = value.as_string() {
        return Ok(Argument::Text(text));
    }
    if let Some(number) = value.as_f64() {
        return Ok(Argument::Number(number));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Argument::Flag(flag));
    }
    if value.is_function() {
        return Ok(Argument::Function);
    }
    if !value.is_object() || depth == 0 {
        return Ok(Argument::Other);
    }
    if is_array(value)? {
        let items = items(value)?;
        return Ok(Argument::List(items.iter().map(|item| argument(&item, depth - 1)).collect::<Result<_, _>>()?));
    }
    let entry = |(name, value): (String, JsValue)| Ok((name, argument(&value, depth - 1)?));
    Ok(Argument::Object(pairs(value)?.into_iter().map(entry).collect::<Result<_, JsValue>>()?))
}

/// Whether a value can do what is asked of an `AbortSignal`, whichever realm or library it comes from.
fn is_signal(value: &JsValue) -> Result<bool, JsValue> {
    Ok(value.is_object()
        && Reflect::get(value, &"aborted".into())?.as_bool().is_some()
        && Reflect::get(value, &"addEventListener".into())?.is_function())
}
