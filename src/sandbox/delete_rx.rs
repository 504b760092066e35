//! Delete RX (§4.3).

use super::http::{Refusal, Response};
use super::practice::Practice;
use super::snapshot::Event;
use crate::scalar::Guid;

impl Practice {
    /// Responds with the RX id. An id that is malformed, unknown or already scanned is 400 (§4.3.3, R40).
    pub(super) fn delete_rx(&mut self, rx_id: &str) -> Result<Response, Refusal> {
        let rx_id: Guid = rx_id.parse().map_err(|_| Refusal::bad_request("The RX id is not a GUID."))?;
        self.remove_rx(rx_id)?;
        Response::data(&rx_id)
    }

    /// Removes an RX from the scanner's list; its patient stays. A scanned RX is an order, which nothing deletes (R41).
    pub(super) fn remove_rx(&mut self, rx_id: Guid) -> Result<(), Refusal> {
        let Some(at) = self.requests.iter().position(|rx| rx.id == rx_id) else {
            let was_scanned = self.orders.iter().any(|order| order.rx.id == rx_id);
            let reason = if was_scanned { "The RX has already been scanned." } else { "There is no RX with this id." };
            return Err(Refusal::bad_request(reason));
        };
        self.requests.remove(at);
        self.journal.push(Event::RxDeleted { rx_id });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, UNKNOWN, complete, delete, get, json, practice, push};

    #[test]
    fn a_deleted_rx_can_no_longer_be_scanned_and_its_id_is_returned() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let response = delete(&mut practice, &format!("/scan-request/{}", rx_id.to_string().to_uppercase()));
        assert_eq!(response.status, 200);
        assert_eq!(json(&response), serde_json::json!({ "Data": rx_id, "Status": 1 }));
        assert!(practice.complete_scan(rx_id, NOW).is_none());
    }

    #[test]
    fn deleting_an_unknown_malformed_or_already_deleted_rx_is_400() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada").to_string();
        delete(&mut practice, &format!("/scan-request/{rx_id}"));
        for wrong in [rx_id.as_str(), UNKNOWN, "42", "%7Bx%7D"] {
            assert_eq!(delete(&mut practice, &format!("/scan-request/{wrong}")).status, 400, "{wrong}");
        }
    }

    #[test]
    fn a_scanned_rx_is_400_and_stays_an_order() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        complete(&mut practice, rx_id, NOW);
        assert_eq!(delete(&mut practice, &format!("/scan-request/{rx_id}")).status, 400);
        assert_eq!(get(&mut practice, &format!("/orders/{rx_id}"), NOW).status, 200);
    }
}
