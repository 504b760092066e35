//! Notifications: stored as work before they are acknowledged. A notification only says that an order should be fetched, so the
//! open ones of one RX share one row.

use serde::{Deserialize, Serialize};

use super::Inbox;
use super::agenda::{Place, Queue};
use super::log::LogEvent;
use super::rows::key;
use super::state::Counts;
use crate::scalar::Guid;
use crate::webhook::clock::Millis;
use crate::webhook::reply::Reply;

/// How many RXs may wait for a practice that is not registered.
pub(super) const MOST_PARKED: usize = 1_000;

/// How many RXs may wait for a registered practice.
const MOST_PENDING: usize = 10_000;

/// How many notifications of each queue may expire in a step.
const EXPIRED_AT_ONCE: usize = 100;

/// An RX whose order is to be fetched.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Work {
    /// When the last notification came, made unique: a response counts only for the notifications before its call.
    pub notified_at: Millis,
    /// When the first notification came.
    pub since: Millis,
    /// How many notifications wait for a response.
    pub notifications: u64,
    /// How many fetches have failed since the last notification.
    pub tries: u32,
    /// When to request the order.
    pub due: Millis,
    /// How often the API did not know or accept the RX since the last notification. Release 0.1.0 did not store it.
    #[serde(default)]
    pub unknown: u32,
}

