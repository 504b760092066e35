//! Lanes: which calls may be in flight together. A call that hangs delays the calls of its lane for a second, and other calls
//! not at all.

use super::agenda::Queue;
use crate::webhook::clock::{Millis, SECOND};

/// A call that takes longer than this hangs, and another call may take its place in the lane.
const HANGS_AFTER: Millis = SECOND;

/// The calls in flight. Only the process knows them: when it ends, they are lost.
pub(super) struct Flights {
    ids: Vec<String>,
    now: Millis,
}

/// How many calls of a kind may be in flight.
#[derive(Clone, Copy)]
pub(super) struct Lane {
    /// The first part of the ids of its calls.
    pub kinds: &'static [&'static str],
    /// How many calls may be in flight that do not hang.
    pub most: usize,
    /// How many of these may be for the first queue, so that retries have a place as well.
    pub most_first: usize,
    /// How many may be in flight in total, those that hang included.
    pub most_hanging: usize,
}

/// Calls for orders. Together with those to the consumer and for a page, they are as many as a Worker may wait for.
pub(super) const ORDERS: Lane = Lane { kinds: &["order"], most: 3, most_first: 2, most_hanging: 8 };
/// Calls to the consumer.
pub(super) const DELIVERIES: Lane = Lane { kinds: &["deliver"], most: 2, most_first: 1, most_hanging: 6 };
/// Calls to an API that may still be failing, pages included: one call checks it.
pub(super) const DOUBTFUL_API: Lane = Lane { kinds: &["order", "page"], most: 1, most_first: 1, most_hanging: 2 };
/// Calls to a consumer that may still be failing.
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

    /// Returns whether a call of this kind is in flight.
    pub fn has(&self, kind: &str) -> bool {
        self.ids.iter().any(|id| kind_of(id) == kind)
    }

    /// Returns the id of a call of this kind that is in flight.
    pub fn of(&self, kind: &str) -> Option<String> {
        self.ids.iter().find(|id| kind_of(id) == kind).cloned()
    }

    /// Returns whether a call for this RX or event is in flight.
    pub fn is_about(&self, name: &str) -> bool {
        self.ids.iter().any(|id| about(id) == name)
    }

    /// Returns how many calls may be started in a lane: for the first queue, and in total.
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
