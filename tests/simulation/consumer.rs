//! The consumer that events are delivered to.

use std::collections::BTreeMap;

use itero_dpms::webhook::inbox::Call;

use crate::random::Random;
use crate::service::Response;

#[derive(Default)]
pub struct Consumer {
    /// How often each event was accepted, by its id.
    pub accepted: BTreeMap<String, u64>,
    pub is_down: bool,
}

impl Consumer {
    pub fn respond(&mut self, call: &Call, random: &mut Random) -> Response {
        let header = |name| call.headers.get(name).cloned();
        let id = header("webhook-id").expect("an id");
        assert!(
            header("webhook-signature").is_some_and(|signature| signature.starts_with("v1,")),
            "{id} is not signed"
        );
        if self.is_down {
            return random.pick(&[None, Some(500), Some(429)]).map(|status| (status, String::new()));
        }
        if random.percent(3) {
            return Some((random.pick(&[400, 404, 503]), String::new()));
        }
        *self.accepted.entry(id).or_default() += 1;
        Some((random.pick(&[200, 202, 204]), String::new()))
    }
}
