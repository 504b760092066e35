//! What people do with an order: scan it, change its status, take screen captures.

use super::clock::Millis;
use super::practice::{Capture, CaptureKind, Generation, Order, Practice, Rx};
use super::snapshot::Event;
use crate::scalar::Guid;

/// The status of an order that comes back from modeling, which changes its files (§4.4.6).
const AFTER_MODELING: &str = "Lab Review";

impl Practice {
    /// Simulates the scan, which turns the RX into an order. Returns the order's id, also if it was scanned before, or `None`
    /// if there is no such RX.
    pub(super) fn complete_scan(&mut self, rx_id: Guid, now: Millis) -> Option<u32> {
        if let Some(order) = self.orders.iter().find(|order| order.rx.id == rx_id) {
            return Some(order.id);
        }
        let at = self.requests.iter().position(|rx| rx.id == rx_id)?;
        let rx = self.requests.remove(at);
        self.journal.push(Event::ScanCompleted { rx_id, at: now });
        let order = self.scan(rx, now);
        let id = order.id;
        // A clock may go backwards; the list stays sorted.
        let place = self.orders.partition_point(|other| other.scanned <= now);
        self.orders.insert(place, order);
        self.push_change(rx_id);
        Some(id)
    }

    fn scan(&mut self, rx: Rx, now: Millis) -> Order {
        let newest = self.orders.iter().map(|order| order.id).max().unwrap_or(0);
        let mut order = self.random_order(rx, newest, now);
        order.generation = Generation::NotStarted;
        order
    }

    /// Changes an order's status. Returns `None` if there is no such order.
    pub(super) fn set_order_status(&mut self, rx_id: Guid, status: String) -> Option<()> {
        let order = self.orders.iter_mut().find(|order| order.rx.id == rx_id)?;
        if order.status != status {
            order.status.clone_from(&status);
            if status == AFTER_MODELING {
                order.revision += 1;
                self.archives.clear();
            }
            self.journal.push(Event::StatusSet { rx_id, status });
            self.push_change(rx_id);
        }
        Some(())
    }

    /// Adds a screen capture, which sends no callback (§4.5.1). Returns `None` if there is no such order.
    pub(super) fn add_screen_capture(&mut self, order_id: u32, now: Millis) -> Option<Capture> {
        let at = self.orders.iter().position(|order| order.id == order_id)?;
        let id = Guid::from_random(self.random.u128(..));
        let order = self.orders.get_mut(at)?;
        let capture = Capture { id, created: now, kind: capture_kind(order) };
        let place = order.captures.partition_point(|other| other.created <= now);
        order.captures.insert(place, capture);
        self.journal.push(Event::CaptureAdded { order_id, at: now });
        Some(capture)
    }
}

/// Returns what the next capture of an order shows: the kinds that its scanner supports, in turn (§4.7.4).
pub(super) fn capture_kind(order: &Order) -> CaptureKind {
    let all = [CaptureKind::Window, CaptureKind::Model, CaptureKind::Niri, CaptureKind::Colour];
    let kinds = if order.scanner.1.contains("5D") { &all[..] } else { &all[..2] };
    kinds.get(order.captures.len() % kinds.len()).copied().unwrap_or(CaptureKind::Model)
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, complete, control, get, json, practice, push};
    use serde_json::json;

    #[test]
    fn a_completed_scan_is_an_order_and_is_listed_last() {
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
    fn modeling_changes_an_orders_files() {
        let mut practice = practice();
        let (rx_id, order_id) = (practice.orders[0].rx.id, practice.orders[0].id);
        let mut after = |status: &str| {
            control(&mut practice, "order-status", &json!({ "rxId": rx_id, "status": status }));
            get(&mut practice, &format!("/order/{order_id}/download/IDE"), NOW).body
        };
        let before = after("iTero Modeling");
        assert!(after("Lab Review") != before);
        assert!(after("Completed") == after("iTero Milling"));
    }
}
