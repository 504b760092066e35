//! Events: what a consumer receives, in one order per practice and without gaps. They hold no patient data.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::Inbox;
use super::log::LogEvent;
use super::rows::key;
use super::scan::Scan;
use super::state::Counts;
use crate::scalar::{Guid, Id};
use crate::webhook::clock::{MINUTE, Millis, rfc3339};
use crate::webhook::reply::Reply;
use crate::webhook::secrets::{fingerprint, is_same};

/// An event: an order is new, its status has changed, or its files may have changed.
#[derive(Clone, PartialEq, Serialize, Deserialize, Tsify, Debug)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct OrderEvent {
    /// Its number among the practice's events: from 1 on, without gaps.
    pub seq: u64,
    /// The event's id. It is the same for every delivery, so use it to recognise repeated deliveries.
    pub id: String,
    /// What happened.
    pub r#type: EventType,
    /// The practice that made the scan.
    pub company_id: Id,
    /// The order's key, which the client's `getOrder` takes.
    pub rx_id: Guid,
    /// The id that the client's `downloadScan` takes.
    pub order_id: Id,
    /// Where the order is in its flow (§4.4.6). Undocumented statuses are passed on as they are.
    #[tsify(type = "OrderStatus | null")]
    pub status: Option<String>,
    /// The status in the order's previous event; `null` for its first.
    #[tsify(type = "OrderStatus | null")]
    pub previous_status: Option<String>,
    /// What was scanned, such as `Fixed Restorative`.
    pub procedure: Option<String>,
    /// Which links the order has; fetch the order to get them.
    pub links: Vec<LinkKind>,
    /// How the event was found.
    pub source: Source,
    /// When the event was found, as RFC 3339 in UTC.
    pub at: String,
}

/// What happened to an order: it can be fetched (`order.ready`), its status has changed (`order.changed`), or its files may
/// have changed (`scan.updated`).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify, Debug)]
pub enum EventType {
    /// It can be fetched. Sent once per order.
    #[serde(rename = "order.ready")]
    Ready,
    /// Its status has changed.
    #[serde(rename = "order.changed")]
    Changed,
    /// A callback reports a change, but the status is the same: the files may differ, so download them again.
    #[serde(rename = "scan.updated")]
    Updated,
}

/// A link of an order, by its key in the client's `Order.links`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify, Debug)]
#[serde(rename_all = "camelCase")]
pub enum LinkKind {
    /// The 3D viewer.
    Viewer,
    /// The zip of the 3D files.
    Scan,
    /// The zip of the pictures.
    Thumbnails,
    /// The zip of the screen captures.
    ScreenCaptures,
}

/// How an event was found: by a callback, or by comparing with the list of orders (`reconcile`).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify, Debug)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// By a callback, confirmed by fetching the order.
    Callback,
    /// By comparing with the list of orders.
    Reconcile,
}

/// A page of events, oldest first: what `GET /practices/:companyId/events` returns.
#[derive(Serialize, Tsify, Debug)]
#[serde(rename_all = "camelCase")]
pub struct EventsPage {
    /// The events after the requested `seq`.
    pub events: Vec<OrderEvent>,
    /// What to pass as `after` next time.
    pub next: u64,
    /// What to pass as `feed` next time. A practice that was deleted and registered again has another feed, whose `seq`
    /// starts at 1 again.
    pub feed: i64,
    /// Whether `after` belongs to another feed. If so, these are the first events of this feed.
    pub reset: bool,
}

/// What was last reported about an order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KnownOrder {
    pub status: Option<String>,
    /// How many events have reported it.
    pub events: u32,
    /// When it was last reported, or confirmed while another response about it was still expected.
    pub at: Millis,
    /// When it was last reported. Release 0.1.0 did not store it.
    #[serde(default)]
    pub reported_at: Option<Millis>,
    pub scanned_on: Option<String>,
}

/// What happened to an order that the API returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Recorded {
    /// An event was recorded.
    New,
    /// Its status was reported before.
    Known,
    /// It was reported after the request was sent, with another status: nobody can say which of the two is newer.
    Overtaken,
}

