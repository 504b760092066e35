//! The document's tables, for pickers and explanations.

use wasm_bindgen::prelude::*;

use super::arguments::{Argument, Fields, NAME, SEND_TO, TEXT};
use super::encode;
use super::js::parse;
use crate::api::order_status::ORDER_STATUSES;
use crate::api::procedures::{PROCEDURES, Procedure, find_procedure};
use crate::api::unit_types::UNIT_TYPES;
use crate::json::{Object, list};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What to look for in the table of procedures. Names are compared without case and punctuation. */
export interface ProcedureQuery {
  /** Such as `Fixed Restorative`. */
  procedure: string;
  /** `null` for a procedure without a type. */
  type?: string | null;
  /** Where the scan goes. */
  sendTo: SendTo;
}
"#;

/// The procedures that a scan request can name (§4.2.3).
#[wasm_bindgen(unchecked_return_type = "Procedure[]", skip_typescript)]
pub fn procedures() -> JsValue {
    parse(&list(PROCEDURES.iter().map(procedure)))
}

/// The procedure of this name, type and destination; `null` if the table has none.
#[wasm_bindgen(js_name = findProcedure, unchecked_return_type = "Procedure | null", skip_typescript)]
pub fn find(query: &JsValue) -> Result<JsValue, JsValue> {
    let query = Argument::decode(&encode(query));
    let mut fields = Fields::of("query", &query)?;
    let name = fields.required("procedure", &NAME);
    let procedure_type = fields.optional("type", &TEXT);
    let send_to = fields.required("sendTo", &SEND_TO);
    fields.finish()?;
    let found = find_procedure(&name, procedure_type.as_deref(), send_to);
    Ok(found.map_or(JsValue::NULL, |found| parse(&procedure(&found))))
}

fn procedure(row: &Procedure) -> String {
    Object::new()
        .number("id", row.id.into())
        .text("procedure", row.procedure)
        .nullable("type", row.procedure_type)
        .text("sendTo", row.send_to.name())
        .end()
}

/// The kinds of restoration that orders' preps name by their codes (§4.1.3).
#[wasm_bindgen(js_name = unitTypes, unchecked_return_type = "UnitType[]", skip_typescript)]
pub fn unit_types() -> JsValue {
    let unit_type = |(id, name): (u64, &&str)| Object::new().number("id", id).text("name", name).end();
    parse(&list((1..).zip(&UNIT_TYPES).map(unit_type)))
}

/// The documented statuses of orders (§4.4.6).
#[wasm_bindgen(js_name = orderStatuses, unchecked_return_type = "OrderStatusInfo[]", skip_typescript)]
pub fn order_statuses() -> JsValue {
    parse(&list(ORDER_STATUSES.iter().map(|row| {
        Object::new()
            .text("status", row.status)
            .text("stage", row.stage)
            .text("cases", row.cases)
            .nullable("handling", row.handling)
            .end()
    })))
}
