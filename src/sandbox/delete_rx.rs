//! Delete RX (§4.3).

use super::http::{Refusal, Response};
use super::practice::Practice;
use super::snapshot::Event;
use crate::scalar::Guid;

impl Practice {
    /// Answers with the RX id. A wrong one is 400, whatever is wrong with it (§4.3.3, R40).
    pub(super) fn delete_rx(&mut self, rx_id: &str) -> Result<Response, Refusal> {
        let rx_id: Guid = rx_id.parse().map_err(|_| Refusal::bad_request("The RX id is not a GUID."))?;
        self.remove_rx(rx_id)?;
        Response::data(&rx_id)
    }

    /// Takes an RX from the scanner's list. Its patient stays. What was scanned is an order, which nothing deletes (R41).
    pub(super) fn remove_rx(&mut self, rx_id: Guid) -> Result<(), Refusal> {
        let waiting = self.requests.iter().position(|rx| rx.id == rx_id);
        let Some(at) = waiting else {
            let was_scanned = self.orders.iter().any(|order| order.rx.id == rx_id);
            let reason = if was_scanned { "The RX was scanned already." } else { "There is no RX with this id." };
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
    fn a_deleted_rx_is_gone_from_the_scanner_and_its_id_is_the_answer() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let answer = delete(&mut practice, &format!("/scan-request/{}", rx_id.to_string().to_uppercase()));
        assert_eq!(answer.status, 200);
        assert_eq!(json(&answer), serde_json::json!({ "Data": rx_id, "Status": 1 }));
        assert!(practice.complete_scan(rx_id, NOW).is_none());
    }

    #[test]
    fn a_wrong_rx_id_is_400_also_the_second_time() {
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