impl Inbox<'_> {
    /// Records an order that the API returned to a call made at `sent_at`.
    pub(super) fn record(&mut self, scan: &Scan, source: Source, sent_at: Millis) -> Recorded {
        let Some(company_id) = self.company_id else { return Recorded::Known };
        let row = key::of_rx(key::ORDER, scan.rx_id);
        let known: Option<KnownOrder> = self.store.get(&row);
        if let Some(known) = known.as_ref().filter(|known| known.status == scan.status) {
            // The response of a call that is still in flight may be older than this one.
            if self.flights.has("page") || self.flights.is_about(&scan.rx_id.to_string()) {
                self.store.put(&row, &KnownOrder { at: self.now, ..known.clone() });
            }
            return Recorded::Known;
        }
        if known.as_ref().is_some_and(|known| known.at > sent_at) {
            return Recorded::Overtaken;
        }
        let r#type = if known.is_some() { EventType::Changed } else { EventType::Ready };
        self.report(company_id, scan, known, r#type, source);
        Recorded::New
    }

    /// Records that the API reports a change of an order whose status is the same (§4.5.1): there was a new scan, or modeling.
    /// Returns whether that makes an event. It does not if the notification of `notified_at` came before the order's last
    /// event, since its consumer has seen the change, or within a minute after it, since notifications are repeated.
    pub(super) fn record_update(&mut self, scan: &Scan, notified_at: Millis) -> bool {
        let known: Option<KnownOrder> = self.store.get(&key::of_rx(key::ORDER, scan.rx_id));
        let Some((company_id, known)) = self.company_id.zip(known) else { return false };
        if known.reported_at.unwrap_or(known.at) + MINUTE > notified_at {
            return false;
        }
        self.report(company_id, scan, Some(known), EventType::Updated, Source::Callback);
        true
    }

    /// Makes an event for an order.
    fn report(&mut self, company_id: Id, scan: &Scan, known: Option<KnownOrder>, r#type: EventType, source: Source) {
        let seq = self.count(|counts| counts.events += 1).events;
        let events = known.as_ref().map_or(0, |known| known.events) + 1;
        let status = scan.status.as_deref().unwrap_or_default();
        let hash = fingerprint(&[&company_id.to_string(), &scan.rx_id.to_string(), &events.to_string(), status]);
        let event = OrderEvent {
            seq,
            id: format!("evt_{hash}"),
            r#type,
            company_id,
            rx_id: scan.rx_id,
            order_id: scan.order_id,
            status: scan.status.clone(),
            previous_status: known.and_then(|known| known.status),
            procedure: scan.procedure.clone(),
            links: scan.links.clone(),
            source,
            at: rfc3339(self.now),
        };
        let (status, scanned_on) = (scan.status.clone(), scan.scanned_on.clone());
        let row = key::of_rx(key::ORDER, scan.rx_id);
        self.store.put(&row, &KnownOrder { status, events, at: self.now, reported_at: Some(self.now), scanned_on });
        self.store.put(&key::of_event(key::EVENT, seq), &event);
        self.effects.news.get_or_insert(seq);
        self.queue_delivery(seq);
        self.log(LogEvent::EventRecorded { seq, r#type, rx_id: event.rx_id, source });
    }

    /// Returns whether a feed key, in the form in which it is stored, is the practice's.
    pub(super) fn has_feed_key(&self, key: &str) -> bool {
        let own = self.practice.as_ref().and_then(|practice| practice.registration.feed_key.as_deref());
        own.is_some_and(|own| is_same(own, key))
    }

    pub(super) fn feed(&self, after: u64, limit: u32, feed: Option<Millis>) -> Reply {
        let Some(practice) = &self.practice else { return self.not_registered() };
        let last_seq = self.store.get::<Counts>(key::COUNTS).unwrap_or_default().events;
        let reset = after > last_seq || after > 0 && feed.is_some_and(|feed| feed != practice.since);
        let after = if reset { 0 } else { after };
        let from = key::of_event(key::EVENT, after.saturating_add(1));
        let rows = self.store.texts(key::EVENT, &from, limit as usize);
        let last = rows.last().and_then(|(key, _)| key.strip_prefix(key::EVENT)?.parse().ok());
        let events: Vec<String> = rows.into_iter().map(|(_, event)| event).collect();
        let next: u64 = last.unwrap_or(after);
        let (events, feed) = (events.join(","), practice.since);
        Reply::json_text(200, format!(r#"{{"events":[{events}],"next":{next},"feed":{feed},"reset":{reset}}}"#))
    }

    pub(super) fn not_registered(&self) -> Reply {
        Reply::problem(404, "This practice is not registered.")
    }
}

#[cfg(test)]
mod tests {
    use crate::webhook::clock::{MINUTE, SECOND};
    use crate::webhook::inbox::input::Ask;
    use crate::webhook::inbox::testing::{START, TestInbox, bare, list, order, row, rx};

    fn report(inbox: &mut TestInbox, status: &str) {
        inbox.notify(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.respond(&call, 200, &order(1, status));
    }

    #[test]
    fn an_order_is_ready_once_and_then_changes() {
        let mut inbox = TestInbox::registered(&bare());
        for status in ["Completed", "Completed", "Lab Review", "Completed"] {
            report(&mut inbox, status);
        }
        let page = inbox.feed(0, 9);
        let events = page["events"].as_array().unwrap();
        let reported: Vec<_> =
            events.iter().map(|event| (event["type"].as_str().unwrap(), event["previousStatus"].as_str())).collect();
        let changed = "order.changed";
        assert_eq!(reported, [("order.ready", None), (changed, Some("Completed")), (changed, Some("Lab Review"))]);
        assert_eq!(events[0]["rxId"], rx(1));
        assert_ne!(events[0]["id"], events[2]["id"], "the same status at another time is another event");
    }

    #[test]
    fn a_notification_of_an_order_that_is_as_it_was_says_that_its_files_may_differ_once_a_minute() {
        let mut inbox = TestInbox::registered(&bare());
        for (seconds, events) in [(0, 1), (30, 1), (60, 2), (90, 2), (119, 2), (120, 3)] {
            inbox.now = START + seconds * SECOND;
            report(&mut inbox, "Completed");
            assert_eq!(inbox.reported().len(), events, "after {seconds} s");
        }
        let page = inbox.feed(1, 9);
        let event = &page["events"][0];
        assert_eq!((&event["type"], &event["source"]), (&"scan.updated".into(), &"callback".into()));
        assert_eq!((&event["previousStatus"], &event["status"]), (&"Completed".into(), &"Completed".into()));
        assert_ne!(event["id"], page["events"][1]["id"]);
        let counts = &inbox.state()["counts"];
        assert_eq!((&counts["notifications"], &counts["duplicates"]), (&6.into(), &3.into()));
    }

    #[test]
    fn a_notification_that_waited_while_the_list_reported_its_order_is_no_update() {
        let mut inbox = TestInbox::registered(&bare());
        inbox.notify(1);
        inbox.ask(Ask::Reconcile {});
        let calls = inbox.run_alarm();
        let (page, call) = calls.iter().partition::<Vec<_>, _>(|call| call.id.starts_with("page/"));
        inbox.respond(page[0], 200, &list(&[row(1, "Completed")], false));
        inbox.respond(call[0], 503, "");
        inbox.now += 10 * MINUTE;
        inbox.serve(|_| (200, order(1, "Completed")));
        assert_eq!((inbox.reported().len(), &inbox.state()["pending"]), (1, &0.into()));
        assert_eq!(inbox.state()["counts"]["duplicates"], 1);
    }

    #[test]
    fn what_only_the_list_shows_is_no_update() {
        let mut inbox = TestInbox::registered(&bare());
        report(&mut inbox, "Completed");
        inbox.now += 10 * MINUTE;
        inbox.ask(Ask::Reconcile {});
        let [page] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.respond(&page, 200, &list(&[row(1, "Completed")], false));
        assert_eq!(inbox.reported().len(), 1);
    }

    #[test]
    fn the_feed_is_walked_by_its_next() {
        let mut inbox = TestInbox::registered(&bare());
        for status in ["a", "b", "c"] {
            report(&mut inbox, status);
        }
        let mut walked = Vec::new();
        let mut after = 0;
        for size in [2, 1, 0] {
            let page = inbox.feed(after, 2);
            assert_eq!(page["events"].as_array().unwrap().len(), size);
            walked.extend(page["events"].as_array().unwrap().iter().map(|event| event["seq"].clone()));
            after = page["next"].as_u64().unwrap();
        }
        assert_eq!((walked, after), (vec![1.into(), 2.into(), 3.into()], 3));
    }

    #[test]
    fn a_cursor_of_another_feed_begins_at_the_first_event_and_that_is_said() {
        let mut inbox = TestInbox::registered(&bare());
        for status in ["a", "b", "c"] {
            report(&mut inbox, status);
        }
        let old = inbox.feed(0, 9)["feed"].as_i64();
        inbox.ask(Ask::Remove {});
        inbox.now += 1;
        inbox.register(&bare());
        inbox.serve(|_| (200, list(&[row(1, "d")], false)));
        let new = inbox.feed(0, 9)["feed"].as_i64();
        assert_ne!(old, new);
        for (after, feed, reset) in
            [(3, None, true), (3, old, true), (1, old, true), (1, new, false), (1, None, false), (0, old, false)]
        {
            let page = inbox.ask(Ask::Feed { after, limit: 9, feed, key: None }).body;
            let page: serde_json::Value = serde_json::from_str(&page).unwrap();
            assert_eq!(page["reset"], reset, "{after} {feed:?}");
            let seen = page["events"].as_array().unwrap().len();
            assert_eq!((seen, &page["next"]), (usize::from(reset || after == 0), &1.into()), "{after} {feed:?}");
        }
    }

    #[test]
    fn the_practices_own_key_opens_its_feed_and_is_not_stored() {
        const KEY: &str = "feed-key_feed-key_feed-key_feed-k";
        let by_key = |inbox: &mut TestInbox, key: &str| {
            inbox.ask(Ask::Feed { after: 0, limit: 1, feed: None, key: Some(key.into()) }).status
        };
        let mut registration = bare();
        registration["feedKey"] = KEY.into();
        let kept = crate::webhook::secrets::feed_key(KEY).unwrap();
        let mut inbox = TestInbox::registered(&registration);
        assert_eq!([&kept, KEY, ""].map(|key| by_key(&mut inbox, key)), [200, 401, 401]);
        assert!(!inbox.rows.values().any(|row| row.contains(KEY)));
        inbox.register(&bare());
        assert_eq!(by_key(&mut inbox, &kept), 401, "it is gone");
        assert_eq!(by_key(&mut TestInbox::unknown(), &kept), 401);
    }

    #[test]
    fn a_practice_that_is_not_registered_has_no_feed() {
        let reply = TestInbox::unknown().ask(Ask::Feed { after: 0, limit: 1, feed: None, key: None });
        assert_eq!(reply.status, 404);
    }
}
