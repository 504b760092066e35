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
use crate::webhook::clock::{DAY, MINUTE, Millis, SECOND};
use crate::webhook::json::object;
use crate::webhook::reply::Headers;
use crate::wire::Guid;

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
