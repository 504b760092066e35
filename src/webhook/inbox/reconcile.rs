//! Reconciliation: reads the list of orders page by page, and finds what no notification reported. Notifications can be lost,
//! and nothing else would notice (§4.5.1).

use serde::{Deserialize, Serialize};

use super::access::ApiOutcome;
use super::agenda::Queue;
use super::events::{Recorded, Source};
use super::input::{Reason, Response};
use super::log::LogEvent;
use super::notification::Work;
use super::rows::key;
use super::scan::{Page, Scan};
use super::state::LastReconcile;
use super::{Asked, Inbox, lanes};
use crate::api::orders::{LIST, OrdersFilter};
use crate::engine::walk::{self, Next, Walk};
use crate::scalar::Guid;
use crate::schema::request::{Pair, Request};
use crate::webhook::clock::{DAY, MINUTE, Millis, SECOND, date, rfc3339};
use crate::webhook::reply::Reply;

const PAGE_SIZE: u32 = 250;

/// 16 KiB per order.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// More than any practice scans within a year: a longer list must be endless.
const MAX_ORDERS: u32 = 200_000;

/// After this many useless responses in a row, an hour or two, the operator is alerted.
pub(super) const USELESS_FOR_GOOD: u32 = 10;

/// How often a page may fail before the list is read from the start again.
const MAX_TRIES: u32 = 3;

/// The next comparison with the list, and the progress of a running one.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reconciliation {
    /// When the next page is due.
    pub due: Millis,
    pub run: Option<Run>,
    /// A comparison was requested during a run, which may already have passed the orders in question.
    pub again: bool,
    pub tries: u32,
    /// How many useless responses came in a row. Release 0.1.0 did not store it.
    #[serde(default)]
    pub useless: u32,
    pub last: Option<LastReconcile>,
}

/// A running comparison.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run {
    /// The start time, which also identifies the run.
    started_at: Millis,
    /// The earliest scan date.
    from: String,
    #[serde(flatten)]
    progress: walk::Progress,
    /// How many rows to request. Release 0.1.0 did not store it.
    #[serde(default = "page_size")]
    page_size: u32,
    /// The rows of the last page.
    page: Vec<Guid>,
    orders: u32,
    found: u32,
    unreadable: u32,
}

impl Run {
    fn new(now: Millis, days: i64) -> Self {
        let (from, progress) = (date(now - days * DAY).to_string(), walk::Progress::default());
        let page_size = PAGE_SIZE;
        Self { started_at: now, from, progress, page_size, page: Vec::new(), orders: 0, found: 0, unreadable: 0 }
    }

    fn walk(&self) -> Walk {
        Walk::resume(self.page_size, self.progress)
    }

    /// Handles a page that was too long to read: the next request is for fewer rows, and a single row that is too long is
    /// skipped.
    fn shorten(&mut self) {
        if self.page_size > 1 {
            self.page_size = (self.page_size / 4).max(1);
            return;
        }
        let mut walk = self.walk();
        walk.take(walk::Page { received: 1, first_is_known: true, has_new: true, has_more: true });
        (self.progress, self.page_size) = (walk.progress(), PAGE_SIZE);
        self.page.clear();
        self.unreadable += 1;
    }
}

fn page_size() -> u32 {
    PAGE_SIZE
}

