//! `listScreenCaptures` (§4.8). `downloads` has `downloadScreenCapture`.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, DATE, Fields, Parameter};
use super::call::Prepared;
use super::v2;
use crate::api::screen_captures::ScreenCaptures;
use crate::engine::error::DpmsError;
use crate::engine::{Request, Transport};
use crate::schema::decode::Envelope;
use crate::schema::value::FromTape;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Which screen captures to list. */
export interface ScreenCapturesQuery {
  /** Taken on this date or later, `YYYY-MM-DD`. The API goes back 90 days at most, and 14 without a date. */
  dateFrom?: string | null;
}
"#;

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /**
   * The practice's screen captures of the last 14 days, or since `dateFrom` (§4.8). Nothing notifies of new ones, so ask
   * now and then.
   */
  listScreenCaptures(query?: ScreenCapturesQuery | null, options?: CallOptions | null): Promise<ScreenCaptures>;
}
"#;

pub(super) fn list(transport: &Rc<Transport>, arguments: &Argument, _: &mut Fields<'_>) -> Result<Prepared, DpmsError> {
    let mut fields = Fields::of("query", arguments.item(1))?;
    let query = fields.given(&[Parameter::may("dateFrom", "dateFrom", &DATE)]);
    fields.finish()?;
    let date_from = query.first().map(|(_, date)| date.clone());
    let request = Request { query, ..Request::get("latest-files", v2(transport, &["latest-files"])?) };
    let complete = move |tape: &mut _| ScreenCaptures::arrange(tape, date_from.as_deref());
    Ok(Prepared::completed(request, Envelope::V2, &ScreenCaptures::KIND, complete))
}
