//! Admits practices that are not registered, and counts them in one object: whoever knows a callback secret can invent any
//! number of practices, and each has an object of its own with its parked notifications.

use super::Inbox;
use super::log::LogEvent;
use super::rows::key;
use crate::scalar::Id;
use crate::webhook::clock::Millis;
use crate::webhook::reply::Reply;

/// How many practices may be admitted within `RETENTION_DAYS`.
const MOST_ADMITTED: usize = 1_000;

impl Inbox<'_> {
    /// Admits a practice that is not registered.
    pub(super) fn admit(&mut self, company_id: Id) -> Reply {
        let row = format!("{}{company_id}", key::ADMITTED);
        if self.store.text(&row).is_some() {
            return Reply::accepted();
        }
        if self.store.are_as_many(key::ADMITTED, MOST_ADMITTED) {
            let admitted = self.store.list::<Millis>(key::ADMITTED, MOST_ADMITTED);
            let over = admitted.into_iter().filter(|(_, at)| at + self.settings.retention <= self.now);
            let over: Vec<_> = over.map(|(company_id, _)| format!("{}{company_id}", key::ADMITTED)).collect();
            if over.is_empty() {
                self.log(LogEvent::PracticeRefused {});
                return Reply::unavailable("Too many practices wait for a registration.");
            }
            over.iter().for_each(|row| self.store.remove(row));
        }
        self.store.put(&row, &self.now);
        Reply::accepted()
    }
}

#[cfg(test)]
mod tests {
    use crate::webhook::clock::DAY;
    use crate::webhook::inbox::input::{Ask, Input};
    use crate::webhook::inbox::testing::{TestInbox, bare, rx};

    fn notify(inbox: &mut TestInbox, number: u32) -> u16 {
        inbox.ask(Ask::Notification { rx_id: rx(number).parse().unwrap(), is_admitted: false }).status
    }

    #[test]
    fn the_first_notification_of_a_practice_that_nobody_has_registered_needs_admission() {
        let mut inbox = TestInbox::unknown();
        assert_eq!(notify(&mut inbox, 1), 428);
        assert!(inbox.rows.is_empty(), "nothing is kept");
        assert_eq!(inbox.notify(1).status, 202);
        assert_eq!(notify(&mut inbox, 2), 202);
        assert_eq!(notify(&mut TestInbox::registered(&bare()), 1), 202);
    }

    #[test]
    fn so_many_practices_are_admitted_and_others_when_their_time_is_over() {
        let mut inbox = TestInbox::unknown();
        let admit = |inbox: &mut TestInbox, company: i64| {
            let company_id = company.try_into().unwrap();
            inbox.step(Input::Request { company_id, ask: Ask::Admit {} }).reply.unwrap().status
        };
        for company in 1..=1_000 {
            assert_eq!(admit(&mut inbox, company), 202);
            inbox.now += 1;
        }
        assert_eq!((admit(&mut inbox, 7), admit(&mut inbox, 1_001)), (202, 503));
        inbox.now += 30 * DAY - 500;
        assert_eq!(admit(&mut inbox, 1_001), 202);
        assert_eq!(inbox.rows.len(), 500);
        assert_eq!(inbox.alarm, None);
    }
}
