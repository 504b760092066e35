//! What the document leaves to people and time: the scanner at work, and a practice put to sleep and woken.

use serde::{Deserialize, Serialize};

use super::clock::{FARTHEST, Millis};
use super::http::{Refusal, Response};
use super::practice::{Generation, Order, Practice, Rx, Settings};
use super::scan_request::ScanRequest;
use crate::wire::Guid;

/// The form of snapshots that this version writes and reads.
const FORMAT: u32 = 1;

/// Something that changed the practice.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Event {
    /// An RX was pushed.
    ScanRequest { request: ScanRequest },
    /// A pushed RX was scanned.
    ScanCompleted { rx_id: Guid, at: Millis },
    /// A new order's 3D archive was first asked for.
    ArchiveAsked { order_id: u32, at: Millis },
}

impl Event {
    fn time(&self) -> Option<Millis> {
        match self {
            Self::ScanRequest { .. } => None,
            Self::ScanCompleted { at, .. } | Self::ArchiveAsked { at, .. } => Some(*at),
        }
    }
}

/// A practice at rest. The seed and the moment of its making give all that it started with, so only what happened since
/// is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Snapshot {
    format: u32,
    seed: u64,
    created: Millis,
    events: Vec<Event>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompleteScan {
    rx_id: Guid,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompletedScan {
    rx_id: Guid,
    order_id: u32,
}

impl Practice {
    /// Plays the scanner: the RX becomes an order, scanned `now`. Gives the order's id, the same one when called again;
    /// `None` if there is no such RX.
    pub fn complete_scan(&mut self, rx_id: Guid, now: Millis) -> Option<u32> {
        if let Some(order) = self.orders.iter().find(|order| order.rx.id == rx_id) {
            return Some(order.id);
        }
        let at = self.requests.iter().position(|rx| rx.id == rx_id)?;
        let rx = self.requests.remove(at);
        self.journal.push(Event::ScanCompleted { rx_id, at: now });
        let order = self.scan(rx, now);
        let id = order.id;
        // A clock may go back, the list stays in order.
        let place = self.orders.partition_point(|other| other.scanned <= now);
        self.orders.insert(place, order);
        Some(id)
    }

    fn scan(&mut self, rx: Rx, now: Millis) -> Order {
        let newest = self.orders.iter().map(|order| order.id).max().unwrap_or(0);
        let mut order = self.random_order(rx, newest, now);
        order.status = "Completed";
        order.generation = Generation::NotAsked;
        order
    }

    /// [`Practice::complete_scan`] for those who only have HTTP.
    pub(super) fn complete_scan_request(&mut self, body: &[u8], now: Millis) -> Result<Response, Refusal> {
        let CompleteScan { rx_id } = serde_json::from_slice(body)
            .map_err(|error| Refusal::bad_request(format!("The body must be {{\"rxId\": GUID}}: {error}.")))?;
        let order_id =
            self.complete_scan(rx_id, now).ok_or_else(|| Refusal::not_found("There is no RX with this id."))?;
        Response::json(&CompletedScan { rx_id, order_id })
    }

    /// The practice as text, to be restored later. Grows with what happened, not with what the practice started with.
    pub fn snapshot(&self) -> String {
        let events = self.journal.clone();
        let snapshot = Snapshot { format: FORMAT, seed: self.seed, created: self.created, events };
        // Only maps with keys that are no strings, and failing `Serialize`s, cannot be written.
        serde_json::to_string(&snapshot).unwrap_or_default()
    }

    /// The practice of a snapshot: made up again, then told again what happened. The error says what is wrong with it.
    pub fn restore(settings: Settings, snapshot: &str) -> Result<Self, String> {
        let Snapshot { format, seed, created, events } =
            serde_json::from_str(snapshot).map_err(|error| error.to_string())?;
        if format != FORMAT {
            return Err(format!("its format is {format}, this version reads {FORMAT}"));
        }
        let mut times = events.iter().filter_map(Event::time).chain([created]);
        if times.any(|time| !(-FARTHEST..=FARTHEST).contains(&time)) {
            return Err("a time in it is out of range".into());
        }
        let mut practice = Self::new(settings, seed, created);
        for (nth, event) in events.into_iter().enumerate() {
            practice.replay(event).ok_or_else(|| format!("event {nth} does not fit the practice"))?;
        }
        Ok(practice)
    }

    fn replay(&mut self, event: Event) -> Option<()> {
        match event {
            Event::ScanRequest { request } => self.push_rx(request).ok().map(drop),
            Event::ScanCompleted { rx_id, at } => self.complete_scan(rx_id, at).map(drop),
            Event::ArchiveAsked { order_id, at } => {
                self.orders.iter().find(|order| order.id == order_id)?;
                self.start_generation(order_id, at);
                Some(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, complete, get, json, practice, push, request, settings};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_completed_scan_is_an_order_that_can_be_read_and_listed_last() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        assert_eq!(get(&mut practice, &format!("/orders/{rx_id}"), NOW).status, 404);
        let order_id = complete(&mut practice, rx_id, NOW + 5_000);
        let order = json(&get(&mut practice, &format!("/orders/{rx_id}"), NOW))["Data"].take();
        assert_eq!(order["OrderId"], order_id);
        assert_eq!(order["Status"], "Completed");
        assert_eq!(order["ScanningDate"], "2025-06-15T12:00:05");
        assert_eq!(order["PatientFirstName"], "Ada");
        assert_eq!(practice.orders.last().map(|order| order.id), Some(order_id));
    }

    #[test]
    fn completing_twice_gives_the_same_order() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let count = practice.orders.len();
        assert_eq!(complete(&mut practice, rx_id, NOW), complete(&mut practice, rx_id, NOW + 1));
        assert_eq!(practice.orders.len(), count + 1);
    }

    #[test]
    fn scans_complete_over_http_too() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let mut complete = |body: String| {
            request(&mut practice, "POST", "https://sandbox.invalid/dpms/sandbox/complete-scan", body.as_bytes(), NOW)
        };
        let answer = complete(json!({ "rxId": rx_id }).to_string());
        assert_eq!(answer.status, 200);
        assert_eq!(json(&answer)["rxId"], rx_id.to_string());
        assert!(json(&answer)["orderId"].is_u64());
        assert_eq!(complete(json!({ "rxId": "a09292aa-8b06-45f9-a73c-350538bb32f3" }).to_string()).status, 404);
        assert_eq!(complete(json!({ "rxId": "x" }).to_string()).status, 400);
    }

    #[test]
    fn a_snapshot_restores_what_happened() {
        let mut practice = practice();
        let scanned = push(&mut practice, "Ada");
        let order_id = complete(&mut practice, scanned, NOW + 1);
        get(&mut practice, &format!("/order/{order_id}/download/IDE"), NOW + 2);
        let waiting = push(&mut practice, "Zoë");

        let snapshot = practice.snapshot();
        assert!(snapshot.len() < 2_000, "{}", snapshot.len());
        let mut restored = Practice::restore(settings(), &snapshot).unwrap();
        assert_eq!(restored.snapshot(), snapshot);
        let all = "/orders/practice?Offset=0&pageSize=1024";
        assert_eq!(get(&mut restored, all, NOW).body, get(&mut practice, all, NOW).body);
        assert_eq!(get(&mut restored, &format!("/order/{order_id}/download/IDE"), NOW + 1502).status, 200);
        assert_eq!(complete(&mut restored, waiting, NOW + 3), complete(&mut practice, waiting, NOW + 3));
        assert_eq!(push(&mut restored, "Next"), push(&mut practice, "Next"), "random ids go on alike");
    }

    #[test]
    fn a_malformed_snapshot_is_refused_and_says_why() {
        let unknown = json!({ "event": "scanCompleted", "rxId": "a09292aa-8b06-45f9-a73c-350538bb32f3", "at": 1 });
        for (snapshot, reason) in [
            (String::new(), "EOF"),
            ("{}".into(), "missing field"),
            (json!({ "format": 9, "seed": 1, "created": 1, "events": [] }).to_string(), "format is 9"),
            (json!({ "format": 1, "seed": 1, "created": i64::MAX, "events": [] }).to_string(), "out of range"),
            (json!({ "format": 1, "seed": 1, "created": NOW, "events": [unknown] }).to_string(), "event 0"),
        ] {
            let error = Practice::restore(settings(), &snapshot).err().unwrap();
            assert!(error.contains(reason), "{error}");
        }
    }
}
