//! Reconciliation: the list of orders, read page by page, tells what no notification told. Notifications are missed, and
//! nobody else would notice (§4.5.1).

use super::Inbox;
use super::access::Verdict;
use super::backoff::backoff;
use super::events::Source;
use super::input::{Answer, Reason};
use super::rows::key;
use super::scan::{Page, Scan};
use super::state::LastReconcile;
use crate::scalar::Guid;
use crate::webhook::clock::{DAY, MINUTE, Millis, SECOND, date, rfc3339};
use crate::webhook::json::{object, record};
use crate::webhook::reply::Reply;

const PAGE_SIZE: u32 = 250;

/// 16 KiB per order.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// How often to go back for rows that were hidden: a list that moves faster than it can be read has no end.
const MOST_REWINDS: u32 = 10;

/// How many pages without a new row, one after the other, are a list that repeats itself.
const MOST_REPEATS: u32 = 3;

/// No practice scans as much within a year: a list as long goes round in circles.
const MOST_ORDERS: u32 = 200_000;

/// How often a page may fail before the list is begun anew.
const MOST_TRIES: u32 = 3;

record! {
    /// When to compare with the list, and how far it is.
    pub(super) struct Reconciliation {
        /// When the next page is due.
        pub due: Millis,
        pub run: Option<Run>,
        /// Asked for while one is under way, which may be past what it was asked for.
        pub again: bool,
        pub tries: u32,
        pub last: Option<LastReconcile>,
    }
}

record! {
    /// A walk over the list. Rows come and go while it is read (R45-R47), so each page is asked for from the last row on that
    /// is known; if it begins with another, rows before it are gone and others have taken their places unseen.
    pub(super) struct Run {
        /// Also tells runs apart.
        started_at: Millis,
        /// The earliest scan date.
        from: String,
        /// How many rows are behind.
        offset: u32,
        /// The furthest that a page went.
        furthest: u32,
        /// The rows of the last page.
        page: Vec<Guid>,
        rewinds: u32,
        repeats: u32,
        orders: u32,
        found: u32,
        unreadable: u32,
    }
}

impl Run {
    fn new(now: Millis, days: i64) -> Self {
        let (from, page) = (date(now - days * DAY).to_string(), Vec::new());
        Self {
            started_at: now,
            from,
            offset: 0,
            furthest: 0,
            page,
            rewinds: 0,
            repeats: 0,
            orders: 0,
            found: 0,
            unreadable: 0,
        }
    }

    /// Where the next page begins: with a known row, unless pages are so short that they would not get on.
    fn begins_at(&self) -> u32 {
        self.offset - u32::from(self.overlaps())
    }

    fn overlaps(&self) -> bool {
        self.page.len() > 1 && self.offset > 0
    }
}

