//! `practiceConfiguration` (§4.1).

use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::options::JsCallOptions;
use super::{DpmsClient, data, v2};
use crate::js::to_ts;
use crate::transport::Call;
use crate::wire::practice_configuration::PracticeConfiguration;

#[wasm_bindgen]
impl DpmsClient {
    /// The practice behind the token, with the doctors and labs that a scan request can name (§4.1).
    #[wasm_bindgen(js_name = practiceConfiguration)]
    pub async fn practice_configuration(
        &self,
        options: Option<JsCallOptions>,
    ) -> Result<Ts<PracticeConfiguration>, JsValue> {
        let scope = self.scope(options)?;
        let call = Call::get("practice-configuration", v2(&self.transport, "practice-configuration")?);
        let practice: PracticeConfiguration = data(&self.transport, &call, &scope).await?;
        Ok(to_ts(&practice))
    }
}
