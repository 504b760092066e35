//! `practiceConfiguration` (§4.1).

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, Fields};
use super::call::Prepared;
use super::v2;
use crate::api::practice_configuration::PracticeConfiguration;
use crate::engine::error::DpmsError;
use crate::engine::{Request, Transport};
use crate::schema::decode::Envelope;
use crate::schema::value::FromTape;

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
