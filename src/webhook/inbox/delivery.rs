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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::clock::MINUTE;
    use crate::webhook::inbox::input::Ask;
    use crate::webhook::inbox::test::{Object, bare, header, order, with_consumer};

    /// An object with `events` events to deliver.
    fn told(events: u32) -> Object {
        let mut object = Object::registered(&with_consumer());
        for number in 0..events {
            object.notify(number);
        }
        for call in object.ring() {
            let digits = call.id.split('/').nth(1).and_then(|rx_id| rx_id.get(33..)).unwrap();
            object.answer(&call, 200, &order(digits.parse().unwrap(), "Completed"));
        }
        object.idle();
        object
    }

    fn replay(object: &mut Object, seq: u64) -> u16 {
        let id = object.feed(seq - 1, 1)["events"][0]["id"].as_str().unwrap_or("evt_").to_owned();
        object.ask(Ask::Replay { id }).status
    }

    #[test]
    fn events_are_delivered_in_order_signed_and_as_the_feed_has_them() {
        let mut object = told(3);
        let calls = object.ring();
        for (call, event) in calls.iter().zip(object.feed(0, 9)["events"].as_array().unwrap()) {
            assert_eq!(call.body.as_deref().map(str::parse::<serde_json::Value>).unwrap().unwrap(), *event);
            assert_eq!(header(call, "webhook-id"), event["id"].as_str());
            assert_eq!(header(call, "webhook-timestamp"), Some((object.now / SECOND).to_string().as_str()));
            assert!(header(call, "webhook-signature").is_some_and(|signature| signature.starts_with("v1,")));
            object.answer(call, 204, "");
        }
        let state = object.state();
        assert_eq!((&state["counts"]["delivered"], &state["pendingDeliveries"]), (&3.into(), &0.into()));
    }

    #[test]
    fn a_consumer_that_is_down_is_asked_by_one_delivery_and_then_gets_them_all() {
        let mut object = told(15);
        let calls = object.ring();
        assert_eq!(calls.len(), 15);
        for call in calls {
            object.fail(&call, Reason::Network);
        }
        object.idle();
        let [probe] = object.wait().try_into().ok().unwrap();
        assert!(probe.id.starts_with("deliver/"));
        object.answer(&probe, 200, "");
        object.idle();
        let end = object.now + 5 * MINUTE;
        while object.state()["pendingDeliveries"] != 0 {
            for call in object.wait() {
                object.answer(&call, 200, "");
            }
            object.idle();
            assert!(object.now < end);
        }
    }

    #[test]
    fn a_delivery_is_given_up_after_three_days_and_can_be_replayed() {
        let mut object = told(1);
        let begin = object.now;
        let mut tries = 0;
        while object.state()["failedDeliveries"] == 0 {
            for call in object.wait() {
                let is_delivery = call.id.starts_with("deliver/");
                tries += u32::from(is_delivery);
                object.answer(&call, if is_delivery { 400 } else { 404 }, "");
            }
            object.idle();
        }
        assert!((begin + TRIED_FOR..begin + TRIED_FOR + 7 * HOUR).contains(&object.now));
        assert!((15..40).contains(&tries), "tried {tries} times");
        assert_eq!(replay(&mut object, 1), 202);
        let call = object.ring().into_iter().find(|call| call.id.starts_with("deliver/")).unwrap();
        object.answer(&call, 200, "");
        let state = object.state();
        assert_eq!((&state["failedDeliveries"], &state["counts"]["delivered"]), (&0.into(), &1.into()));
    }

    #[test]
    fn a_consumer_that_is_gone_gets_nothing_again_until_it_is_replayed() {
        let mut object = told(1);
        let [call] = object.ring().try_into().ok().unwrap();
        object.answer(&call, 410, "");
        assert_eq!(object.state()["failedDeliveries"], 1);
    }

    #[test]
    fn a_replay_while_the_event_is_being_delivered_is_another_delivery() {
        let mut object = told(1);
        let [call] = object.ring().try_into().ok().unwrap();
        object.now += 1;
        assert_eq!(replay(&mut object, 1), 202);
        object.answer(&call, 200, "");
        assert_eq!(object.ring().len(), 1);
    }

    #[test]
    fn only_what_can_be_delivered_is_replayed() {
        let mut object = told(1);
        assert_eq!(replay(&mut object, 2), 404);
        object.register(&bare());
        assert_eq!(replay(&mut object, 1), 409);
        object.ring();
        assert_eq!(object.state()["pendingDeliveries"], 0, "nobody wants it any more");
        assert_eq!(object.told().len(), 1);
    }
}
