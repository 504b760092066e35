//! Who the events are pushed to.

use std::collections::BTreeMap;

use itero_dpms::webhook::inbox::Call;

use crate::random::Random;
use crate::service::Reply;

#[derive(Default)]
pub struct Consumer {
    /// How often each event was taken, by its id.
    pub taken: BTreeMap<String, u64>,
    pub is_down: bool,
}

impl Consumer {
    pub fn answer(&mut self, call: &Call, random: &mut Random) -> Reply {
        let header = |name| call.headers.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone());
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
        *self.taken.entry(id).or_default() += 1;
        Some((random.pick(&[200, 202, 204]), String::new()))
    }
}
