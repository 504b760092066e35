//! `practiceConfiguration` (§4.1).

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::{DpmsClient, Prepared};
use crate::api::practice_configuration::GET;
use crate::engine::Transport;

#[wasm_bindgen]
impl DpmsClient {
    /// Returns the practice that the token belongs to, with the doctors and labs that a scan request can name (§4.1).
    #[wasm_bindgen(js_name = practiceConfiguration, unchecked_return_type = "Promise<PracticeConfiguration>")]
    pub fn practice_configuration(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(get(self.transport()), options)
    }
}

fn get(transport: &Transport) -> Prepared {
    Ok(GET.request(transport, &[])?.call())
}