impl Inbox<'_> {
    /// Has the list compared now.
    pub(super) fn reconcile_now(&mut self) -> Reply {
        let Some(mut reconciliation) = self.reconciliation() else { return self.not_registered() };
        reconciliation.again = reconciliation.run.is_some();
        if !reconciliation.again {
            reconciliation.due = self.now;
        }
        self.store.put(key::RECONCILE, &reconciliation);
        self.wake_by(self.now);
        Reply::json(202, r#"{"accepted":true}"#.into())
    }

    pub(super) fn reconciliation(&self) -> Option<Reconciliation> {
        self.store.get(key::RECONCILE)
    }

    pub(super) fn page_due(&self) -> Option<Millis> {
        self.practice.as_ref()?;
        self.access().after(self.reconciliation()?.due)
    }

    /// Asks for the next page if it is due; whether it does.
    pub(super) fn call_page(&mut self) -> bool {
        let due = self.page_due().is_some_and(|due| due <= self.now);
        let Some(mut reconciliation) = self.reconciliation().filter(|_| due) else { return false };
        let new = || Run::new(self.now, self.settings.reconcile_days);
        let run = reconciliation.run.get_or_insert_with(new);
        let (offset, from) = (run.begins_at(), &run.from);
        let path = format!("orders/practice?Offset={offset}&pageSize={PAGE_SIZE}&dateFrom={from}");
        self.call_api(&path, &format!("page/{}", run.started_at), PAGE_BYTES);
        self.store.put(key::RECONCILE, &reconciliation);
        true
    }

    /// What became of asking for the next page of a run.
    pub(super) fn page_outcome(&mut self, started_at: Millis, token: Millis, outcome: Result<&Answer, Reason>) {
        let Some(mut reconciliation) = self.reconciliation() else { return };
        let Some(mut run) = reconciliation.run.take_if(|run| run.started_at == started_at) else { return };
        let failure = match self.judge(token, outcome) {
            Verdict::Read(body) => match Page::of_answer(body) {
                Ok(page) => match self.take_page(&mut run, page) {
                    Walk::On => {
                        (reconciliation.tries, reconciliation.due) = (0, self.now);
                        None
                    }
                    Walk::Over => return self.reconciled(reconciliation, &run),
                    Walk::Astray => Some("list-repeats"),
                },
                Err(_) => Some("unreadable"),
            },
            Verdict::Refused(status) => {
                if status == 403 {
                    self.token_forbidden(token);
                }
                Some("refused")
            }
            Verdict::Unusable(reason) => Some(reason.name()),
            Verdict::Trouble => Some("api-trouble"),
            Verdict::Unauthorized => None,
        };
        reconciliation.run = Some(run);
        if let Some(reason) = failure {
            reconciliation.tries += 1;
            if reconciliation.tries.is_multiple_of(MOST_TRIES) || reason == "list-repeats" {
                reconciliation.run = None;
            }
            let wait = backoff(reconciliation.tries, 10 * SECOND, 15 * MINUTE, key::RECONCILE, self.now);
            reconciliation.due = self.now + wait;
            self.log("reconcile.later", object! { "reason": reason, "tries": reconciliation.tries, "inMs": wait });
        }
        self.store.put(key::RECONCILE, &reconciliation);
    }

    fn take_page(&mut self, run: &mut Run, page: Page) -> Walk {
        let begins_at = run.begins_at();
        let received = page.scans.len() as u32;
        let first = page.scans.first().and_then(|scan| scan.as_ref().ok());
        let joins = first.is_some_and(|first| run.page.contains(&first.rx_id));
        if run.overlaps() && !joins && run.rewinds < MOST_REWINDS {
            run.rewinds += 1;
            run.offset = begins_at.saturating_sub(PAGE_SIZE);
            return Walk::On;
        }
        let mut rows = Vec::with_capacity(page.scans.len());
        let mut new = 0;
        for scan in page.scans {
            let Ok(scan) = scan else {
                run.unreadable += 1;
                continue;
            };
            new += u32::from(!run.page.contains(&scan.rx_id));
            rows.push(scan.rx_id);
            run.found += u32::from(self.is_ours(&scan) && self.record(&scan, Source::Reconcile));
        }
        let end = begins_at + received; // rows received, whatever was asked for (R45)
        run.orders += new;
        run.repeats = if new == 0 && end > run.furthest { run.repeats + 1 } else { 0 };
        run.furthest = run.furthest.max(end);
        (run.offset, run.page) = (end, rows);
        match () {
            () if received == 0 || !page.has_more => Walk::Over, // R46
            () if run.repeats >= MOST_REPEATS || end > MOST_ORDERS => Walk::Astray,
            () => Walk::On,
        }
    }

    fn is_ours(&self, scan: &Scan) -> bool {
        scan.company_id.is_none_or(|company_id| Some(company_id) == self.company_id)
    }

    fn reconciled(&mut self, before: Reconciliation, run: &Run) {
        let (orders, found) = (run.orders, run.found);
        self.log(
            "reconcile.finished",
            object! {
                "orders": orders, "found": found, "unreadable": run.unreadable, "ms": self.now - run.started_at,
            },
        );
        let due = if before.again { self.now } else { self.now + self.settings.reconcile_every };
        let last = Some(LastReconcile { at: rfc3339(self.now), orders, found });
        self.store.put(key::RECONCILE, &Reconciliation { due, run: None, again: false, tries: 0, last });
    }
}