impl Inbox<'_> {
    /// Stores a notification.
    pub(super) fn notify(&mut self, rx_id: Guid, is_admitted: bool) -> Reply {
        let most = if self.practice.is_some() { MOST_PENDING } else { MOST_PARKED };
        if self.practice.is_none() && !is_admitted && !self.store.are_as_many(key::FETCH, 1) {
            return Reply::problem(428, "Nobody has registered this practice."); // for the Worker
        }
        let before: Option<Work> = self.store.get(&key::of_rx(key::FETCH, rx_id));
        if before.is_none() && self.store.are_as_many(key::FETCH, most) && !self.yield_place() {
            self.log(LogEvent::NotificationRefused { rx_id });
            return Reply::unavailable("Too many notifications wait for this practice.");
        }
        let notified_at = before.as_ref().map_or(self.now, |work| self.now.max(work.notified_at + 1));
        let work = Work {
            notified_at,
            since: before.as_ref().map_or(self.now, |work| work.since),
            notifications: before.as_ref().map_or(0, |work| work.notifications) + 1,
            tries: 0,
            // An RX that was not requested yet keeps its place in the queue.
            due: before.as_ref().filter(|work| work.tries == 0).map_or(self.now, |work| work.due),
            unknown: 0,
        };
        self.put_work(rx_id, before.as_ref(), &work);
        let waiting = work.notifications;
        if self.practice.is_none() {
            self.log(LogEvent::NotificationParked { rx_id, waiting });
            self.wake_by(notified_at + self.settings.retention);
        } else {
            self.log(LogEvent::NotificationStored { rx_id, waiting });
            if let Some(at) = self.access().after(self.now) {
                self.wake_by(at);
            }
        }
        Reply::accepted()
    }

    /// Drops an RX that the API does not know, to make room for one that it may know. Returns whether there was one.
    fn yield_place(&mut self) -> bool {
        for (due, name) in self.queued(Queue::Unknown, 1) {
            let place = Place { queue: Queue::Unknown, due };
            let (Some(work), Ok(rx_id)) = (self.at(place, &name, key::FETCH, Work::place), name.parse()) else {
                continue;
            };
            self.log(LogEvent::NotificationUnverified { rx_id, reason: "yielded" });
            self.finish_work(rx_id, &work, |counts| counts.unverified += 1);
            return true;
        }
        false
    }

    /// The RXs that wait.
    pub(super) fn work(&self) -> Vec<(Guid, Work)> {
        let rows = self.store.list(key::FETCH, usize::MAX).into_iter();
        rows.filter_map(|(rx_id, work)| Some((rx_id.parse().ok()?, work))).collect()
    }

    /// Drops notifications that could not be verified for as long as events are kept, a limited number at a time.
    pub(super) fn expire_work(&mut self) {
        for queue in Queue::ORDERS {
            let is_over = |due: Millis| due + self.settings.retention <= self.now;
            let most =
                if self.queued(queue, 1).first().is_some_and(|(due, _)| is_over(*due)) { EXPIRED_AT_ONCE } else { 0 };
            let over: Vec<_> = self.queued(queue, most).into_iter().filter(|(due, _)| is_over(*due)).collect();
            for (due, name) in over {
                let Some(work) = self.at(Place { queue, due }, &name, key::FETCH, Work::place) else { continue };
                let Ok(rx_id) = name.parse() else { continue };
                if work.notified_at + self.settings.retention <= self.now {
                    self.log(LogEvent::NotificationExpired { rx_id });
                    self.finish_work(rx_id, &work, |counts| counts.expired += 1);
                } else {
                    self.put_work(rx_id, Some(&work), &Work { due: work.notified_at, ..work.clone() });
                }
            }
        }
    }

    /// Returns the earliest time at which a notification can expire: nothing is due before its notification.
    pub(super) fn work_expires(&self) -> Option<Millis> {
        let first = |queue| self.queued(queue, 1).first().map(|(due, _)| due + self.settings.retention);
        Queue::ORDERS.into_iter().filter_map(first).min()
    }

    /// Writes the row of an RX that waits, and its place on the agenda.
    pub(super) fn put_work(&mut self, rx_id: Guid, before: Option<&Work>, work: &Work) {
        self.store.put(&key::of_rx(key::FETCH, rx_id), work);
        self.schedule(&rx_id.to_string(), before.map(Work::place), Some(work.place()));
    }

    /// Ends the work on an RX.
    pub(super) fn finish_work(&mut self, rx_id: Guid, work: &Work, count: impl FnOnce(&mut Counts)) {
        self.count(|counts| {
            counts.notifications += work.notifications;
            count(counts);
        });
        self.store.remove(&key::of_rx(key::FETCH, rx_id));
        self.schedule(&rx_id.to_string(), Some(work.place()), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::clock::DAY;
    use crate::webhook::inbox::input::{Ask, Input};
    use crate::webhook::inbox::testing::{COMPANY, TestInbox, bare, list, order, rx, with_consumer};

    #[test]
    fn a_notification_is_one_row_and_a_place_on_the_agenda_and_wakes_the_inbox_at_once() {
        let mut inbox = TestInbox::registered(&bare());
        let ask = Ask::Notification { rx_id: rx(1).parse().unwrap(), is_admitted: false };
        let step = inbox.step(Input::Request { company_id: COMPANY.try_into().unwrap(), ask });
        assert_eq!(step.writes.len(), 2);
        assert_eq!(step.wake_by, Some(inbox.now));
        assert_eq!(step.reply.map(|reply| reply.status), Some(202));
    }

    #[test]
    fn what_a_scan_costs_is_what_the_documentation_says() {
        for (registration, rows) in [(bare(), 10), (with_consumer(), 15)] {
            let mut inbox = TestInbox::registered(&registration);
            let before = inbox.written;
            inbox.notify(1);
            let calls =
                inbox.serve(|call| (200, if call.id.starts_with("order/") { order(1, "a") } else { "".into() }));
            assert!(calls.len() < 3 && inbox.flights.is_empty());
            assert_eq!(inbox.written - before, rows);
        }
    }

    #[test]
    fn an_order_is_fetched_once_for_all_notifications_that_wait() {
        let mut inbox = TestInbox::registered(&bare());
        for _ in 0..5 {
            inbox.notify(1);
        }
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        assert_eq!(call.url, format!("https://api.example/v2/orders/{}", rx(1)));
        inbox.respond(&call, 200, &order(1, "Completed"));
        let state = inbox.state();
        assert_eq!((&state["counts"]["notifications"], &state["counts"]["duplicates"]), (&5.into(), &4.into()));
        assert_eq!((&state["counts"]["events"], &state["pending"]), (&1.into(), &0.into()));
    }

    #[test]
    fn what_comes_before_the_registration_is_parked_and_then_fetched() {
        let mut inbox = TestInbox::unknown();
        assert_eq!(inbox.notify(1).status, 202);
        assert_eq!(inbox.state()["parked"], 1);
        assert!(inbox.run_alarm().is_empty());
        inbox.register(&bare());
        let [call, page] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.respond(&page, 200, &list(&[], false));
        assert!(call.id.starts_with("order/"));
    }

    #[test]
    fn what_the_api_does_not_know_makes_room_for_what_it_may_know() {
        let mut inbox = TestInbox::registered(&bare());
        let work = format!(r#""notifiedAt":{0},"since":{0},"notifications":1,"due":{0}"#, inbox.now);
        let row = |tries, unknown| format!(r#"{{{work},"tries":{tries},"unknown":{unknown}}}"#);
        inbox
            .rows
            .extend((0..MOST_PENDING as u32).map(|number| (format!("fetch/{}", rx(number)), row(1, number / 9_999))));
        inbox.rows.remove(key::AGENDA);
        inbox.restart();
        assert_eq!(inbox.notify(20_000).status, 202, "one of the others is nobody's");
        assert!(!inbox.rows.contains_key(&format!("fetch/{}", rx(9_999))));
        assert!(inbox.log.iter().any(|entry| entry.contains("yielded")));
        assert_eq!(inbox.notify(20_001).status, 503);
        assert_eq!(inbox.state()["pending"], MOST_PENDING);
    }

    #[test]
    fn only_so_much_is_parked_and_not_for_ever() {
        let mut inbox = TestInbox::unknown();
        for number in 0..MOST_PARKED as u32 {
            assert_eq!(inbox.notify(number).status, 202);
        }
        let refused = inbox.notify(1_000_000);
        assert_eq!(refused.status, 503);
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(inbox.notify(7).status, 202, "one that waits already takes no more room");
        assert_eq!(inbox.alarm, Some(inbox.now + 30 * DAY));
        while inbox.alarm.is_some() {
            inbox.wait();
        }
        let state = inbox.state();
        assert_eq!((&state["parked"], &state["counts"]["expired"]), (&0.into(), &MOST_PARKED.into()));
    }
}
