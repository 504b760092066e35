//! The document's tables, for pickers and explanations.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::arguments::object;
use super::output::to_js;
use crate::api::order_status::ORDER_STATUSES;
use crate::api::procedures::{PROCEDURES, ProcedureQuery, find_procedure};
use crate::api::unit_types::UNIT_TYPES;

/// The procedures that a scan request can name (§4.2.3).
#[wasm_bindgen(unchecked_return_type = "Procedure[]")]
pub fn procedures() -> JsValue {
    to_js(&PROCEDURES.as_slice())
}

/// The procedure of this name, type and destination; `null` if the table has none.
#[wasm_bindgen(js_name = findProcedure, unchecked_return_type = "Procedure | null")]
pub fn find(#[wasm_bindgen(unchecked_param_type = "ProcedureQuery")] query: &JsValue) -> Result<JsValue, JsValue> {
    let query: ProcedureQuery = object("query", query)?;
    Ok(to_js(&find_procedure(&query.procedure, query.r#type.as_deref(), query.send_to)))
}

/// The kinds of restoration that orders' preps name by their codes (§4.1.3).
#[wasm_bindgen(js_name = unitTypes, unchecked_return_type = "UnitType[]")]
pub fn unit_types() -> JsValue {
    let rows: Vec<_> = (1..).zip(UNIT_TYPES).map(|(id, name)| UnitTypeRow { id, name }).collect();
    to_js(&rows)
}

/// A row of the table of unit types: a `UnitType` whose name is known.
#[derive(Serialize)]
struct UnitTypeRow {
    id: u32,
    name: &'static str,
}

/// The documented statuses of orders (§4.4.6).
#[wasm_bindgen(js_name = orderStatuses, unchecked_return_type = "OrderStatusInfo[]")]
pub fn order_statuses() -> JsValue {
    to_js(&ORDER_STATUSES.as_slice())
}
