//! `listScreenCaptures` (§4.8). `downloads` has `downloadScreenCapture`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::object;
use super::{DpmsClient, Prepared};
use crate::api::screen_captures::{LIST, ScreenCaptures, ScreenCapturesQuery};
use crate::engine::Transport;
use crate::schema::request::Request;

#[wasm_bindgen]
impl DpmsClient {
    /// Returns the practice's screen captures of the last 14 days, or since `dateFrom` (§4.8). No notification reports new
    /// ones, so call this regularly.
    #[wasm_bindgen(js_name = listScreenCaptures, unchecked_return_type = "Promise<ScreenCaptures>")]
    pub fn list_screen_captures(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "ScreenCapturesQuery | null")] query: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(list(self.transport(), query), options)
    }
}

fn list(transport: &Transport, query: &JsValue) -> Prepared {
    let query: ScreenCapturesQuery = object("query", query)?;
    let request = LIST.request(transport, &[])?.taking(query.pairs());
    Ok(request.call_completed(move |tape| ScreenCaptures::arrange(tape, query.date_from.as_deref())))
}
