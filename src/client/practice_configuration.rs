//! `practiceConfiguration` (§4.1).

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::options::JsCallOptions;
use super::{DpmsClient, Prepared, v2};
use crate::transport::Call;
use crate::wire::decode::Envelope;
use crate::wire::model::Value;
use crate::wire::practice_configuration::PracticeConfiguration;

#[wasm_bindgen]
impl DpmsClient {
    /// The practice behind the token, with the doctors and labs that a scan request can name (§4.1).
    #[wasm_bindgen(js_name = practiceConfiguration, unchecked_return_type = "Promise<PracticeConfiguration>")]
    pub fn practice_configuration(&self, options: Option<JsCallOptions>) -> Promise {
        let call = |url| Call::get("practice-configuration", url);
        let prepared = v2(&self.transport, "practice-configuration")
            .map(|url| Prepared::of(call(url), Envelope::V2, &PracticeConfiguration::KIND));
        self.promise(prepared, options)
    }
}
