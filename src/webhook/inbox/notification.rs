//! Notifications: stored as work before they are acknowledged. One says nothing but that an order is worth fetching, so
//! those of one RX that are not worked off yet are one row.

use super::Inbox;
use super::rows::key;
use super::state::Counts;
use crate::webhook::clock::Millis;
use crate::webhook::json::{object, record};
use crate::webhook::reply::Reply;
use crate::wire::Guid;

/// How many RXs may wait for a practice that is not registered yet.
pub(super) const MOST_PARKED: usize = 1_000;

/// How many RXs may wait for one that is.
const MOST_PENDING: usize = 10_000;

record! {
    /// An RX whose order is to be fetched.
    pub(super) struct Work {
        /// When it was notified last, made unique: an answer counts only for the notifications before its call.
        pub notified_at: Millis,
        /// When it was notified first.
        pub since: Millis,
        /// How many notifications wait for an answer.
        pub notifications: u64,
        /// How often it was asked for in vain since.
        pub tries: u32,
        /// When to ask for it.
        pub due: Millis,
    }
}

impl Inbox<'_> {
    /// Stores a notification.
    pub(super) fn notified(&mut self, rx_id: Guid) -> Reply {
        let row = key::of_rx(key::FETCH, rx_id);
        let work: Option<Work> = self.store.get(&row);
        if work.is_none() && self.is_full() {
            self.log("notification.refused", object! { "rxId": rx_id });
            return Reply::unavailable("Too many notifications wait for this practice.");
        }
        let notified_at = work.as_ref().map_or(self.now, |work| self.now.max(work.notified_at + 1));
        let work = Work {
            notified_at,
            since: work.as_ref().map_or(self.now, |work| work.since),
            notifications: work.as_ref().map_or(0, |work| work.notifications) + 1,
            tries: 0,
            due: self.now,
        };
        self.store.put(&row, &work);
        let event = if self.practice.is_some() { "notification.stored" } else { "notification.parked" };
        self.log(event, object! { "rxId": rx_id, "waiting": work.notifications });
        if self.practice.is_none() {
            self.wake_by(notified_at + self.settings.retention);
        } else if let Some(at) = self.access().after(self.now) {
            self.wake_by(at);
        }
        Reply::accepted()
    }

    fn is_full(&self) -> bool {
        let most = if self.practice.is_some() { MOST_PENDING } else { MOST_PARKED };
        self.store.texts(key::FETCH, key::FETCH, most).len() == most
    }

    /// The RXs that wait.
    pub(super) fn work(&self) -> Vec<(Guid, Work)> {
        let rows = self.store.list(key::FETCH, usize::MAX).into_iter();
        rows.filter_map(|(rx_id, work)| Some((rx_id.parse().ok()?, work))).collect()
    }

    /// Gives up the notifications of which nothing came for as long as events are kept.
    pub(super) fn expire_work(&mut self) {
        for (rx_id, work) in self.work() {
            if work.notified_at + self.settings.retention <= self.now {
                self.log("notification.expired", object! { "rxId": rx_id });
                self.finish_work(rx_id, &work, |counts| counts.expired += 1);
            }
        }
    }

    pub(super) fn work_expires(&self) -> Option<Millis> {
        self.work().iter().map(|(_, work)| work.notified_at + self.settings.retention).min()
    }

    /// Ends the work on an RX.
    pub(super) fn finish_work(&mut self, rx_id: Guid, work: &Work, count: impl FnOnce(&mut Counts)) {
        self.count(|counts| {
            counts.notifications += work.notifications;
            count(counts);
        });
        self.store.remove(&key::of_rx(key::FETCH, rx_id));
    }
}
