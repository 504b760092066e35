//! What `pollOrders` remembers between two polls. Not part of the document: callers store it as JSON.

use super::guids::Guids;
use crate::json::Object;
use crate::scalar::{Guid, Id, PlainDate};
use crate::schema::decode::{DecodeError, Envelope, decode_strictly};
use crate::schema::model::{cell, model};
use crate::schema::sorted::Sorted;
use crate::schema::value::FromTape;

model! {
    /// Which orders `pollOrders` has reported. Plain JSON: store it, and pass it unchanged to the next poll.
    pub struct OrdersCursor {
        /// The version of this format.
        version: Id = "version",
        /// Orders scanned before this date are ignored from now on.
        since: PlainDate = "since",
        /// The orders scanned since then.
        orders: Vec<KnownOrder> = required "orders",
    }
}

model! {
    /// An order that was reported.
    pub struct KnownOrder {
        /// The order's key.
        rx_id: Guid = "rxId",
        /// The status that was reported last.
        #[tsify(type = "OrderStatus | null")]
        status: Option<String> = "status",
        /// When it was scanned.
        scanned_on: Option<PlainDate> = "scannedOn",
    }
}

/// The only version so far.
const VERSION: u64 = 1;

/// `OrdersCursor`, in a form that can be searched.
#[derive(Default, Debug)]
pub(crate) struct Cursor {
    /// `None` before the first poll.
    pub since: Option<String>,
    orders: Vec<Known>,
    /// The GUIDs of `orders`, in the same order.
    rx_ids: Guids,
}

#[derive(Debug)]
struct Known {
    rx_id: Guid,
    status: Option<String>,
    scanned_on: Option<String>,
}

/// How a listed order differs from what the cursor has reported.
#[derive(Debug, PartialEq)]
pub(crate) enum Change {
    /// It was not reported before.
    New,
    /// Its status is not the one that was reported last.
    Status { previous: Option<String> },
}

