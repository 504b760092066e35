//! `pollOrders`: what has changed since the cursor that the caller stored as JSON.

use super::DecodedValue;
use super::cursor::{Change, Cursor};
use super::pages::{self, Page};
use crate::api::orders::Order;
use crate::scalar::PlainDate;
use crate::schema::kind::Kind;
use crate::schema::model::{cell, model};
use crate::schema::tape::Tape;
use crate::schema::value::FromTape;

model! {
    /// An order that is new, or whose status has changed.
    pub struct OrderChange {
        /// `new` if the order is reported for the first time, `status` if only its status has changed.
        #[tsify(type = "\"new\" | \"status\"")]
        kind: String,
        /// The order as it is now.
        order: Order,
        /// The status that was reported last; `null` for a new order, or if it had none.
        #[tsify(type = "OrderStatus | null")]
        previous_status: Option<String>,
    }
}

/// A poll in progress.
pub(crate) struct Poll {
    cursor: Cursor,
    window_days: u32,
}

impl Poll {
    /// Returns a poll that starts from `cursor` and watches orders for `window_days` after their scan.
    pub(crate) fn new(cursor: Cursor, window_days: u32) -> Self {
        Self { cursor, window_days }
    }

    /// Returns a page's changes.
    pub(crate) fn changes(&mut self, page: Page) -> DecodedValue {
        const CHANGES: &Kind = &<Vec<OrderChange>>::KIND;
        let Page { mut tape, rows, .. } = page;
        let changes: Vec<_> = rows.into_iter().filter_map(|row| self.change(&mut tape, row)).collect();
        DecodedValue::list(tape, CHANGES, &changes)
    }

    /// Adds the change of an order to the tape, if there is one.
    fn change(&mut self, tape: &mut Tape, order: usize) -> Option<usize> {
        let text = |field| tape.text(order + field);
        let rx_id = pages::key(tape, order, cell!(Order.rx_id), Some(cell!(Order.order_id)))?;
        let scanned_on = text(cell!(Order.scanning_date)).and_then(|time| time.get(..10));
        let (kind, previous) = match self.cursor.observe(rx_id, text(cell!(Order.status)), scanned_on)? {
            Change::New => ("new", None),
            Change::Status { previous } => ("status", previous),
        };
        let change = tape.add_row(OrderChange::MODEL.width);
        tape.set_text(change + cell!(OrderChange.kind), kind);
        tape.copy_row(order, Order::MODEL.width, change + cell!(OrderChange.order));
        if let Some(previous) = previous {
            tape.set_text(change + cell!(OrderChange.previous_status), &previous);
        }
        Some(change)
    }

    /// Returns the cursor after the last page, as JSON.
    pub(crate) fn cursor(mut self, now_ms: f64) -> String {
        let today = PlainDate::from_days_since_epoch((now_ms / 86_400_000.0) as i64);
        self.cursor.prune(today, self.window_days);
        self.cursor.json()
    }
}
