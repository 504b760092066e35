//! Deliveries: each event is POSTed to the consumer until it is accepted, signed according to Standard Webhooks.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::access::{Pause, Trouble};
use super::agenda::{Place, Queue};
use super::events::OrderEvent;
use super::input::{Reason, Response};
use super::log::LogEvent;
use super::rows::{key, read};
use super::{Call, Inbox, lanes};
use crate::webhook::clock::{DAY, HOUR, MINUTE, Millis, SECOND};
use crate::webhook::registration::Consumer;
use crate::webhook::reply::{Headers, Reply};
use crate::webhook::secrets;

/// How many deliveries a step drops when there is no longer a consumer.
const DROPPED_AT_ONCE: usize = 100;

/// For how long a delivery is retried.
const TRIED_FOR: Millis = 3 * DAY;

/// An event on its way to the consumer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delivery {
    /// Identifies this delivery among those of the same event.
    pub queued_at: Millis,
    pub tries: u32,
    pub due: Millis,
}

impl Delivery {
    pub(super) fn place(&self) -> Place {
        Place { queue: if self.tries == 0 { Queue::Deliver } else { Queue::Redeliver }, due: self.due }
    }
}

impl Inbox<'_> {
    /// Queues an event for delivery, if there is a consumer.
    pub(super) fn queue_delivery(&mut self, seq: u64) {
        if self.consumer().is_some() {
            let before = self.store.get(&key::of_event(key::DELIVER, seq));
            let delivery = Delivery { queued_at: self.now, tries: 0, due: self.now };
            self.put_delivery(seq, before.as_ref(), &delivery);
            self.store.remove(&key::of_event(key::FAILED, seq));
        }
    }

    pub(super) fn deliveries_due(&self) -> Option<Millis> {
        let pause: Pause = self.store.get(key::CONSUMER).unwrap_or_default();
        let due = Queue::DELIVERIES.into_iter().filter_map(|queue| self.next_due(queue)).min()?;
        Some(if self.consumer().is_some() { due.max(pause.until) } else { self.now })
    }

    /// Delivers the events that are due, oldest first.
    pub(super) fn call_deliveries(&mut self) {
        let Some(consumer) = self.consumer() else { return self.drop_deliveries() };
        let pause: Pause = self.store.get(key::CONSUMER).unwrap_or_default();
        if pause.until > self.now {
            return;
        }
        // A single call checks whether the consumer works again.
        let lane = if pause.is_doubt() { lanes::DOUBTFUL_CONSUMER } else { lanes::DELIVERIES };
        for (place, name) in self.next_in_line(lane, &Queue::DELIVERIES) {
            let Some(delivery) = self.at(place, &name, key::DELIVER, Delivery::place) else { continue };
            let Ok(seq) = name.parse() else { continue };
            match self.signed(&consumer, seq, &delivery, place.queue) {
                Some(call) => self.call(call),
                None => self.remove_delivery(seq, &delivery), // its event is gone
            }
        }
    }

    fn signed(&self, consumer: &Consumer, seq: u64, delivery: &Delivery, queue: Queue) -> Option<Call> {
        let body = self.store.text(&key::of_event(key::EVENT, seq))?;
        let event: OrderEvent = read(&body)?;
        let timestamp = self.now / SECOND;
        let key = secrets::webhook_key(&consumer.secret)?;
        let signature = secrets::webhook_signature(&key, &event.id, timestamp, &body)?;
        Some(Call {
            id: format!("deliver/{}/{}/{}/{}", key::seq(seq), delivery.queued_at, queue.name(), self.now),
            method: "POST",
            url: consumer.url.clone(),
            headers: Headers::from([
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

    /// Handles the outcome of a delivery: 2xx means that the event was accepted, 410 that it never will be.
    pub(super) fn delivery_outcome(&mut self, seq: u64, queued_at: Millis, outcome: Result<&Response, Reason>) {
        let row = key::of_event(key::DELIVER, seq);
        let delivery: Option<Delivery> = self.store.get(&row);
        let Some(delivery) = delivery.filter(|delivery| delivery.queued_at == queued_at) else { return };
        let status = outcome.map_or(0, |response| response.status);
        if let 200..=299 = status {
            self.resume(key::CONSUMER);
            self.count(|counts| counts.delivered += 1);
            return self.remove_delivery(seq, &delivery);
        }
        let tries = delivery.tries + 1;
        let is_about_this_event = matches!(status, 400..=428 | 430..=499) || matches!(outcome, Err(Reason::Crashed));
        let in_ms = if is_about_this_event {
            self.resume(key::CONSUMER);
            self.backoff(tries, 5 * SECOND, 6 * HOUR, &row)
        } else {
            let asked = outcome.ok().and_then(|response| response.headers.retry_after.as_deref());
            match self.pause(key::CONSUMER, &key::seq(seq), 5 * SECOND, asked).1 {
                // The event waits for the consumer. Another one is tried first, since the consumer may fail at this event only.
                Trouble::General => 0,
                Trouble::AtThisAgain => self.backoff(tries, 5 * SECOND, 15 * MINUTE, &row),
            }
        };
        let over = status == 410 || delivery.queued_at + TRIED_FOR <= self.now;
        let (reason, due) = (outcome.err(), self.now + in_ms);
        let later = Delivery { tries, due: if over { delivery.due } else { due }, ..delivery };
        if over {
            self.log(LogEvent::DeliveryGivenUp { seq, status, reason, tries, in_ms });
            self.count(|counts| counts.deliveries_failed += 1);
            self.remove_delivery(seq, &delivery);
            self.store.put(&key::of_event(key::FAILED, seq), &later);
        } else {
            self.log(LogEvent::DeliveryFailed { seq, status, reason, tries, in_ms });
            self.put_delivery(seq, Some(&delivery), &later);
        }
    }

    /// Delivers an event again, whatever its earlier result.
    pub(super) fn replay(&mut self, id: &str) -> Reply {
        if self.practice.is_none() {
            return self.not_registered();
        }
        if self.consumer().is_none() {
            return Reply::problem(409, "This practice is registered without deliverTo.");
        }
        // Events have no index by id: it would cost a row per event for a rare call.
        let has_id = |event: &str| read::<OrderEvent>(event).is_some_and(|event| event.id == id);
        let rows = self.store.texts(key::EVENT, key::EVENT, usize::MAX);
        let found = rows.into_iter().filter(|(_, event)| event.contains(id)).find(|(_, event)| has_id(event));
        let Some(seq) = found.and_then(|(key, _)| key.strip_prefix(key::EVENT)?.parse().ok()) else {
            return Reply::problem(404, "There is no such event; perhaps it is older than RETENTION_DAYS.");
        };
        self.queue_delivery(seq);
        self.wake_by(self.now);
        self.log(LogEvent::DeliveryReplayed { seq });
        Reply::json(202, &json!({ "id": id, "seq": seq }))
    }

    /// Drops deliveries when there is no longer a consumer, a limited number at a time; the feed still has their events.
    fn drop_deliveries(&mut self) {
        for queue in Queue::DELIVERIES {
            for (due, name) in self.queued(queue, DROPPED_AT_ONCE) {
                self.schedule(&name, Some(Place { queue, due }), None);
                self.store.remove(&format!("{}{name}", key::DELIVER));
            }
        }
    }

    fn put_delivery(&mut self, seq: u64, before: Option<&Delivery>, delivery: &Delivery) {
        self.store.put(&key::of_event(key::DELIVER, seq), delivery);
        self.schedule(&key::seq(seq), before.map(Delivery::place), Some(delivery.place()));
    }

    fn remove_delivery(&mut self, seq: u64, delivery: &Delivery) {
        self.store.remove(&key::of_event(key::DELIVER, seq));
        self.schedule(&key::seq(seq), Some(delivery.place()), None);
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
    use crate::webhook::inbox::input::Ask;
    use crate::webhook::inbox::testing::{TestInbox, bare, header, order, with_consumer};

    /// An inbox with this many events to deliver.
    fn with_events(events: u32) -> TestInbox {
        let mut inbox = TestInbox::registered(&with_consumer());
        for number in 0..events {
            inbox.notify(number);
        }
        while inbox.state()["counts"]["events"] != events {
            for call in inbox.wait().into_iter().filter(|call| call.id.starts_with("order/")) {
                let digits = call.id.split('/').nth(1).and_then(|rx_id| rx_id.get(33..)).unwrap();
                inbox.respond(&call, 200, &order(digits.parse().unwrap(), "Completed"));
            }
        }
        inbox.restart(); // the calls of the first deliveries are lost
        inbox
    }

    fn replay(inbox: &mut TestInbox, seq: u64) -> u16 {
        let id = inbox.feed(seq - 1, 1)["events"][0]["id"].as_str().unwrap_or("evt_").to_owned();
        inbox.ask(Ask::Replay { id }).status
    }

    #[test]
    fn events_are_delivered_in_order_signed_and_as_the_feed_has_them() {
        let mut inbox = with_events(3);
        let calls = inbox.serve(|_| (204, String::new()));
        assert_eq!(calls.len(), 3);
        for (call, event) in calls.iter().zip(inbox.feed(0, 9)["events"].as_array().unwrap()) {
            assert_eq!(call.body.as_deref().map(str::parse::<serde_json::Value>).unwrap().unwrap(), *event);
            assert_eq!(header(call, "webhook-id"), event["id"].as_str());
            assert_eq!(header(call, "webhook-timestamp"), Some((inbox.now / SECOND).to_string().as_str()));
            assert!(header(call, "webhook-signature").is_some_and(|signature| signature.starts_with("v1,")));
        }
        let state = inbox.state();
        assert_eq!((&state["counts"]["delivered"], &state["pendingDeliveries"]), (&3.into(), &0.into()));
    }

    #[test]
    fn a_consumer_that_is_down_is_asked_by_one_delivery_and_then_gets_them_all() {
        let mut inbox = with_events(15);
        let begin = inbox.now;
        let mut probes = 0;
        while inbox.now < begin + HOUR {
            for call in inbox.wait().iter().filter(|call| call.id.starts_with("deliver/")) {
                probes += 1;
                inbox.fail(call, Reason::Network);
            }
        }
        assert!((12..40).contains(&probes), "asked {probes} times");
        let end = inbox.now + 5 * MINUTE;
        while inbox.state()["counts"]["delivered"] == 0 {
            inbox.now = inbox.alarm.unwrap();
            inbox.serve(|_| (200, String::new()));
        }
        assert!(inbox.now <= end);
        assert_eq!(inbox.state()["pendingDeliveries"], 0, "the first that is accepted wakes the others");
    }

    #[test]
    fn an_event_that_the_consumer_always_fails_at_does_not_hold_up_the_others() {
        let mut inbox = with_events(3);
        let begin = inbox.now;
        let mut tries = 0;
        while inbox.now < begin + 2 * HOUR {
            for call in inbox.wait() {
                let is_bad = call.id.starts_with("deliver/000000000002");
                tries += u32::from(is_bad);
                match call.id.starts_with("page/") {
                    true => inbox.respond(&call, 404, ""),
                    false if is_bad => inbox.fail(&call, Reason::Timeout),
                    false => inbox.respond(&call, 200, ""),
                };
            }
            if inbox.now > begin + MINUTE {
                assert_eq!(inbox.state()["pendingDeliveries"], 1);
            }
        }
        assert!((8..40).contains(&tries), "tried {tries} times");
    }

    #[test]
    fn a_delivery_is_given_up_after_three_days_and_can_be_replayed() {
        let mut inbox = with_events(1);
        let begin = inbox.now;
        let mut tries = 0;
        while inbox.state()["failedDeliveries"] == 0 {
            for call in inbox.wait() {
                let is_delivery = call.id.starts_with("deliver/");
                tries += u32::from(is_delivery);
                inbox.respond(&call, if is_delivery { 400 } else { 404 }, "");
            }
        }
        assert!((begin + TRIED_FOR..begin + TRIED_FOR + 7 * HOUR).contains(&inbox.now));
        assert!((15..40).contains(&tries), "tried {tries} times");
        assert_eq!(replay(&mut inbox, 1), 202);
        let call = inbox.run_alarm().into_iter().find(|call| call.id.starts_with("deliver/")).unwrap();
        inbox.respond(&call, 200, "");
        let state = inbox.state();
        assert_eq!((&state["failedDeliveries"], &state["counts"]["delivered"]), (&0.into(), &1.into()));
    }

    #[test]
    fn a_consumer_that_is_gone_gets_nothing_again_until_it_is_replayed() {
        let mut inbox = with_events(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.respond(&call, 410, "");
        assert_eq!(inbox.state()["failedDeliveries"], 1);
    }

    #[test]
    fn a_replay_while_the_event_is_being_delivered_is_another_delivery() {
        let mut inbox = with_events(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.now += 1;
        assert_eq!(replay(&mut inbox, 1), 202);
        assert!(inbox.run_alarm().is_empty(), "not twice at a time");
        inbox.respond(&call, 200, "");
        assert_eq!(inbox.wait().len(), 1);
    }

    #[test]
    fn only_what_can_be_delivered_is_replayed() {
        let mut inbox = with_events(1);
        assert_eq!(replay(&mut inbox, 2), 404);
        inbox.register(&bare());
        assert_eq!(replay(&mut inbox, 1), 409);
        inbox.run_alarm();
        assert_eq!(inbox.state()["pendingDeliveries"], 0, "there is no consumer any more");
        assert_eq!(inbox.reported().len(), 1);
    }
}
