//! Deliveries: each event POSTed to the consumer until it takes it, signed the Standard Webhooks way.

use super::access::Pause;
use super::backoff::backoff;
use super::events::OrderEvent;
use super::input::{Answer, Reason};
use super::rows::{key, read};
use super::{Call, Inbox};
use crate::webhook::clock::{DAY, HOUR, Millis, SECOND};
use crate::webhook::json::{object, record};
use crate::webhook::registration::Consumer;
use crate::webhook::reply::{Headers, Reply};
use crate::webhook::secrets;

/// How many deliveries go out in one alarm.
const DELIVERIES: usize = 20;

/// For how long a delivery is tried.
const TRIED_FOR: Millis = 3 * DAY;

record! {
    /// An event on its way to the consumer.
    pub(super) struct Delivery {
        /// Which delivery of the event this is.
        pub queued_at: Millis,
        pub tries: u32,
        pub due: Millis,
    }
}

impl Inbox<'_> {
    /// Has an event delivered, if anybody wants it.
    pub(super) fn queue_delivery(&mut self, seq: u64) {
        if self.consumer().is_some() {
            let delivery = Delivery { queued_at: self.now, tries: 0, due: self.now };
            self.store.put(&key::of_event(key::DELIVER, seq), &delivery);
            self.store.remove(&key::of_event(key::FAILED, seq));
        }
    }

    pub(super) fn deliveries_due(&self) -> Option<Millis> {
        let pause: Pause = self.store.get(key::CONSUMER).unwrap_or_default();
        let due = self.deliveries().iter().map(|(_, delivery)| delivery.due).min()?;
        Some(if self.consumer().is_some() { due.max(pause.until) } else { self.now })
    }

    /// Delivers the events that are due, oldest first.
    pub(super) fn call_deliveries(&mut self) {
        let Some(consumer) = self.consumer() else { return self.drop_deliveries() };
        let pause: Pause = self.store.get(key::CONSUMER).unwrap_or_default();
        if pause.until > self.now {
            return;
        }
        // A single one goes to see whether the consumer is back.
        let most = if pause.failures > 0 { 1 } else { DELIVERIES };
        let due = self.deliveries().into_iter().filter(|(_, delivery)| delivery.due <= self.now);
        for (seq, delivery) in due.take(most).collect::<Vec<_>>() {
            match self.signed(&consumer, seq, &delivery) {
                Some(call) => self.step.calls.push(call),
                None => self.store.remove(&key::of_event(key::DELIVER, seq)), // its event is gone
            }
        }
    }

    fn signed(&self, consumer: &Consumer, seq: u64, delivery: &Delivery) -> Option<Call> {
        let body = self.store.text(&key::of_event(key::EVENT, seq))?;
        let event: OrderEvent = read(&body)?;
        let timestamp = self.now / SECOND;
        let key = secrets::webhook_key(&consumer.secret)?;
        let signature = secrets::webhook_signature(&key, &event.id, timestamp, &body)?;
        Some(Call {
            id: format!("deliver/{seq}/{}", delivery.queued_at),
            method: "POST",
            url: consumer.url.clone(),
            headers: Headers(vec![
                ("content-type", "application/json".into()),
                ("webhook-id", event.id),
                ("webhook-timestamp", timestamp.to_string()),
                ("webhook-signature", signature),
            ]),
            body: Some(body),
            timeout_ms: 15 * SECOND,
            max_bytes: 1024 * 1024,
        })
    }

    /// What became of a delivery. 2xx means it was taken; 410 that it never will be.
    pub(super) fn delivery_outcome(&mut self, seq: u64, queued_at: Millis, outcome: Result<&Answer, Reason>) {
        let row = key::of_event(key::DELIVER, seq);
        let delivery: Option<Delivery> = self.store.get(&row);
        let Some(mut delivery) = delivery.filter(|delivery| delivery.queued_at == queued_at) else { return };
        let status = outcome.map_or(0, |answer| answer.status);
        if let 200..=299 = status {
            self.resume(key::CONSUMER);
            self.count(|counts| counts.delivered += 1);
            return self.store.remove(&row);
        }
        let is_about_this_event = matches!(status, 400..=428 | 430..=499) || matches!(outcome, Err(Reason::Crashed));
        if is_about_this_event {
            self.resume(key::CONSUMER);
        } else {
            let asked = outcome.ok().and_then(|answer| answer.headers.retry_after.as_deref());
            self.pause(key::CONSUMER, 5 * SECOND, asked);
        }
        delivery.tries += 1;
        let over = status == 410 || delivery.queued_at + TRIED_FOR <= self.now;
        let wait = backoff(delivery.tries, 5 * SECOND, 6 * HOUR, &row, self.now);
        let reason = outcome.err().map(Reason::name);
        let event = if over { "delivery.given-up" } else { "delivery.failed" };
        self.log(
            event,
            object! { "seq": seq, "status": status, "reason": reason, "tries": delivery.tries, "inMs": wait },
        );
        if over {
            self.count(|counts| counts.deliveries_failed += 1);
            self.store.remove(&row);
            self.store.put(&key::of_event(key::FAILED, seq), &delivery);
        } else {
            delivery.due = self.now + wait;
            self.store.put(&row, &delivery);
        }
    }

    /// Delivers an event again, whatever became of it before.
    pub(super) fn replay(&mut self, id: &str) -> Reply {
        if self.practice.is_none() {
            return self.not_registered();
        }
        if self.consumer().is_none() {
            return Reply::problem(409, "This practice is registered without deliverTo.");
        }
        // An event's id leads to no row: an index would cost a row per event for the sake of a rare call.
        let has_id = |event: &str| read::<OrderEvent>(event).is_some_and(|event| event.id == id);
        let rows = self.store.texts(key::EVENT, key::EVENT, usize::MAX);
        let found = rows.into_iter().filter(|(_, event)| event.contains(id)).find(|(_, event)| has_id(event));
        let Some(seq) = found.and_then(|(key, _)| key.strip_prefix(key::EVENT)?.parse().ok()) else {
            return Reply::problem(404, "There is no such event; perhaps it is older than RETENTION_DAYS.");
        };
        self.queue_delivery(seq);
        self.wake_by(self.now);
        self.log("delivery.replayed", object! { "seq": seq });
        Reply::json(202, object! { "id": id, "seq": seq }.to_string())
    }

    /// Forgets the deliveries that nobody wants any more; the feed still has their events.
    fn drop_deliveries(&mut self) {
        for (seq, _) in self.deliveries() {
            self.store.remove(&key::of_event(key::DELIVER, seq));
        }
    }

    pub(super) fn deliveries(&self) -> Vec<(u64, Delivery)> {
        let rows = self.store.list(key::DELIVER, usize::MAX).into_iter();
        rows.filter_map(|(seq, delivery)| Some((seq.parse().ok()?, delivery))).collect()
    }

    fn consumer(&self) -> Option<Consumer> {
        self.practice.as_ref()?.registration.deliver_to.clone()
    }
}
