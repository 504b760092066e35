//! The document's tables, for pickers and explanations.

use wasm_bindgen::prelude::*;

use super::arguments::{Fields, NAME, SEND_TO, TEXT};
use crate::js::to_js;
use crate::wire::order_status::ORDER_STATUSES;
use crate::wire::procedures::{PROCEDURES, find_procedure};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What to look for in the table of procedures. Names are compared without case and punctuation. */
export interface ProcedureQuery {
  procedure: string;
  /** `null` for a procedure without a type. */
  type?: string | null;
  sendTo: SendTo;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "ProcedureQuery")]
    pub type JsProcedureQuery;
}

/// The procedures that a scan request can name (§4.2.3).
#[wasm_bindgen(unchecked_return_type = "Procedure[]", skip_typescript)]
pub fn procedures() -> JsValue {
    to_js(PROCEDURES.as_slice())
}

/// The procedure of this name, type and destination; `null` if the table has none.
#[wasm_bindgen(js_name = findProcedure, unchecked_return_type = "Procedure | null", skip_typescript)]
pub fn find(query: JsProcedureQuery) -> Result<JsValue, JsValue> {
    let mut fields = Fields::of("query", query.into())?;
    let procedure = fields.required("procedure", &NAME);
    let procedure_type = fields.optional("type", &TEXT);
    let send_to = fields.required("sendTo", &SEND_TO);
    fields.finish()?;
    Ok(to_js(&find_procedure(&procedure, procedure_type.as_deref(), send_to)))
}

/// The documented statuses of orders (§4.4.6).
#[wasm_bindgen(js_name = orderStatuses, unchecked_return_type = "OrderStatusInfo[]", skip_typescript)]
pub fn order_statuses() -> JsValue {
    to_js(ORDER_STATUSES.as_slice())
}
