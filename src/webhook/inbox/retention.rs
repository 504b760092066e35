//! Deletes old rows, a limited number at a time.

use serde::{Deserialize, Serialize};

use super::Inbox;
use super::events::{KnownOrder, OrderEvent};
use super::log::LogEvent;
use super::rows::{key, read};
use crate::webhook::clock::{DAY, Millis, date, rfc3339};
use crate::webhook::settings::LONGEST_WINDOW_DAYS;

/// How many rows of a kind an alarm checks.
const ROWS: usize = 200;

/// For how long after its scan and its last event the row of an order is kept: longer than any reconciliation looks back, so
/// that no order is reported as new twice.
const ORDERS_KEPT: Millis = (LONGEST_WINDOW_DAYS + 35) * DAY;

/// The next search for old rows, and the progress of a running one.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sweep {
    pub due: Millis,
    /// The key of the next order's row.
    pub next: String,
}

impl Inbox<'_> {
    pub(super) fn sweep_due(&self) -> Option<Millis> {
        self.store.get(key::SWEEP).map(|sweep: Sweep| sweep.due)
    }

    /// Deletes old rows if the next search is due.
    pub(super) fn sweep(&mut self) {
        let Some(sweep) = self.store.get::<Sweep>(key::SWEEP).filter(|sweep| sweep.due <= self.now) else { return };
        let events = self.sweep_events();
        let next = self.sweep_orders(&sweep.next);
        let is_done = events < ROWS && next.is_none();
        let due = if is_done { self.now + DAY } else { self.now };
        self.store.put(key::SWEEP, &Sweep { due, next: next.unwrap_or_default() });
    }

    /// Deletes old events, unless they still have to be delivered. Returns how many.
    fn sweep_events(&mut self) -> usize {
        let before = rfc3339(self.now - self.settings.retention);
        let mut deleted = 0;
        for (seq, event) in self.store.list::<OrderEvent>(key::EVENT, ROWS) {
            if event.at >= before {
                break;
            }
            if self.store.text(&format!("{}{seq}", key::DELIVER)).is_none() {
                self.store.remove(&format!("{}{seq}", key::EVENT));
                self.store.remove(&format!("{}{seq}", key::FAILED));
                deleted += 1;
            }
        }
        if deleted > 0 {
            self.log(LogEvent::EventsExpired { events: deleted });
        }
        deleted
    }

    /// Deletes the rows of orders that can no longer be in the list. Returns where to continue, or `None` at the end.
    fn sweep_orders(&mut self, from: &str) -> Option<String> {
        let before = self.now - ORDERS_KEPT;
        let rows = self.store.texts(key::ORDER, from, ROWS + 1);
        for (key, known) in rows.iter().take(ROWS) {
            let Some(known) = read::<KnownOrder>(known) else { continue };
            // An order without a date may be listed forever.
            let is_over = |scanned_on: &String| *scanned_on < date(before).to_string();
            if known.at < before && known.scanned_on.as_ref().is_some_and(is_over) {
                self.store.remove(key);
            }
        }
        rows.into_iter().nth(ROWS).map(|(key, _)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::inbox::testing::{TestInbox, list, order, row, with_consumer};

    /// Lets days pass; every page lists order 1, and the consumer replies with `status`.
    fn pass(inbox: &mut TestInbox, days: i64, status: u16) {
        let end = inbox.now + days * DAY;
        while inbox.alarm.is_some_and(|alarm| alarm <= end) {
            for call in inbox.wait() {
                let page = list(&[row(1, "Completed")], false);
                match call.id.split('/').next() {
                    Some("deliver") => inbox.respond(&call, status, ""),
                    Some("page") => inbox.respond(&call, 200, &page),
                    _ => inbox.respond(&call, 200, &order(1, "Completed")),
                };
            }
        }
        inbox.now = end;
    }

    #[test]
    fn events_go_after_a_while_but_what_was_reported_is_not_reported_again() {
        let mut inbox = TestInbox::registered(&with_consumer());
        inbox.notify(1);
        pass(&mut inbox, 29, 200);
        assert_eq!(inbox.reported().len(), 1);
        pass(&mut inbox, 3, 200);
        assert_eq!(inbox.reported().len(), 0);
        assert_eq!(inbox.state()["lastSeq"], 1, "the order is listed still, and is known");
    }

    #[test]
    fn rows_of_orders_go_when_no_list_can_show_them_any_more() {
        let mut inbox = TestInbox::registered(&with_consumer());
        inbox.notify(1);
        pass(&mut inbox, 1, 200);
        let orders = |inbox: &TestInbox| inbox.rows.keys().filter(|key| key.starts_with(key::ORDER)).count();
        inbox.now += ORDERS_KEPT - 3 * DAY;
        inbox.run_alarm();
        assert_eq!(orders(&inbox), 1);
        inbox.now += 3 * DAY;
        inbox.run_alarm();
        assert_eq!(orders(&inbox), 0);
    }
}
