//! The document's tables, for pickers and explanations.

use wasm_bindgen::prelude::*;

use super::arguments::object;
use super::output::parse;
use crate::api::order_status::ORDER_STATUSES;
use crate::api::procedures::{PROCEDURES, Procedure, ProcedureQuery, find_procedure};
use crate::api::unit_types::UNIT_TYPES;
use crate::json::{Object, list};

/// Returns the procedures that a scan request can name (§4.2.3).
#[wasm_bindgen(unchecked_return_type = "Procedure[]")]
pub fn procedures() -> JsValue {
    parse(&list(PROCEDURES.iter().map(procedure)))
}

/// Returns the procedure with this name, type and destination; `null` if the table has none.
#[wasm_bindgen(js_name = findProcedure, unchecked_return_type = "Procedure | null")]
pub fn find(#[wasm_bindgen(unchecked_param_type = "ProcedureQuery")] query: &JsValue) -> Result<JsValue, JsValue> {
    let query: ProcedureQuery = object("query", query)?;
    let found = find_procedure(&query.procedure, query.r#type.as_deref(), query.send_to);
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

/// Returns the kinds of restoration, whose codes the preps of orders have (§4.1.3).
#[wasm_bindgen(js_name = unitTypes, unchecked_return_type = "UnitType[]")]
pub fn unit_types() -> JsValue {
    let unit_type = |(id, name): (u64, &&str)| Object::new().number("id", id).text("name", name).end();
    parse(&list((1..).zip(&UNIT_TYPES).map(unit_type)))
}

/// Returns the documented statuses of orders (§4.4.6).
#[wasm_bindgen(js_name = orderStatuses, unchecked_return_type = "OrderStatusInfo[]")]
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