/// How a walk goes on after a page.
enum Walk {
    On,
    Over,
    Astray,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::inbox::Call;
    use crate::webhook::inbox::test::{Object, bare, list, order, row};

    /// An object that is being compared, and the call for the first page.
    fn comparing() -> (Object, Call) {
        let mut object = Object::registered(&bare());
        assert_eq!(object.reconcile(), 202);
        let page = next(&mut object);
        (object, page)
    }

    fn next(object: &mut Object) -> Call {
        object.idle();
        let [page] = object.wait().try_into().ok().unwrap();
        page
    }

    fn offset(page: &Call) -> &str {
        page.url.split(['=', '&']).nth(1).unwrap_or_default()
    }

    impl Object {
        fn reconcile(&mut self) -> u16 {
            self.ask(crate::webhook::inbox::input::Ask::Reconcile).status
        }
    }

    #[test]
    fn what_no_notification_told_is_found_and_what_one_told_is_not_told_again() {
        let mut object = Object::registered(&bare());
        object.notify(1);
        let [call] = object.ring().try_into().ok().unwrap();
        object.answer(&call, 200, &order(1, "Completed"));
        object.reconcile();
        let page = next(&mut object);
        assert_eq!(page.url, "https://api.example/v2/orders/practice?Offset=0&pageSize=250&dateFrom=2025-02-02");
        object.answer(&page, 200, &list(&[row(1, "Completed"), row(2, "Completed")], false));
        let events = object.feed(0, 9);
        assert_eq!(events["events"][1]["source"], "reconcile");
        assert_eq!(object.told().len(), 2);
        let last = &object.state()["lastReconcile"];
        assert_eq!((&last["orders"], &last["found"]), (&2.into(), &1.into()));
    }

    #[test]
    fn it_happens_every_hour() {
        let mut object = Object::registered(&bare());
        let begin = object.now;
        while object.wait().is_empty() {
            object.idle();
        }
        assert_eq!(object.now, begin + 60 * MINUTE);
    }

    #[test]
    fn a_page_that_does_not_begin_with_a_known_row_makes_the_walk_go_back() {
        let (mut object, page) = comparing();
        object.answer(&page, 200, &list(&[row(1, "a"), row(2, "a"), row(3, "a")], true));
        let page = next(&mut object);
        assert_eq!(offset(&page), "2", "from the last known row on");
        // Row 1 was deleted: 4 took the place of 3 unseen.
        object.answer(&page, 200, &list(&[row(5, "a"), row(6, "a")], false));
        let page = next(&mut object);
        assert_eq!(offset(&page), "0");
        object.answer(&page, 200, &list(&[row(2, "a"), row(3, "a"), row(4, "a"), row(5, "a"), row(6, "a")], false));
        assert_eq!(object.told().len(), 6);
    }

    #[test]
    fn a_list_that_repeats_itself_is_begun_anew_later() {
        let (mut object, mut page) = comparing();
        let begin = object.now;
        for _ in 0..5 {
            object.answer(&page, 200, &list(&[row(1, "a")], true));
            page = next(&mut object);
        }
        assert!(object.now > begin, "not at once");
        assert!(object.log.iter().any(|entry| entry.contains("list-repeats")));
    }

    #[test]
    fn a_page_that_fails_again_and_again_is_not_the_end_of_it() {
        let (mut object, mut page) = comparing();
        for status in [404, 500, 403, 200, 503, 400] {
            object.answer(&page, status, "");
            page = next(&mut object);
            assert!(object.now < crate::webhook::inbox::test::START + 2 * 60 * MINUTE);
        }
        object.answer(&page, 200, &list(&[row(1, "a")], false));
        assert_eq!(object.told().len(), 1);
        assert!(object.state()["attention"].is_null());
    }

    #[test]
    fn it_starts_again_if_it_is_asked_for_while_it_is_under_way() {
        let (mut object, page) = comparing();
        object.reconcile();
        object.answer(&page, 200, &list(&[], false));
        assert_eq!(offset(&next(&mut object)), "0");
    }
}
