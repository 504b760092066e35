//! `pollOrders`: what is new since the last time, which a caller keeps as JSON.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, Fields, WINDOW_DAYS};
use super::call::{Flow, Prepared};
use super::orders::Filter;
use super::pages::{Page, Walk};
use crate::api::orders::Order;
use crate::client::platform;
use crate::engine::Transport;
use crate::engine::cursor::{Change, Cursor};
use crate::engine::error::{DpmsError, FieldError};
use crate::engine::exchange::{Answer, Chance, Exchange};
use crate::engine::step::Step;
use crate::json::Object;
use crate::scalar::PlainDate;
use crate::schema::decode::DecodeError;
use crate::schema::tape::Tape;

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
  /** `new` when the order is told of for the first time, `status` when only its status moved. */
  kind: "new" | "status";
  /** The order as it is now. */
  order: Order;
  /** The status that was told last; `null` for a new order, or if it had none. */
  previousStatus: OrderStatus | null;
}
"#;

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /**
   * The orders that are new, and those whose status is, since the poll that gave `cursor` (§4.4). Without a cursor, every
   * order is new.
   *
   * Exactly once, as far as the caller stores the cursor when the changes are dealt with; also across restarts, and when
   * pages shift while they are read.
   */
  pollOrders(cursor?: OrdersCursor | null, options?: PollOptions | null): Promise<OrdersPoll>;
}
"#;

struct Poll {
    walk: Walk,
    cursor: Cursor,
    window_days: u32,
    today: PlainDate,
}

pub(super) fn poll(
    transport: &Rc<Transport>,
    arguments: &Argument,
    options: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let window_days = options.optional("windowDays", &WINDOW_DAYS).unwrap_or(DEFAULT_WINDOW_DAYS);
    let cursor = match arguments.item(1) {
        Argument::Missing => Cursor::default(),
        cursor => Cursor::parse(cursor.text().unwrap_or_default().as_bytes()).map_err(not_a_cursor)?,
    };
    let since = cursor.since.clone().map(|since| ("dateFrom".to_owned(), since));
    let filter = Filter { query: since.into_iter().collect(), page_size: PAGE_SIZE };
    let walk = Walk::new(filter.listing(transport, PAGE_SIZE));
    let today = PlainDate::from_days_since_epoch((platform::now_ms() / 86_400_000.0) as i64);
    Ok(Prepared { request: walk.request()?, flow: Box::new(Poll { walk, cursor, window_days, today }) })
}

fn not_a_cursor(error: DecodeError) -> DpmsError {
    let field = match error {
        DecodeError::Field(path) if !path.is_empty() => ["cursor.", &path].concat(),
        _ => "cursor".to_owned(),
    };
    DpmsError::invalid_argument(vec![FieldError { field, message: "must be as pollOrders gave it".to_owned() }])
}

impl Flow for Poll {
    fn end(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Answer<'_>, DpmsError>,
        _: Chance,
    ) -> Result<Step, DpmsError> {
        let Page { tape, rows, more } = self.walk.turn(exchange, outcome)?;
        let mut changed = Vec::new();
        let mut changes = Vec::new();
        for row in rows {
            if let Some((kind, previous)) = self.change(&tape, row) {
                changed.push(row);
                changes.push(Object::new().text("kind", kind).nullable("previousStatus", previous.as_deref()).end());
            }
        }
        let step = Object::new().list("changes", changes.into_iter());
        let step = if more {
            step
        } else {
            self.cursor.forget(self.today, self.window_days);
            step.raw("cursor", &self.cursor.json())
        };
        Ok(Step::page(self.walk.built(tape, &changed), more, step))
    }
}

impl Poll {
    /// What is to be told of an order, if anything.
    fn change(&mut self, tape: &Tape, row: usize) -> Option<(&'static str, Option<String>)> {
        let text = |field| tape.text(row + field);
        let rx_id = text(Order::cell("rx_id"))?.parse().ok()?;
        let scanned_on = text(Order::cell("scanning_date")).and_then(|time| time.get(..10));
        Some(match self.cursor.meet(rx_id, text(Order::cell("status")), scanned_on)? {
            Change::New => ("new", None),
            Change::Status { previous } => ("status", previous),
        })
    }
}
