//! The agenda: everything that waits, sorted by when it is due. It is an index over the rows of work and deliveries, so a step
//! reads only as many rows as it can handle, however many wait.

use serde::de::DeserializeOwned;

use super::Inbox;
use super::lanes::Lane;
use super::notification::Work;
use super::rows::key;
use crate::webhook::clock::Millis;

/// What waits. The queues are served in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Queue {
    /// Orders that were not requested since their notification.
    New,
    /// Orders to request again.
    Again,
    /// Orders that the API does not know or does not accept: they may not exist.
    Unknown,
    /// Events that were not sent yet.
    Deliver,
    /// Events to send again.
    Redeliver,
}

impl Queue {
    pub const ORDERS: [Self; 3] = [Self::New, Self::Again, Self::Unknown];
    pub const DELIVERIES: [Self; 2] = [Self::Deliver, Self::Redeliver];

    /// The queue's name in keys and in the ids of calls.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Again => "again",
            Self::Unknown => "unknown",
            Self::Deliver => "deliver",
            Self::Redeliver => "redeliver",
        }
    }

    fn prefix(self) -> String {
        format!("{}{}/", key::DUE, self.name())
    }
}

/// A place on the agenda. The item's name there is the last part of the key of its own row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub queue: Queue,
    pub due: Millis,
}

impl Place {
    /// Times are padded to the same length, so that they sort as numbers do.
    fn row(self, name: &str) -> String {
        format!("{}{:015}/{name}", self.queue.prefix(), self.due.max(0))
    }
}

impl Inbox<'_> {
    /// Moves an item on the agenda, adds it, or removes it.
    pub(super) fn schedule(&mut self, name: &str, from: Option<Place>, to: Option<Place>) {
        if from == to {
            return;
        }
        if let Some(from) = from {
            self.store.remove(&from.row(name));
        }
        if let Some(to) = to {
            self.store.put(&to.row(name), &());
        }
    }

    /// Returns the first `most` items of a queue, earliest first.
    pub(super) fn queued(&self, queue: Queue, most: usize) -> Vec<(Millis, String)> {
        let prefix = queue.prefix();
        let rows = self.store.texts(&prefix, &prefix, most).into_iter();
        rows.filter_map(|(key, _)| {
            let (due, name) = key.strip_prefix(&prefix)?.split_once('/')?;
            Some((due.parse().ok()?, name.to_owned()))
        })
        .collect()
    }

    /// Reads the row of an item at a place on the agenda; removes the place if the row is gone, malformed, or at another place.
    pub(super) fn at<T: DeserializeOwned>(
        &mut self,
        place: Place,
        name: &str,
        prefix: &str,
        of: impl Fn(&T) -> Place,
    ) -> Option<T> {
        let row = self.store.get(&format!("{prefix}{name}")).filter(|row| of(row) == place);
        if row.is_none() {
            self.schedule(name, Some(place), None);
        }
        row
    }

    /// Returns when the first item of a queue is due that has no call in flight.
    pub(super) fn next_due(&self, queue: Queue) -> Option<Millis> {
        let mut first = self.queued(queue, self.flights.len() + 1).into_iter();
        first.find(|(_, name)| !self.flights.is_about(name)).map(|(due, _)| due)
    }

    /// Returns the items that are due and have room in a lane. The first queue has priority, but does not take all places.
    pub(super) fn next_in_line(&self, lane: Lane, queues: &[Queue]) -> Vec<(Place, String)> {
        let Some(first) = queues.first() else { return Vec::new() };
        let (mut of_first, mut all) = self.flights.free(lane, *first);
        let mut line = Vec::new();
        for queue in queues {
            let most = if queue == first { &mut of_first } else { &mut all };
            let due =
                self.queued(*queue, *most + self.flights.len()).into_iter().take_while(|(due, _)| *due <= self.now);
            let waiting: Vec<_> = due.filter(|(_, name)| !self.flights.is_about(name)).take(*most).collect();
            all -= waiting.len();
            line.extend(waiting.into_iter().map(|(due, name)| (Place { queue: *queue, due }, name)));
        }
        line
    }

    /// Puts everything that waits on the agenda, which releases before 0.2 did not have.
    pub(super) fn fill_agenda(&mut self) {
        if self.store.text(key::AGENDA).is_some() {
            return;
        }
        let (work, deliveries) = (self.work(), self.deliveries());
        for (rx_id, work) in &work {
            self.schedule(&rx_id.to_string(), None, Some(work.place()));
        }
        for (seq, delivery) in &deliveries {
            self.schedule(&key::seq(*seq), None, Some(delivery.place()));
        }
        if self.practice.is_some() || !work.is_empty() {
            self.store.put(key::AGENDA, &());
        }
    }
}

