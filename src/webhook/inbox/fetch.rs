//! Fetches the orders of the RXs that wait. A notification is only a claim; the order, read with the practice's own token, is
//! the proof.

use std::borrow::Cow;

use super::access::{ApiOutcome, Trouble};
use super::agenda::Queue;
use super::events::{Recorded, Source};
use super::input::{Reason, Response};
use super::log::LogEvent;
use super::notification::Work;
use super::rows::key;
use super::scan::Scan;
use super::token::Token;
use super::{Asked, Call, Inbox, lanes};
use crate::api::orders;
use crate::scalar::Guid;
use crate::webhook::clock::{DAY, HOUR, MINUTE, Millis, SECOND};
use crate::webhook::reply::Headers;

/// For how long after its notification an order may be unknown to the API (R69).
const LISTED_WITHIN: Millis = DAY;

/// How long to wait after each response that says that the order is unknown.
const UNKNOWN_WAITS: [Millis; 5] = [2 * SECOND, 15 * SECOND, 2 * MINUTE, 15 * MINUTE, 2 * HOUR];

impl Inbox<'_> {
    pub(super) fn fetches_due(&self) -> Option<Millis> {
        let due = Queue::ORDERS.into_iter().filter_map(|queue| self.next_due(queue)).min()?;
        self.access().after(due)
    }

    /// Requests the orders that are due: first those that were not requested yet, and among these the oldest.
    pub(super) fn call_orders(&mut self) {
        let access = self.access();
        if !access.is_open(self.now) {
            return;
        }
        let lane = if access.is_doubtful { lanes::DOUBTFUL_API } else { lanes::ORDERS };
        for (place, name) in self.next_in_line(lane, &Queue::ORDERS) {
            let Some(work) = self.at(place, &name, key::FETCH, Work::place) else { continue };
            self.call_api(
                &orders::GET.path_of(&[&name]),
                &format!("order/{name}/{}", work.notified_at),
                place.queue.name(),
                1024 * 1024,
            );
        }
    }

    /// Makes a GET call to the API. Its id ends with the token's number, the queue that it comes from, and the time.
    pub(super) fn call_api(&mut self, path: &str, id: &str, queue: &str, max_bytes: usize) {
        let token: Option<Token> = self.store.get(key::TOKEN);
        let Some((practice, token)) = self.practice.as_ref().zip(token) else { return };
        self.call(Call {
            id: format!("{id}/{}/{queue}/{}", token.number, self.now),
            method: "GET",
            url: format!("{}/{path}", practice.registration.base_url),
            headers: Headers::from([
                ("authorization", format!("Bearer {}", token.access)),
                ("accept", "application/json".into()),
            ]),
            body: None,
            timeout_ms: 30 * SECOND,
            max_bytes,
        });
    }

    /// Handles the outcome of the call for an order, made after the notification of `asked_at`.
    pub(super) fn order_outcome(
        &mut self,
        rx_id: &str,
        asked_at: Millis,
        asked: Asked,
        outcome: Result<&Response, Reason>,
    ) {
        let about = rx_id;
        let Ok(rx_id) = rx_id.parse() else { return };
        let work: Option<Work> = self.store.get(&key::of_rx(key::FETCH, rx_id));
        let Some(work) = work else { return };
        match self.classify(about, asked, outcome) {
            ApiOutcome::Success(body) => match Scan::from_response(body) {
                Ok(scan) if scan.rx_id == rx_id => self.fetched(&scan, asked_at, asked, work),
                Ok(_) => self.fetch_later(rx_id, asked_at, work, "another-order".into()),
                Err(_) => self.fetch_later(rx_id, asked_at, work, "unreadable".into()),
            },
            ApiOutcome::Refused(404) => self.fetch_unknown(rx_id, asked_at, work, "not-found"),
            ApiOutcome::Refused(400 | 410 | 422) => self.fetch_unknown(rx_id, asked_at, work, "not-taken"),
            ApiOutcome::Refused(status) => self.fetch_later(rx_id, asked_at, work, status.to_string().into()),
            ApiOutcome::Unusable(reason) => self.fetch_later(rx_id, asked_at, work, reason.as_str().into()),
            ApiOutcome::Unavailable(Trouble::AtThisAgain) => {
                self.fetch_later(rx_id, asked_at, work, "api-trouble".into());
            }
            // The order waits for the API. Another one is tried first, since the API may fail at this order only.
            ApiOutcome::Unavailable(Trouble::General) => {
                self.fetch_after(rx_id, asked_at, work, "api-trouble".into(), 0)
            }
            ApiOutcome::Unauthorized => {}
        }
    }

    fn fetched(&mut self, scan: &Scan, asked_at: Millis, asked: Asked, mut work: Work) {
        if scan.company_id.is_some_and(|company_id| Some(company_id) != self.company_id) {
            self.log(LogEvent::NotificationUnverified { rx_id: scan.rx_id, reason: "another-practice" });
            return self.finish_work(scan.rx_id, &work, |counts| counts.unverified += 1);
        }
        // An order without a notification was requested because of a page of the list.
        let source = if work.notifications == 0 { Source::Reconcile } else { Source::Callback };
        let recorded = self.record(scan, source, asked.sent_at);
        if recorded == Recorded::Overtaken {
            return self.fetch_later(scan.rx_id, asked_at, work, "overtaken".into());
        }
        let is_last = work.notified_at == asked_at;
        let is_update =
            recorded == Recorded::Known && source == Source::Callback && is_last && self.record_update(scan, asked_at);
        let is_announced = is_update || recorded == Recorded::New && source == Source::Callback;
        if !is_last {
            // There was another notification meanwhile, and this response may be older: the order is still due.
            if is_announced {
                work.notifications -= 1;
                self.count(|counts| counts.notifications += 1);
                self.store.put(&key::of_rx(key::FETCH, scan.rx_id), &work);
            }
            return;
        }
        let repeated = work.notifications - u64::from(is_announced);
        self.finish_work(scan.rx_id, &work, |counts| counts.duplicates += repeated);
    }

    /// Handles an order that the API does not know, not yet or not at all. It is requested only a few times, since whoever
    /// knows a callback secret can invent RXs, and an order that is listed later is found by comparison.
    fn fetch_unknown(&mut self, rx_id: Guid, asked_at: Millis, work: Work, reason: &'static str) {
        if work.notified_at == asked_at && work.notified_at + LISTED_WITHIN <= self.now {
            self.log(LogEvent::NotificationUnverified { rx_id, reason });
            return self.finish_work(rx_id, &work, |counts| counts.unverified += 1);
        }
        let wait = UNKNOWN_WAITS.get(work.unknown as usize).copied().unwrap_or(8 * HOUR);
        let wait = self.backoff(1, wait, wait, &rx_id.to_string());
        let work = Work { unknown: work.unknown + 1, ..work };
        self.fetch_after(rx_id, asked_at, work, reason.into(), wait);
    }

    fn fetch_later(&mut self, rx_id: Guid, asked_at: Millis, work: Work, reason: Cow<'static, str>) {
        let wait = self.backoff(work.tries + 1, 2 * SECOND, 15 * MINUTE, &rx_id.to_string());
        self.fetch_after(rx_id, asked_at, work, reason, wait);
    }

    fn fetch_after(&mut self, rx_id: Guid, asked_at: Millis, work: Work, reason: Cow<'static, str>, in_ms: Millis) {
        if work.notified_at != asked_at {
            return; // there was another notification meanwhile: the order is due
        }
        let later = Work { tries: work.tries + 1, due: self.now + in_ms, ..work };
        self.log(LogEvent::OrderLater { rx_id, reason, tries: later.tries, in_ms });
        let before: Option<Work> = self.store.get(&key::of_rx(key::FETCH, rx_id));
        self.put_work(rx_id, before.as_ref(), &later);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webhook::inbox::input::Ask;
    use crate::webhook::inbox::testing::{TestInbox, bare, list, order, row, rx};

    /// An inbox with one call for an order in flight.
    fn asked() -> (TestInbox, Call) {
        let mut inbox = TestInbox::registered(&bare());
        inbox.notify(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        (inbox, call)
    }

    #[test]
    fn a_notification_while_its_order_is_fetched_has_it_fetched_again() {
        let (mut inbox, call) = asked();
        inbox.notify(1);
        inbox.respond(&call, 200, &order(1, "Completed"));
        let [call] = inbox.wait().try_into().ok().unwrap();
        inbox.respond(&call, 200, &order(1, "Lab Review"));
        assert_eq!(inbox.reported(), ["Completed", "Lab Review"]);
        let state = inbox.state();
        assert_eq!((&state["counts"]["notifications"], &state["counts"]["duplicates"]), (&2.into(), &0.into()));
    }

    #[test]
    fn orders_that_the_api_may_know_go_before_those_that_it_does_not() {
        let mut inbox = TestInbox::registered(&bare());
        for number in 0..200 {
            inbox.notify(number);
        }
        inbox.serve(|_| (404, String::new()));
        inbox.now += 2 * SECOND;
        for number in 300..310 {
            inbox.notify(number);
        }
        let calls =
            inbox.serve(|call| if call.id.contains(&rx(300)[..34]) { (200, "".into()) } else { (404, "".into()) });
        let place = |call: &&Call| !call.id.contains("/unknown/");
        let last_real = calls.iter().rposition(|call| place(&call)).unwrap();
        let unknown_before = calls[..last_real].iter().filter(|call| !place(call)).count();
        assert!(calls.len() > 200 && unknown_before <= 10, "{unknown_before} of {}", calls.len());
    }

    #[test]
    fn the_order_of_another_practice_is_no_proof() {
        let (mut inbox, call) = asked();
        let mut other = row(1, "Completed");
        other["CompanyId"] = 1.into();
        inbox.respond(&call, 200, &json!({ "Data": other, "Status": 1 }).to_string());
        let state = inbox.state();
        assert_eq!((&state["counts"]["unverified"], &state["counts"]["events"]), (&1.into(), &0.into()));
    }

    #[test]
    fn an_order_that_is_not_listed_yet_is_asked_for_a_few_times_within_a_day() {
        let (mut inbox, call) = asked();
        let begin = inbox.now;
        inbox.respond(&call, 404, "");
        let mut times = 1;
        while inbox.state()["pending"] == 1 {
            for call in inbox.wait() {
                let is_page = call.id.starts_with("page/");
                times += u32::from(!is_page);
                inbox.respond(&call, if is_page { 200 } else { 404 }, &list(&[], false));
            }
        }
        assert!((begin + DAY..begin + DAY + 8 * HOUR).contains(&inbox.now));
        assert!((7..=12).contains(&times), "asked {times} times");
        assert_eq!(inbox.state()["counts"]["unverified"], 1);
    }

    #[test]
    fn an_api_in_trouble_is_left_alone_and_then_asked_by_one_call() {
        let mut inbox = TestInbox::registered(&bare());
        for number in 0..30 {
            inbox.notify(number);
        }
        let calls = inbox.run_alarm();
        assert_eq!(calls.len(), 2);
        for call in &calls {
            inbox.respond_with(call, 503, Some("120"), "");
        }
        assert!(inbox.alarm.is_some_and(|alarm| alarm >= inbox.now + 2 * MINUTE));
        let [call] = inbox.wait().try_into().ok().unwrap();
        inbox.fail(&call, Reason::Timeout);
        let [call] = inbox.wait().try_into().ok().unwrap();
        inbox.respond(&call, 404, "");
        assert_eq!(inbox.wait().len(), 3, "it is back");
        assert_eq!(inbox.state()["pending"], 30);
    }

    #[test]
    fn an_order_that_the_api_always_fails_at_does_not_hold_up_the_others() {
        let mut inbox = TestInbox::registered(&bare());
        for number in 0..5 {
            inbox.notify(number);
        }
        for _ in 0..50 {
            for call in inbox.wait() {
                match call.id.split('/').nth(1).and_then(|rx_id| rx_id.bytes().last()) {
                    Some(b'0') => inbox.fail(&call, Reason::Crashed),
                    Some(b'1') => inbox.respond(&call, 500, ""),
                    Some(b'2') => inbox.respond(&call, 200, "<html>"),
                    Some(digit) => inbox.respond(&call, 200, &order(u32::from(digit - b'0'), "Completed")),
                    None => unreachable!("only orders are asked for within the hour"),
                };
            }
            if inbox.state()["counts"]["events"] == 2 {
                break;
            }
        }
        let state = inbox.state();
        assert_eq!((&state["counts"]["events"], &state["pending"]), (&2.into(), &3.into()));
    }

    #[test]
    fn an_order_that_hangs_holds_up_no_other() {
        let mut inbox = TestInbox::registered(&bare());
        for number in 0..20 {
            inbox.notify(number);
            let begin = inbox.now;
            let mut calls = inbox.run_alarm();
            while number < 8 && calls.is_empty() {
                calls = inbox.wait();
                assert!(inbox.now <= begin + SECOND, "{number} is not asked for within a second");
            }
            assert_eq!(calls.len(), usize::from(number < 8), "{number}: some end to it there is");
        }
        assert_eq!(inbox.flights.len(), 8);
    }

    #[test]
    fn an_order_that_hangs_at_every_try_does_not_have_the_api_left_alone() {
        let mut inbox = TestInbox::registered(&bare());
        inbox.notify(1);
        let mut tries = 0;
        while tries < 8 {
            for call in inbox.wait().iter().filter(|call| call.id.contains(&rx(1))) {
                inbox.now += 30 * SECOND;
                inbox.fail(call, Reason::Timeout);
                tries += 1;
            }
        }
        inbox.now += SECOND;
        inbox.notify(2);
        assert!(inbox.run_alarm().iter().any(|call| call.id.contains(&rx(2))), "at once");
    }

    #[test]
    fn a_response_that_was_overtaken_is_not_reported_but_asked_for_again() {
        let (mut inbox, call) = asked();
        inbox.ask(Ask::Reconcile {});
        let [page] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.now += 500;
        inbox.respond(&page, 200, &list(&[row(1, "Lab Review")], false));
        inbox.respond(&call, 200, &order(1, "Completed"));
        assert_eq!(inbox.reported(), ["Lab Review"]);
        let again = inbox.wait().pop().unwrap();
        inbox.respond(&again, 200, &order(1, "Lab Review"));
        assert_eq!((inbox.reported().len(), &inbox.state()["pending"]), (1, &0.into()));
    }

    #[test]
    fn a_page_that_was_overtaken_has_the_order_asked_for() {
        let mut inbox = TestInbox::registered(&bare());
        inbox.ask(Ask::Reconcile {});
        let [page] = inbox.run_alarm().try_into().ok().unwrap();
        for status in ["Completed", "Lab Review", "Lab Review"] {
            inbox.now += 500;
            inbox.notify(1);
            let [call] = inbox.run_alarm().try_into().ok().unwrap();
            inbox.respond(&call, 200, &order(1, status));
        }
        inbox.respond(&page, 200, &list(&[row(1, "Completed")], false));
        let [call] = inbox.wait().try_into().ok().unwrap();
        inbox.respond(&call, 200, &order(1, "Completed"));
        assert_eq!(inbox.reported(), ["Completed", "Lab Review", "Completed"]);
        assert_eq!(inbox.feed(2, 1)["events"][0]["source"], "reconcile");
    }

    #[test]
    fn a_status_that_was_confirmed_while_a_page_was_under_way_is_newer_than_the_page() {
        let (mut inbox, call) = asked();
        inbox.respond(&call, 200, &order(1, "Completed"));
        inbox.now += 10 * SECOND;
        inbox.ask(Ask::Reconcile {});
        let [page] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.now += 500;
        inbox.notify(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.respond(&call, 200, &order(1, "Completed"));
        inbox.respond(&page, 200, &list(&[row(1, "Lab Review")], false));
        assert_eq!(inbox.reported(), ["Completed"]);
        let [call] = inbox.wait().try_into().ok().unwrap();
        inbox.respond(&call, 200, &order(1, "Completed"));
        assert_eq!(inbox.reported(), ["Completed"]);
    }

    #[test]
    fn a_response_that_comes_too_late_changes_nothing() {
        let (mut inbox, call) = asked();
        inbox.respond(&call, 200, &order(1, "Completed"));
        assert!(inbox.respond(&call, 200, &order(1, "Lab Review")).writes.is_empty());
    }
}
