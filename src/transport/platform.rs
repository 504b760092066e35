//! The bindings of `platform.js`.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, Response};

#[wasm_bindgen(module = "/src/transport/platform.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    pub(crate) async fn race(
        promise: &Promise,
        signal: Option<&AbortSignal>,
        timeout_ms: f64,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn sleep(ms: f64, signal: Option<&AbortSignal>) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = readAll)]
    pub(crate) async fn read_all(
        response: &Response,
        exchange: &AbortController,
        signal: Option<&AbortSignal>,
        timeout_ms: f64,
    ) -> Result<Uint8Array, JsValue>;

    pub(crate) fn drain(response: &Response, exchange: &AbortController);

    pub(crate) type BodyFailure;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn stalled(this: &BodyFailure) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn cause(this: &BodyFailure) -> JsValue;

    #[wasm_bindgen(catch)]
    pub(crate) fn watched(response: &Response, watch: &JsValue) -> Result<Response, JsValue>;

    #[wasm_bindgen(js_name = withoutQuery)]
    pub(crate) fn without_query(error: JsValue, url: &str) -> JsValue;

    /// The text with every `value` in it replaced by an ellipsis.
    pub(crate) fn replaced(text: &str, value: &str) -> String;

    #[wasm_bindgen(js_name = errorCode)]
    pub(crate) fn error_code(error: &JsValue) -> Option<String>;
}