impl Work {
    pub(super) fn place(&self) -> Place {
        let queue = match (self.tries, self.unknown) {
            (0, _) => Queue::New,
            (_, 0) => Queue::Again,
            _ => Queue::Unknown,
        };
        Place { queue, due: self.due }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::Settings;
    use crate::webhook::inbox::input::{Input, Response, ResponseHeaders};
    use crate::webhook::inbox::step;
    use crate::webhook::inbox::testing::{Counting, START, TestInbox, order, rx, with_consumer};

    /// Returns how many rows an alarm and the outcome of its first call read and write while this many orders and deliveries
    /// wait.
    fn cost(waiting: u32) -> (usize, usize) {
        let mut rows = TestInbox::registered(&with_consumer()).rows;
        rows.remove(key::AGENDA);
        for number in 0..waiting {
            let (work, tries) = (format!("fetch/{}", rx(number)), number % 3);
            let notified = format!(r#""notifiedAt":{START},"since":{START},"notifications":1"#);
            rows.insert(work, format!(r#"{{{notified},"tries":{tries},"due":{START},"unknown":{}}}"#, number % 2));
            let delivery = format!(r#"{{"queuedAt":{START},"tries":{tries},"due":{START}}}"#);
            rows.insert(format!("deliver/{number:012}"), delivery);
        }
        let mut inbox = TestInbox::with_rows(rows, START);
        let (mut read, mut written) = (0, 0);
        let mut counted = |inbox: &mut TestInbox, input: &Input| {
            let counting = Counting::of(&inbox.rows);
            let effects = step(&counting, &Settings::default(), input.clone(), inbox.flights.clone(), inbox.now);
            read += counting.read.get();
            written += effects.writes.len();
            inbox.step(input.clone()).calls
        };
        let calls = counted(&mut inbox, &Input::Alarm {});
        let call = calls.into_iter().find(|call| call.id.contains("/new/")).expect("a call for an order");
        let number = call.id.get(31..42).and_then(|digits| digits.parse().ok()).unwrap_or_default();
        let (headers, body) = (ResponseHeaders::default(), order(number, "Completed"));
        counted(&mut inbox, &Input::Response(Response { call: call.id, status: 200, headers, body }));
        (read, written)
    }

    #[test]
    fn a_step_costs_the_same_however_much_waits() {
        let (read, written) = cost(20);
        assert!(read < 250 && written < 20, "{read} rows read, {written} written");
        assert_eq!(cost(20_000), (read, written));
    }

    #[test]
    fn what_an_earlier_release_left_waiting_is_put_on_the_agenda() {
        let mut inbox = TestInbox::registered(&with_consumer());
        inbox.notify(1);
        inbox.rows.retain(|key, _| !key.starts_with(key::DUE) && key != key::AGENDA);
        inbox.alarm = None;
        inbox.restart();
        assert_eq!(inbox.alarm, Some(inbox.now), "when the process begins to run");
        assert_eq!(inbox.wait().len(), 1);
    }

    #[test]
    fn a_place_on_the_agenda_without_a_row_is_cleared_in_the_end() {
        let mut inbox = TestInbox::registered(&with_consumer());
        inbox.notify(1);
        inbox.rows.remove(&format!("fetch/{}", rx(1)));
        for _ in 0..2_000 {
            inbox.wait().iter().for_each(|call| drop(inbox.respond(call, 404, "")));
        }
        assert!(!inbox.rows.keys().any(|key| key.starts_with("due/new/")));
    }
}