impl Inbox<'_> {
    /// Compares with the list now.
    pub(super) fn reconcile_now(&mut self) -> Reply {
        let Some(mut reconciliation) = self.reconciliation() else { return self.not_registered() };
        reconciliation.again = reconciliation.run.is_some();
        if !reconciliation.again {
            reconciliation.due = self.now;
        }
        self.store.put(key::RECONCILE, &reconciliation);
        self.wake_by(self.now);
        Reply::accepted()
    }

    pub(super) fn reconciliation(&self) -> Option<Reconciliation> {
        self.store.get(key::RECONCILE)
    }

    pub(super) fn page_due(&self) -> Option<Millis> {
        self.practice.as_ref().filter(|_| !self.flights.has("page"))?;
        self.access().after(self.reconciliation()?.due)
    }

    /// Requests the next page if it is due, and the calls for orders leave room for it.
    pub(super) fn call_page(&mut self) {
        let has_room = !self.access().is_doubtful || self.flights.free(lanes::DOUBTFUL_API, Queue::New).1 > 0;
        let due = has_room && self.page_due().is_some_and(|due| due <= self.now);
        let Some(mut reconciliation) = self.reconciliation().filter(|_| due) else { return };
        let new = || Run::new(self.now, self.settings.reconcile_days);
        let run = reconciliation.run.get_or_insert_with(new);
        let date_from = Some(run.from.clone());
        let filter = OrdersFilter { date_from, page_size: Some(run.page_size), ..OrdersFilter::default() };
        let path = [LIST.path_of(&[]), query(&filter.at(run.walk().offset()).pairs())].join("?");
        self.call_api(&path, &format!("page/{}", run.started_at), "page", PAGE_BYTES);
        self.store.put(key::RECONCILE, &reconciliation);
    }

    /// Handles the outcome of the call for the next page of a run.
    pub(super) fn page_outcome(&mut self, started_at: Millis, asked: Asked, outcome: Result<&Response, Reason>) {
        let Some(mut reconciliation) = self.reconciliation() else { return };
        let Some(mut run) = reconciliation.run.take_if(|run| run.started_at == started_at) else { return };
        let failure = match self.classify("page", asked, outcome) {
            ApiOutcome::Unusable(Reason::TooLarge) => {
                run.shorten();
                None
            }
            ApiOutcome::Success(body) => match Page::from_response(body) {
                Ok(page) => match self.take_page(&mut run, page, asked.sent_at) {
                    Next::Page | Next::Rewind => {
                        (reconciliation.tries, reconciliation.useless, reconciliation.due) = (0, 0, self.now);
                        run.page_size = run.page_size.saturating_mul(2).min(PAGE_SIZE);
                        None
                    }
                    Next::End => return self.reconciled(reconciliation, &run),
                    Next::Repeats => Some("list-repeats"),
                },
                Err(_) => Some("unreadable"),
            },
            ApiOutcome::Refused(status) => {
                if status == 403 {
                    self.token_forbidden(asked.token);
                }
                Some("refused")
            }
            ApiOutcome::Unusable(reason) => Some(reason.as_str()),
            ApiOutcome::Unavailable(_) => Some("api-trouble"),
            ApiOutcome::Unauthorized => None,
        };
        reconciliation.run = Some(run);
        if let Some(reason) = failure {
            reconciliation.tries += 1;
            reconciliation.useless += u32::from(reason != "api-trouble");
            if reconciliation.tries.is_multiple_of(MAX_TRIES) || reason == "list-repeats" {
                reconciliation.run = None;
            }
            let tries = reconciliation.tries;
            let in_ms = self.backoff(tries, 10 * SECOND, 15 * MINUTE, key::RECONCILE);
            reconciliation.due = self.now + in_ms;
            self.log(LogEvent::ReconcileLater { reason, tries, in_ms });
        }
        self.store.put(key::RECONCILE, &reconciliation);
    }

    /// Handles the page that was requested. Returns what to do next.
    fn take_page(&mut self, run: &mut Run, page: Page, sent_at: Millis) -> Next {
        let mut walk = run.walk();
        let is_known = |scan: &Result<Scan, _>| scan.as_ref().is_ok_and(|scan| run.page.contains(&scan.rx_id));
        let is_new = |scan: &Result<Scan, _>| scan.as_ref().is_ok_and(|scan| !run.page.contains(&scan.rx_id));
        let next = walk.take(walk::Page {
            received: page.scans.len() as u32,
            first_is_known: page.scans.first().is_some_and(is_known),
            has_new: page.scans.iter().any(is_new),
            has_more: page.has_more,
        });
        run.progress = walk.progress();
        if next == Next::Rewind {
            return next;
        }
        run.orders += page.scans.iter().filter(|scan| is_new(scan)).count() as u32;
        let mut rows = Vec::with_capacity(page.scans.len());
        for scan in page.scans {
            let Ok(scan) = scan else {
                run.unreadable += 1;
                continue;
            };
            rows.push(scan.rx_id);
            if self.is_ours(&scan) {
                match self.record(&scan, Source::Reconcile, sent_at) {
                    Recorded::New => run.found += 1,
                    Recorded::Known => {}
                    Recorded::Overtaken => self.fetch_unannounced(scan.rx_id),
                }
            }
        }
        run.page = rows;
        if next == Next::Page && walk.offset() > MAX_ORDERS { Next::Repeats } else { next }
    }

    /// Lets an order be fetched individually.
    fn fetch_unannounced(&mut self, rx_id: Guid) {
        if self.store.text(&key::of_rx(key::FETCH, rx_id)).is_none() {
            let (notified_at, since, due) = (self.now, self.now, self.now);
            let work = Work { notified_at, since, notifications: 0, tries: 0, due, unknown: 0 };
            self.put_work(rx_id, None, &work);
        }
    }

    fn is_ours(&self, scan: &Scan) -> bool {
        scan.company_id.is_none_or(|company_id| Some(company_id) == self.company_id)
    }

    fn reconciled(&mut self, before: Reconciliation, run: &Run) {
        let (orders, found, unreadable) = (run.orders, run.found, run.unreadable);
        let ms = self.now - run.started_at;
        self.log(LogEvent::ReconcileFinished { orders, found, unreadable, ms });
        let due = if before.again { self.now } else { self.now + self.settings.reconcile_every };
        let last = Some(LastReconcile { at: rfc3339(self.now), orders, found, unreadable });
        self.store.put(key::RECONCILE, &Reconciliation { due, run: None, again: false, tries: 0, useless: 0, last });
    }
}

