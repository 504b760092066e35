//! The document's tables, for pickers and explanations.

use wasm_bindgen::prelude::*;

use super::arguments::{Fields, NAME, SEND_TO, TEXT};
use crate::js::{list, nullable, object};
use crate::wire::order_status::ORDER_STATUSES;
use crate::wire::procedures::{PROCEDURES, Procedure, find_procedure};
use crate::wire::unit_types::UNIT_TYPES;

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
    list(&PROCEDURES, procedure)
}

/// The procedure of this name, type and destination; `null` if the table has none.
#[wasm_bindgen(js_name = findProcedure, unchecked_return_type = "Procedure | null", skip_typescript)]
pub fn find(query: JsProcedureQuery) -> Result<JsValue, JsValue> {
    let mut fields = Fields::of("query", query.into())?;
    let name = fields.required("procedure", &NAME);
    let procedure_type = fields.optional("type", &TEXT);
    let send_to = fields.required("sendTo", &SEND_TO);
    fields.finish()?;
    Ok(nullable(find_procedure(&name, procedure_type.as_deref(), send_to).as_ref().map(procedure)))
}

fn procedure(row: &Procedure) -> JsValue {
    object(&[
        ("id", row.id.into()),
        ("procedure", row.procedure.into()),
        ("type", nullable(row.procedure_type)),
        ("sendTo", row.send_to.name().into()),
    ])
}

/// The kinds of restoration that orders' preps name by their codes (§4.1.3).
#[wasm_bindgen(js_name = unitTypes, unchecked_return_type = "UnitType[]", skip_typescript)]
pub fn unit_types() -> JsValue {
    let codes: Vec<_> = (1u32..).zip(UNIT_TYPES).collect();
    list(&codes, |(id, name)| object(&[("id", (*id).into()), ("name", (*name).into())]))
}

/// The documented statuses of orders (§4.4.6).
#[wasm_bindgen(js_name = orderStatuses, unchecked_return_type = "OrderStatusInfo[]", skip_typescript)]
pub fn order_statuses() -> JsValue {
    list(&ORDER_STATUSES, |row| {
        object(&[
            ("status", row.status.into()),
            ("stage", row.stage.into()),
            ("cases", row.cases.into()),
            ("handling", nullable(row.handling)),
        ])
    })
}
