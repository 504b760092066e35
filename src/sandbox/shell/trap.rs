//! Traps, which are bugs or a lack of memory. A future that traps never settles its promise, so every future that enters the
//! practice has to go through here.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Calls `work` through JavaScript, where a trap is an exception.
    #[wasm_bindgen(catch, js_namespace = Reflect)]
    fn apply(work: &mut dyn FnMut(), this: &JsValue, arguments: &Array) -> Result<JsValue, JsValue>;
}

/// Performs `work`. A trap becomes an error, and so does an exception that no binding catches.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, JsValue>) -> Result<T, JsValue> {
    let mut work = Some(work);
    let mut outcome = Err(JsValue::UNDEFINED);
    let mut run = || {
        if let Some(work) = work.take() {
            outcome = work();
        }
    };
    apply(&mut run, &JsValue::UNDEFINED, &Array::new())?;
    outcome
}

/// Performs `work` at once, and returns its outcome as a promise.
pub(super) fn promise(work: impl FnOnce() -> Result<JsValue, JsValue>) -> Promise {
    match guarded(work) {
        Ok(value) => Promise::resolve(&value),
        Err(error) => Promise::reject(&error),
    }
}
