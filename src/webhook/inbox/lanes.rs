//! Lanes: which calls may be under way together. One that hangs holds up the calls of its lane for a second, and others not at
//! all.

use super::agenda::Queue;
use crate::webhook::clock::{Millis, SECOND};

/// A call that takes longer than this hangs, and its place in the lane is another's.
const HANGS_AFTER: Millis = SECOND;

/// The calls under way, which only the process knows: with it, they are gone.
pub(super) struct Flights {
    ids: Vec<String>,
    now: Millis,
}

/// How many calls of a kind may be under way.
#[derive(Clone, Copy)]
pub(super) struct Lane {
    /// What begins the ids of its calls.
    pub kinds: &'static [&'static str],
    /// Calls that do not hang.
    pub most: usize,
    /// Of these, calls for what is first in line, so that what is tried again has a place as well.
    pub most_first: usize,
    /// With those that hang.
    pub most_hanging: usize,
}

/// Calls for orders. With those to the consumer and a page, as many as a Worker may wait for.
pub(super) const ORDERS: Lane = Lane { kinds: &["order"], most: 3, most_first: 2, most_hanging: 8 };
/// Calls to the consumer.
pub(super) const DELIVERIES: Lane = Lane { kinds: &["deliver"], most: 2, most_first: 1, most_hanging: 6 };
/// Calls to an API that is in doubt, pages among them: one finds out.
pub(super) const DOUBTFUL_API: Lane = Lane { kinds: &["order", "page"], most: 1, most_first: 1, most_hanging: 2 };
/// Calls to a consumer that is in doubt.
pub(super) const DOUBTFUL_CONSUMER: Lane = Lane { most: 1, most_hanging: 2, ..DELIVERIES };

impl Flights {
    pub fn new(ids: Vec<String>, now: Millis) -> Self {
        Self { ids, now }
    }

    pub fn add(&mut self, id: &str) {
        self.ids.push(id.to_owned());
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether a call of this kind is under way.
    pub fn has(&self, kind: &str) -> bool {
        self.ids.iter().any(|id| kind_of(id) == kind)
    }

    /// The id of a call of this kind that is under way.
    pub fn of(&self, kind: &str) -> Option<String> {
        self.ids.iter().find(|id| kind_of(id) == kind).cloned()
    }

    /// Whether a call for this RX or event is under way.
    pub fn is_about(&self, name: &str) -> bool {
        self.ids.iter().any(|id| about(id) == name)
    }

    /// How many calls may be begun in a lane: for what is first in line, and in all.
    pub fn free(&self, lane: Lane, first: Queue) -> (usize, usize) {
        let in_lane = || self.ids.iter().filter(|id| lane.kinds.contains(&kind_of(id)));
        let quick = || in_lane().filter(|id| self.now - sent_at(id) < HANGS_AFTER);
        let all = lane.most.saturating_sub(quick().count()).min(lane.most_hanging.saturating_sub(in_lane().count()));
        let of_first = quick().filter(|id| queue_of(id) == first.name()).count();
        (lane.most_first.saturating_sub(of_first).min(all), all)
    }
}

/// The parts of a call's id: `<kind>/<about>/…/<queue>/<sent at>`.
fn kind_of(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

fn about(id: &str) -> &str {
    id.split('/').nth(1).unwrap_or_default()
}

fn queue_of(id: &str) -> &str {
    id.rsplit('/').nth(1).unwrap_or_default()
}

fn sent_at(id: &str) -> Millis {
    id.rsplit('/').next().and_then(|time| time.parse().ok()).unwrap_or_default()
}