fn query(pairs: &[Pair]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().map(|pair| (pair.key, &pair.value)))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::inbox::Call;
    use crate::webhook::inbox::testing::{TestInbox, bare, list, order, row};

    /// An inbox that is being compared, and the call for the first page.
    fn comparing() -> (TestInbox, Call) {
        let mut inbox = TestInbox::registered(&bare());
        assert_eq!(inbox.reconcile(), 202);
        let page = next(&mut inbox);
        (inbox, page)
    }

    fn next(inbox: &mut TestInbox) -> Call {
        let [page] = inbox.wait().try_into().ok().unwrap();
        page
    }

    fn offset(page: &Call) -> &str {
        page.url.split(['=', '&']).nth(1).unwrap_or_default()
    }

    impl TestInbox {
        fn reconcile(&mut self) -> u16 {
            self.ask(crate::webhook::inbox::input::Ask::Reconcile {}).status
        }
    }

    #[test]
    fn what_no_notification_announced_is_found_and_what_one_did_is_not_reported_again() {
        let mut inbox = TestInbox::registered(&bare());
        inbox.notify(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.respond(&call, 200, &order(1, "Completed"));
        inbox.reconcile();
        let page = next(&mut inbox);
        assert_eq!(page.url, "https://api.example/v2/orders/practice?Offset=0&pageSize=250&dateFrom=2025-02-02");
        inbox.respond(&page, 200, &list(&[row(1, "Completed"), row(2, "Completed")], false));
        let events = inbox.feed(0, 9);
        assert_eq!(events["events"][1]["source"], "reconcile");
        assert_eq!(inbox.reported().len(), 2);
        let last = &inbox.state()["lastReconcile"];
        assert_eq!((&last["orders"], &last["found"]), (&2.into(), &1.into()));
    }

    #[test]
    fn it_happens_every_hour() {
        let mut inbox = TestInbox::registered(&bare());
        let begin = inbox.now;
        while inbox.wait().is_empty() {}
        assert_eq!(inbox.now, begin + 60 * MINUTE);
    }

    #[test]
    fn a_page_that_does_not_begin_with_a_known_row_makes_the_walk_go_back() {
        let (mut inbox, page) = comparing();
        inbox.respond(&page, 200, &list(&[row(1, "a"), row(2, "a"), row(3, "a")], true));
        let page = next(&mut inbox);
        assert_eq!(offset(&page), "2", "from the last known row on");
        // Row 1 was deleted, so row 4 moved to the place of row 3 and was skipped.
        inbox.respond(&page, 200, &list(&[row(5, "a"), row(6, "a")], false));
        let page = next(&mut inbox);
        assert_eq!(offset(&page), "0");
        inbox.respond(&page, 200, &list(&[row(2, "a"), row(3, "a"), row(4, "a"), row(5, "a"), row(6, "a")], false));
        assert_eq!(inbox.reported().len(), 6);
    }

    #[test]
    fn a_list_that_repeats_itself_is_read_from_the_beginning_later() {
        let (mut inbox, mut page) = comparing();
        let begin = inbox.now;
        for _ in 0..5 {
            inbox.respond(&page, 200, &list(&[row(1, "a")], true));
            page = next(&mut inbox);
        }
        assert!(inbox.now > begin, "not at once");
        assert!(inbox.log.iter().any(|entry| entry.contains("list-repeats")));
    }

    #[test]
    fn a_page_that_fails_again_and_again_is_not_the_end_of_it() {
        let (mut inbox, mut page) = comparing();
        for status in [404, 500, 403, 200, 503, 400] {
            inbox.respond(&page, status, "");
            page = next(&mut inbox);
            assert!(inbox.now < crate::webhook::inbox::testing::START + 2 * 60 * MINUTE);
        }
        inbox.respond(&page, 200, &list(&[row(1, "a")], false));
        assert_eq!(inbox.reported().len(), 1);
        assert!(inbox.state()["attention"].is_null());
    }

    #[test]
    fn a_page_that_is_too_long_is_read_by_shorter_ones_and_a_row_that_is_is_passed_over() {
        let (mut inbox, mut page) = comparing();
        let begin = inbox.now;
        let rows: Vec<_> = (0..600).map(|number| row(number, "a")).collect();
        let mut calls = 0;
        while inbox.state()["lastReconcile"]["orders"] != 599 {
            let value = |key: &str| page.url.split(key).nth(1).and_then(|rest| rest.split('&').next()?.parse().ok());
            let (offset, size): (usize, usize) = (value("Offset=").unwrap(), value("pageSize=").unwrap());
            let end = rows.len().min(offset + size);
            if (offset..end).contains(&300) {
                inbox.fail(&page, Reason::TooLarge);
            } else {
                inbox.respond(&page, 200, &list(&rows[offset..end], end < rows.len()));
            }
            calls += 1;
            if inbox.flights.is_empty() {
                break;
            }
            page = next(&mut inbox);
        }
        let last = &inbox.state()["lastReconcile"];
        assert_eq!((&last["orders"], &last["found"], &last["unreadable"]), (&599.into(), &599.into(), &1.into()));
        assert!(calls < 60 && inbox.now == begin, "{calls} calls, without a pause");
    }

    #[test]
    fn a_list_that_is_of_no_use_for_long_needs_an_operator() {
        let (mut inbox, mut page) = comparing();
        for _ in 0..USELESS_FOR_GOOD {
            assert!(inbox.state()["attention"].is_null());
            inbox.respond(&page, 200, "<html>");
            page = next(&mut inbox);
        }
        assert_eq!(inbox.state()["attention"], "list-unreadable");
        inbox.respond(&page, 200, &list(&[row(1, "a")], false));
        assert!(inbox.state()["attention"].is_null());
    }

    #[test]
    fn it_starts_again_if_it_is_asked_for_while_it_is_under_way() {
        let (mut inbox, page) = comparing();
        inbox.reconcile();
        inbox.respond(&page, 200, &list(&[], false));
        assert_eq!(offset(&next(&mut inbox)), "0");
    }
}