impl Cursor {
    /// Reads a cursor from the JSON that `pollOrders` returned.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, DecodeError> {
        let tape = decode_strictly(Envelope::None, &OrdersCursor::KIND, json)?;
        if tape.number(cell!(OrdersCursor.version)) != Some(VERSION as f64) {
            return Err(DecodeError::Field("version".into()));
        }
        let text = |cell| tape.text(cell).map(str::to_owned);
        let known = |row| {
            Some(Known {
                rx_id: tape.text(row + cell!(KnownOrder.rx_id))?.parse().ok()?,
                status: text(row + cell!(KnownOrder.status)),
                scanned_on: text(row + cell!(KnownOrder.scanned_on)),
            })
        };
        let orders = tape.rows(cell!(OrdersCursor.orders)).into_iter().filter_map(known).collect();
        Ok(Self { since: text(cell!(OrdersCursor.since)), ..Self::default() }.with(orders))
    }

    /// Returns the cursor with these orders, keeping only the first of each RX.
    fn with(mut self, orders: Vec<Known>) -> Self {
        self.rx_ids = Guids::default();
        self.orders = orders.into_iter().filter(|order| self.rx_ids.add(order.rx_id)).collect();
        self
    }

    /// Records a listed order and returns the change to report, if any. An order may be listed twice when the pages shift while
    /// they are read.
    pub(crate) fn observe(&mut self, rx_id: Guid, status: Option<&str>, scanned_on: Option<&str>) -> Option<Change> {
        // The API does not say in which time zone a date begins, so it may list orders that the cursor has already dropped.
        if scanned_on.zip(self.since.as_deref()).is_some_and(|(scanned_on, since)| scanned_on < since) {
            return None;
        }
        let (status, scanned_on) = (status.map(str::to_owned), scanned_on.map(str::to_owned));
        match self.rx_ids.find(rx_id) {
            None => {
                self.rx_ids.add(rx_id);
                self.orders.push(Known { rx_id, status, scanned_on });
                Some(Change::New)
            }
            Some(at) => {
                let known = self.orders.get_mut(at)?;
                known.scanned_on = scanned_on;
                if known.status == status {
                    return None;
                }
                Some(Change::Status { previous: std::mem::replace(&mut known.status, status) })
            }
        }
    }

    /// Drops the orders scanned more than `days` before `today`, or before the newest known order if that is earlier: a clock
    /// that runs ahead must not move the window past orders that are still to come. The window never moves back, or dropped
    /// orders would seem new.
    pub(crate) fn prune(&mut self, today: PlainDate, days: u32) {
        let newest = self.orders.iter().filter_map(|order| order.scanned_on.as_deref()).max();
        let newest = newest.and_then(|date| PlainDate::parse(date).ok());
        let last = newest.map_or(0, |newest| newest.min(today).days_since_epoch() - i64::from(days));
        let date = PlainDate::from_days_since_epoch(last.max(0)).text();
        let since = self.since.take().filter(|since| *since > date).unwrap_or(date);
        let mut orders = std::mem::take(&mut self.orders);
        orders.retain(|order| order.scanned_on.as_ref().is_none_or(|scanned_on| *scanned_on >= since));
        *self = Self { since: Some(since), ..Self::default() }.with(orders);
    }

    /// Returns the cursor as JSON for the caller to store. The same orders give the same JSON.
    pub(crate) fn json(&self) -> String {
        let order = |order: &Known| {
            let rx_id = &mut [0; 36];
            Object::new()
                .text("rxId", order.rx_id.write(rx_id))
                .nullable("status", order.status.as_deref())
                .nullable("scannedOn", order.scanned_on.as_deref())
                .end()
        };
        let places: Vec<usize> = (0..self.orders.len()).collect();
        let rx_id = |place: usize| self.orders.get(place).map(|order| order.rx_id);
        let sorted = Sorted::sort(&places, &|one, other| rx_id(one) < rx_id(other));
        let orders = sorted.into_iter().filter_map(|place| self.orders.get(place));
        Object::new()
            .number("version", VERSION)
            .nullable("since", self.since.as_deref())
            .list("orders", orders.map(order))
            .end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rx(number: u32) -> Guid {
        format!("a09292aa-8b06-45f9-a73c-{number:012}").parse().unwrap()
    }

    fn date(text: &str) -> PlainDate {
        PlainDate::parse(text).unwrap()
    }

    fn stored(cursor: &Cursor) -> Cursor {
        let json = cursor.json();
        Cursor::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn an_order_is_new_once_and_each_status_is_told_once_across_restarts() {
        let mut cursor = Cursor::default();
        for number in [5, 1, 3] {
            assert_eq!(cursor.observe(rx(number), Some("Completed"), Some("2025-03-04")), Some(Change::New));
            assert_eq!(
                cursor.observe(rx(number), Some("Completed"), Some("2025-03-04")),
                None,
                "listed twice by a drift"
            );
        }
        cursor.prune(date("2025-03-04"), 31);
        let mut cursor = stored(&cursor);
        assert_eq!(cursor.observe(rx(3), Some("Completed"), Some("2025-03-04")), None);
        let changed = cursor.observe(rx(3), None, Some("2025-03-04"));
        assert_eq!(changed, Some(Change::Status { previous: Some("Completed".into()) }));
        assert_eq!(stored(&cursor).observe(rx(3), None, Some("2025-03-04")), None);
        assert_eq!(cursor.observe(rx(4), None, None), Some(Change::New));
        assert_eq!(stored(&cursor).observe(rx(4), None, None), None, "an order without a date is never let go of");
    }

    #[test]
    fn a_known_order_that_a_page_skipped_stays_known() {
        let mut cursor = Cursor::default();
        cursor.observe(rx(1), None, Some("2025-03-04"));
        cursor.prune(date("2025-03-04"), 30);
        let mut cursor = stored(&cursor); // a poll that lists nothing
        cursor.prune(date("2025-03-05"), 30);
        assert_eq!(cursor.observe(rx(1), None, Some("2025-03-04")), None);
    }

    #[test]
    fn what_the_window_has_left_behind_is_let_go_of_and_never_new_again() {
        let mut cursor = Cursor::default();
        cursor.observe(rx(1), None, Some("2025-01-31"));
        cursor.observe(rx(2), None, Some("2025-02-01"));
        cursor.prune(date("2025-02-01"), 0);
        assert_eq!(cursor.since.as_deref(), Some("2025-02-01"));
        assert_eq!(cursor.orders.len(), 1);
        assert_eq!(cursor.observe(rx(1), None, Some("2025-01-31")), None);
        cursor.prune(date("2025-02-01"), 60);
        assert_eq!(cursor.since.as_deref(), Some("2025-02-01"), "a wider window cannot know what was told before");
    }

    #[test]
    fn a_clock_that_runs_ahead_moves_the_window_no_further_than_the_newest_order() {
        let mut cursor = Cursor::default();
        cursor.prune(date("2099-01-01"), 30);
        assert_eq!(stored(&cursor).since.as_deref(), Some("1970-01-01"), "nothing is known yet");
        cursor.observe(rx(1), None, Some("2025-03-04"));
        cursor.prune(date("2099-01-01"), 30);
        assert_eq!(cursor.since.as_deref(), Some("2025-02-02"));
    }

    #[test]
    fn what_is_not_a_cursor_names_the_field() {
        let fails = |json: &str| Cursor::parse(json.as_bytes()).unwrap_err();
        let field = |path: &str| DecodeError::Field(path.into());
        assert_eq!(fails("[]"), field(""));
        assert_eq!(fails("{}"), field("version"));
        assert_eq!(fails(r#"{"version":2,"since":"2025-01-01","orders":[]}"#), field("version"));
        assert_eq!(fails(r#"{"version":1,"since":"yesterday","orders":[]}"#), field("since"));
        let orders = |orders: &str| format!(r#"{{"version":1,"since":"2025-01-01","orders":{orders}}}"#);
        assert_eq!(fails(&orders(r#"[{"rxId":"x"}]"#)), field("orders[0].rxId"));
        assert_eq!(fails(&orders("7")), field("orders"));
    }
}
