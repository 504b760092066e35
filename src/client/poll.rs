//! `pollOrders`: what is new since the last time, which a caller keeps as JSON.

use std::rc::Rc;

use js_sys::{Array, Date, JSON, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::DpmsClient;
use super::arguments::{Fields, WINDOW_DAYS};
use super::options::scope_of;
use super::orders::Filter;
use super::pages::Walk;
use crate::error::{Failure, FieldError};
use crate::js::tape::build;
use crate::js::{nullable, object};
use crate::transport::{Scope, Transport};
use crate::wire::PlainDate;
use crate::wire::cursor::{Change, Cursor, OrdersCursor};
use crate::wire::decode::DecodeError;
use crate::wire::model::Value;
use crate::wire::orders::Order;

const DEFAULT_WINDOW_DAYS: u32 = 30;

const PAGE_SIZE: u32 = 250;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** `CallOptions` for a poll. */
export interface PollOptions extends CallOptions {
  /**
   * For how many days after its scan an order's status is watched: 30 by default. The API cannot be asked for what has
   * changed, so each poll lists the orders of these days.
   */
  windowDays?: number | null;
}

/** What is new since the last poll. */
export interface OrdersPoll {
  /** Oldest orders first. Each new order and each new status is told once. */
  changes: OrderChange[];
  /** For the next poll. Store it once the changes are dealt with. */
  cursor: OrdersCursor;
}

/** An order that is new, or whose status is. */
export interface OrderChange {
  kind: "new" | "status";
  order: Order;
  /** The status that was told last; `null` for a new order, or if it had none. */
  previousStatus: OrderStatus | null;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "OrdersCursor")]
    pub type JsOrdersCursor;

    #[wasm_bindgen(typescript_type = "PollOptions")]
    pub type JsPollOptions;
}

#[wasm_bindgen]
impl DpmsClient {
    /// The orders that are new, and those whose status is, since the poll that gave `cursor` (§4.4). Without a cursor, every
    /// order is new.
    ///
    /// Exactly once, as far as the caller stores the cursor when the changes are dealt with; also across restarts, and when
    /// pages shift while they are read.
    #[wasm_bindgen(js_name = pollOrders, unchecked_return_type = "Promise<OrdersPoll>")]
    pub fn poll_orders(
        &self,
        #[wasm_bindgen(unchecked_param_type = "OrdersCursor | null | undefined")] cursor: JsValue,
        options: Option<JsPollOptions>,
    ) -> Promise {
        let transport = Rc::clone(&self.transport);
        let ready = arguments(&transport, &cursor, options.into());
        future_to_promise(async move {
            let (cursor, window_days, scope) = ready?;
            Ok(poll(&transport, cursor, window_days, scope).await?)
        })
    }
}

fn arguments(transport: &Transport, cursor: &JsValue, options: JsValue) -> Result<(Cursor, u32, Scope), Failure> {
    let mut fields = Fields::of("options", options)?;
    let scope = scope_of(&mut fields, transport);
    let window_days = fields.optional("windowDays", &WINDOW_DAYS).unwrap_or(DEFAULT_WINDOW_DAYS);
    fields.finish()?;
    if cursor.is_null() || cursor.is_undefined() {
        return Ok((Cursor::default(), window_days, scope));
    }
    let json = JSON::stringify(cursor).ok().and_then(|json| json.as_string()).unwrap_or_default();
    let cursor = Cursor::parse(json.as_bytes()).map_err(|error| {
        let field = match error {
            DecodeError::Field(path) if !path.is_empty() => format!("cursor.{path}"),
            _ => "cursor".into(),
        };
        Failure::invalid_argument(vec![FieldError { field, message: "must be as pollOrders gave it".into() }])
    })?;
    Ok((cursor, window_days, scope))
}

async fn poll(
    transport: &Rc<Transport>,
    mut cursor: Cursor,
    window_days: u32,
    scope: Scope,
) -> Result<JsValue, Failure> {
    let today = PlainDate::from_days_since_epoch((Date::now() / 86_400_000.0) as i64);
    let since = cursor.since.clone().map(|since| ("dateFrom", since));
    let filter = Filter { query: since.into_iter().collect(), page_size: PAGE_SIZE };
    let walk = Walk::new(transport, scope, filter.listing(transport, PAGE_SIZE));
    let changes = Array::new();
    while !walk.is_done() {
        let (tape, rows) = walk.advance().await?;
        for row in rows {
            let text = |field| tape.text(row + field);
            let rx_id = text(Order::cell("rx_id")).and_then(|rx_id| rx_id.parse().ok());
            let scanned_on = text(Order::cell("scanning_date")).and_then(|time| time.get(..10));
            let change = rx_id.and_then(|rx_id| cursor.meet(rx_id, text(Order::cell("status")), scanned_on));
            let (kind, previous) = match change {
                None => continue,
                Some(Change::New) => ("new", None),
                Some(Change::Status { previous }) => ("status", previous),
            };
            changes.push(&object(&[
                ("kind", kind.into()),
                ("order", build(&tape, &Order::KIND, row)),
                ("previousStatus", nullable(previous)),
            ]));
        }
    }
    cursor.forget(today, window_days);
    let cursor = build(&cursor.tape(), &OrdersCursor::KIND, 0);
    Ok(object(&[("changes", changes.into()), ("cursor", cursor)]))
}
