//! `practiceConfiguration` (§4.1).

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, Fields};
use super::call::Prepared;
use super::v2;
use crate::error::DpmsError;
use crate::transport::{Request, Transport};
use crate::wire::decode::Envelope;
use crate::wire::model::Value;
use crate::wire::practice_configuration::PracticeConfiguration;

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /** The practice behind the token, with the doctors and labs that a scan request can name (§4.1). */
  practiceConfiguration(options?: CallOptions | null): Promise<PracticeConfiguration>;
}
"#;

pub(super) fn get(transport: &Rc<Transport>, _: &Argument, _: &mut Fields<'_>) -> Result<Prepared, DpmsError> {
    let request = Request::get("practice-configuration", v2(transport, &["practice-configuration"])?);
    Ok(Prepared::of(request, Envelope::V2, &PracticeConfiguration::KIND))
}
