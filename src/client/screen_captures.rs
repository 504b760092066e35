//! `listScreenCaptures` (§4.8). `downloads` has `downloadScreenCapture`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{DATE, Fields, Parameter};
use super::options::JsCallOptions;
use super::{DpmsClient, Prepared, v2};
use crate::error::Failure;
use crate::transport::Call;
use crate::wire::decode::Envelope;
use crate::wire::model::Value;
use crate::wire::screen_captures::ScreenCaptures;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Which screen captures to list. */
export interface ScreenCapturesQuery {
  /** Taken on this date or later, `YYYY-MM-DD`. The API goes back 90 days at most, and 14 without a date. */
  dateFrom?: string | null;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "ScreenCapturesQuery")]
    pub type JsScreenCapturesQuery;
}

#[wasm_bindgen]
impl DpmsClient {
    /// The practice's screen captures of the last 14 days, or since `dateFrom` (§4.8). Nothing notifies of new ones, so ask
    /// now and then.
    #[wasm_bindgen(js_name = listScreenCaptures, unchecked_return_type = "Promise<ScreenCaptures>")]
    pub fn list_screen_captures(
        &self,
        query: Option<JsScreenCapturesQuery>,
        options: Option<JsCallOptions>,
    ) -> Promise {
        self.promise(self.latest_files(query.into()), options)
    }
}

impl DpmsClient {
    fn latest_files(&self, query: JsValue) -> Result<Prepared, Failure> {
        let mut fields = Fields::of("query", query)?;
        let query = fields.given(&[Parameter::may("dateFrom", "dateFrom", &DATE)]);
        fields.finish()?;
        let date_from = query.first().map(|(_, date)| date.clone());
        let call = Call { query, ..Call::get("latest-files", v2(&self.transport, "latest-files")?) };
        let complete = move |tape: &mut _| ScreenCaptures::arrange(tape, date_from.as_deref());
        Ok(Prepared::completed(call, Envelope::V2, &ScreenCaptures::KIND, complete))
    }
}
