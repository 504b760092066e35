//! `pollOrders`: what is new since the last time, which a caller keeps as JSON.

use super::call::{Flow, PreparedCall};
use super::cursor::{Change, Cursor};
use super::error::DpmsError;
use super::exchange::{Exchange, Received};
use super::pages::{Page, Pages};
use super::{DecodedValue, Effect, Env, Output};
use crate::api::orders::Order;
use crate::scalar::PlainDate;
use crate::schema::kind::Kind;
use crate::schema::model::model;
use crate::schema::tape::Tape;
use crate::schema::value::FromTape;

model! {
    /// An order that is new, or whose status is.
    pub struct OrderChange {
        /// `new` when the order is reported for the first time, `status` when only its status moved.
        #[tsify(type = "\"new\" | \"status\"")]
        kind: String,
        /// The order as it is now.
        order: Order,
        /// The status that was reported last; `null` for a new order, or if it had none.
        #[tsify(type = "OrderStatus | null")]
        previous_status: Option<String>,
    }
}

/// A poll under way.
pub(crate) struct Poll {
    pages: Pages,
    cursor: Cursor,
    window_days: u32,
}

impl Poll {
    /// A poll from `cursor` on, over the pages of the orders since then. It watches orders for `window_days` after their scan.
    pub(crate) fn new(pages: Pages, cursor: Cursor, window_days: u32) -> Self {
        Self { pages, cursor, window_days }
    }

    /// Returns the call that polls, page by page.
    pub(crate) fn call(self) -> PreparedCall {
        PreparedCall { request: self.pages.request(), flow: Box::new(self) }
    }

    /// Adds the change that an order is, if it is one, to the tape.
    fn change(&mut self, tape: &mut Tape, order: usize) -> Option<usize> {
        let text = |field| tape.text(order + field);
        let rx_id = self.pages.key(tape, order)?;
        let scanned_on = text(Order::cell("scanning_date")).and_then(|time| time.get(..10));
        let (kind, previous) = match self.cursor.observe(rx_id, text(Order::cell("status")), scanned_on)? {
            Change::New => ("new", None),
            Change::Status { previous } => ("status", previous),
        };
        let change = tape.add_row(OrderChange::MODEL.width);
        tape.set_text(change + OrderChange::cell("kind"), kind);
        tape.copy_row(order, Order::MODEL.width, change + OrderChange::cell("order"));
        if let Some(previous) = previous {
            tape.set_text(change + OrderChange::cell("previous_status"), &previous);
        }
        Some(change)
    }
}

impl Flow for Poll {
    fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
        env: Env,
    ) -> Result<Effect, DpmsError> {
        const CHANGES: &Kind = &<Vec<OrderChange>>::KIND;
        let Page { mut tape, rows, has_more } = self.pages.take(exchange, outcome)?;
        let changes: Vec<_> = rows.into_iter().filter_map(|row| self.change(&mut tape, row)).collect();
        let cursor = (!has_more).then(|| {
            let today = PlainDate::from_days_since_epoch((env.now_ms / 86_400_000.0) as i64);
            self.cursor.prune(today, self.window_days);
            self.cursor.json()
        });
        Ok(Effect::Done(Output::Changes { changes: DecodedValue::list(tape, CHANGES, &changes), cursor }))
    }
}
