//! `practiceConfiguration` (§4.1).

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::DpmsClient;
use crate::api::practice_configuration;

#[wasm_bindgen]
impl DpmsClient {
    /// The practice behind the token, with the doctors and labs that a scan request can name (§4.1).
    #[wasm_bindgen(js_name = practiceConfiguration, unchecked_return_type = "Promise<PracticeConfiguration>")]
    pub fn practice_configuration(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(options, |transport| Ok(practice_configuration::GET.request(transport, &[])?.call()))
    }
}
