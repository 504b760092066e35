//! Fetching the orders of the RXs that wait. The order, read with the practice's own token, is the proof of what a
//! notification only claims.

use super::access::Verdict;
use super::backoff::backoff;
use super::events::Source;
use super::input::{Answer, Reason};
use super::notification::Work;
use super::rows::key;
use super::scan::Scan;
use super::token::Token;
use super::{Call, Inbox};
use crate::scalar::Guid;
use crate::webhook::clock::{DAY, MINUTE, Millis, SECOND};
use crate::webhook::json::object;
use crate::webhook::reply::Headers;

/// For how long an order may be unknown to the API after it was notified of (R69).
const LISTED_WITHIN: Millis = DAY;

impl Inbox<'_> {
    pub(super) fn fetches_due(&self) -> Option<Millis> {
        let due = self.work().iter().map(|(_, work)| work.due).min()?;
        self.access().after(due)
    }

    /// Asks for the orders that are due, those that have waited longest first.
    pub(super) fn call_orders(&mut self) {
        let access = self.access();
        if !access.is_open(self.now) {
            return;
        }
        let mut work = self.work();
        work.retain(|(_, work)| work.due <= self.now);
        work.sort_by_key(|(_, work)| work.due);
        for (rx_id, work) in work.into_iter().take(access.calls) {
            self.call_api(&format!("orders/{rx_id}"), &format!("order/{rx_id}/{}", work.notified_at), 1024 * 1024);
        }
    }

    /// Makes a GET call to the API; the token's number ends its id.
    pub(super) fn call_api(&mut self, path: &str, id: &str, max_bytes: usize) {
        let token: Option<Token> = self.store.get(key::TOKEN);
        let Some((practice, token)) = self.practice.as_ref().zip(token) else { return };
        self.step.calls.push(Call {
            id: format!("{id}/{}", token.number),
            method: "GET",
            url: format!("{}/{path}", practice.registration.base_url),
            headers: Headers(vec![
                ("authorization", format!("Bearer {}", token.access)),
                ("accept", "application/json".into()),
            ]),
            body: None,
            timeout_ms: 30 * SECOND,
            max_bytes,
        });
    }

    /// What became of asking for an order, after the notification of `asked_at`.
    pub(super) fn order_outcome(
        &mut self,
        rx_id: &str,
        asked_at: Millis,
        token: Millis,
        outcome: Result<&Answer, Reason>,
    ) {
        let Ok(rx_id) = rx_id.parse() else { return };
        let work: Option<Work> = self.store.get(&key::of_rx(key::FETCH, rx_id));
        let Some(work) = work else { return };
        match self.judge(token, outcome) {
            Verdict::Read(body) => match Scan::of_answer(body) {
                Ok(scan) if scan.rx_id == rx_id => self.fetched(&scan, asked_at, work),
                Ok(_) => self.fetch_later(rx_id, asked_at, work, "another-order"),
                Err(_) => self.fetch_later(rx_id, asked_at, work, "unreadable"),
            },
            Verdict::Refused(404) => self.fetch_unlisted(rx_id, asked_at, work),
            Verdict::Refused(status) => self.fetch_later(rx_id, asked_at, work, &status.to_string()),
            Verdict::Unusable(reason) => self.fetch_later(rx_id, asked_at, work, reason.name()),
            // Another goes first next time, lest one order that the API fails at holds up the rest.
            Verdict::Trouble => self.fetch_later(rx_id, asked_at, work, "api-trouble"),
            Verdict::Unauthorized => {}
        }
    }

    fn fetched(&mut self, scan: &Scan, asked_at: Millis, mut work: Work) {
        if scan.company_id.is_some_and(|company_id| Some(company_id) != self.company_id) {
            self.log("notification.unverified", object! { "rxId": scan.rx_id, "reason": "another-practice" });
            return self.finish_work(scan.rx_id, &work, |counts| counts.unverified += 1);
        }
        let told = self.record(scan, Source::Callback);
        if work.notified_at != asked_at {
            // Notified again meanwhile: this answer may be older than that, so the order is due still.
            if told {
                work.notifications -= 1;
                self.count(|counts| counts.notifications += 1);
                self.store.put(&key::of_rx(key::FETCH, scan.rx_id), &work);
            }
            return;
        }
        let repeated = work.notifications - u64::from(told);
        self.finish_work(scan.rx_id, &work, |counts| counts.duplicates += repeated);
    }

    /// The API does not know the order, yet or at all.
    fn fetch_unlisted(&mut self, rx_id: Guid, asked_at: Millis, work: Work) {
        if work.notified_at == asked_at && work.notified_at + LISTED_WITHIN <= self.now {
            self.log("notification.unverified", object! { "rxId": rx_id, "reason": "not-found" });
            return self.finish_work(rx_id, &work, |counts| counts.unverified += 1);
        }
        self.fetch_later(rx_id, asked_at, work, "not-found");
    }

    fn fetch_later(&mut self, rx_id: Guid, asked_at: Millis, mut work: Work, reason: &str) {
        if work.notified_at != asked_at {
            return; // notified again meanwhile: it is due
        }
        work.tries += 1;
        let wait = backoff(work.tries, 2 * SECOND, 15 * MINUTE, &rx_id.to_string(), self.now);
        work.due = self.now + wait;
        self.log("order.later", object! { "rxId": rx_id, "reason": reason, "tries": work.tries, "inMs": wait });
        self.store.put(&key::of_rx(key::FETCH, rx_id), &work);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webhook::inbox::test::{Object, bare, list, order, row};

    /// An object with one call for an order in flight.
    fn asked() -> (Object, Call) {
        let mut object = Object::registered(&bare());
        object.notify(1);
        let [call] = object.ring().try_into().ok().unwrap();
        (object, call)
    }

    #[test]
    fn an_order_that_is_notified_of_while_it_is_fetched_is_fetched_again() {
        let (mut object, call) = asked();
        object.notify(1);
        object.answer(&call, 200, &order(1, "Completed"));
        object.idle();
        assert_eq!(object.alarm, Some(object.now));
        let [call] = object.ring().try_into().ok().unwrap();
        object.answer(&call, 200, &order(1, "Lab Review"));
        assert_eq!(object.told(), ["Completed", "Lab Review"]);
        let state = object.state();
        assert_eq!((&state["counts"]["notifications"], &state["counts"]["duplicates"]), (&2.into(), &0.into()));
    }

    #[test]
    fn the_order_of_another_practice_is_no_proof() {
        let (mut object, call) = asked();
        let mut other = row(1, "Completed");
        other["CompanyId"] = 1.into();
        object.answer(&call, 200, &json!({ "Data": other, "Status": 1 }).to_string());
        let state = object.state();
        assert_eq!((&state["counts"]["unverified"], &state["counts"]["events"]), (&1.into(), &0.into()));
    }

    #[test]
    fn an_order_that_is_not_listed_yet_is_asked_for_during_a_day() {
        let (mut object, call) = asked();
        let begin = object.now;
        object.answer(&call, 404, "");
        object.idle();
        let mut times = 1;
        while object.state()["pending"] == 1 {
            for call in object.wait() {
                let is_page = call.id.starts_with("page/");
                times += u32::from(!is_page);
                object.answer(&call, if is_page { 200 } else { 404 }, &list(&[], false));
            }
            object.idle();
        }
        assert!((begin + DAY..begin + DAY + 2 * 15 * MINUTE).contains(&object.now));
        assert!((100..250).contains(&times), "asked {times} times");
        assert_eq!(object.state()["counts"]["unverified"], 1);
    }

    #[test]
    fn an_api_in_trouble_is_left_alone_and_then_asked_by_one_call() {
        let mut object = Object::registered(&bare());
        for number in 0..30 {
            object.notify(number);
        }
        let calls = object.ring();
        assert_eq!(calls.len(), 20);
        for call in &calls {
            object.answer_with(call, 503, Some("120"), "");
        }
        object.idle();
        assert!(object.alarm.is_some_and(|alarm| alarm >= object.now + 2 * MINUTE));
        let [call] = object.wait().try_into().ok().unwrap();
        object.fail(&call, Reason::Timeout);
        object.idle();
        let [call] = object.wait().try_into().ok().unwrap();
        object.answer(&call, 404, "");
        object.idle();
        assert_eq!(object.wait().len(), 20, "it is back");
        assert_eq!(object.state()["pending"], 30);
    }

    #[test]
    fn an_order_that_the_api_always_fails_at_does_not_hold_up_the_others() {
        let mut object = Object::registered(&bare());
        for number in 0..5 {
            object.notify(number);
        }
        for _ in 0..50 {
            for call in object.wait() {
                match call.id.split('/').nth(1).and_then(|rx_id| rx_id.bytes().last()) {
                    Some(b'0') => object.fail(&call, Reason::Crashed),
                    Some(b'1') => object.answer(&call, 500, ""),
                    Some(b'2') => object.answer(&call, 200, "<html>"),
                    Some(digit) => object.answer(&call, 200, &order(u32::from(digit - b'0'), "Completed")),
                    None => unreachable!("only orders are asked for within the hour"),
                };
            }
            object.idle();
            if object.state()["counts"]["events"] == 2 {
                break;
            }
        }
        let state = object.state();
        assert_eq!((&state["counts"]["events"], &state["pending"]), (&2.into(), &3.into()));
    }

    #[test]
    fn an_answer_that_comes_too_late_changes_nothing() {
        let (mut object, call) = asked();
        object.answer(&call, 200, &order(1, "Completed"));
        assert!(object.answer(&call, 200, &order(1, "Lab Review")).writes.is_empty());
    }
}
