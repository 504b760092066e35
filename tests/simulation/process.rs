//! The shell around an inbox and the platform below it: rows and an alarm that survive, and calls that do not.

use std::collections::BTreeMap;

use itero_dpms::webhook::Settings;
use itero_dpms::webhook::clock::Millis;
use itero_dpms::webhook::inbox::input::{Ask, Input};
use itero_dpms::webhook::inbox::rows::Write;
use itero_dpms::webhook::inbox::{Call, Step, step};
use itero_dpms::webhook::json::{OfJson, ToJson, Value};
use itero_dpms::webhook::reply::Reply as HttpReply;

use crate::service::{COMPANY, Reply};

/// What is wrong with the shell, or with the inbox, on purpose.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Bug {
    None,
    /// A notification is acknowledged before it is on disk.
    AcknowledgesFirst,
    /// Events are written in one transaction, what goes with them in another.
    TwoTransactions,
    /// A notification of an RX that waits already changes nothing.
    ForgetsTheTime,
    /// An alarm rings while the calls of another are in flight.
    RingsTwice,
}

/// A call that was made.
pub struct Flight {
    pub call: Call,
    /// What the other side said, and when; not heard of yet.
    pub answer: Option<(Reply, u64)>,
}

/// A practice's object.
pub struct Process {
    bug: Bug,
    settings: Settings,
    pub rows: BTreeMap<String, String>,
    /// How to undo what is not on disk yet.
    undo: Vec<Write>,
    pub alarm: Option<Millis>,
    pub is_handling: bool,
    pub flights: Vec<Flight>,
}

impl Process {
    pub fn new(bug: Bug) -> Self {
        let (rows, undo, flights) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { bug, settings: Settings::default(), rows, undo, alarm: None, is_handling: false, flights }
    }

    /// What the inbox would do. As the shell does, everything passes as text.
    pub fn step(&self, input: &Input, now: Millis) -> Step {
        let text = input.to_json().to_string();
        let input = Value::parse(&text).and_then(|value| Input::of_json(&value)).expect("an input is read as written");
        let mut step = step(&self.rows, &self.settings, input, now);
        if self.bug == Bug::ForgetsTheTime {
            step.writes.retain(|(key, value)| {
                let forgets =
                    key.starts_with("fetch/") && matches!(value, Some(value) if value.contains("\"tries\":0,"));
                !(forgets && self.rows.contains_key(key))
            });
        }
        step
    }

    pub fn ask(&self, ask: Ask, now: Millis) -> Step {
        let company_id = COMPANY.try_into().expect("an id");
        self.step(&Input::Request { company_id, ask }, now)
    }

    /// Stores what a step wrote, sets the alarm and makes the calls.
    pub fn commit(&mut self, step: &Step, is_notification: bool) {
        self.sync();
        let told_first = |key: &str| ["event/", "deliver/", "counts"].iter().any(|prefix| key.starts_with(prefix));
        for (key, value) in &step.writes {
            let is_late = match self.bug {
                Bug::AcknowledgesFirst => is_notification,
                Bug::TwoTransactions => !told_first(key),
                _ => false,
            };
            let before = match value {
                Some(value) => self.rows.insert(key.clone(), value.clone()),
                None => self.rows.remove(key),
            };
            if is_late {
                self.undo.push((key.clone(), before));
            }
        }
        if let Some(at) = step.wake_at {
            self.alarm = at;
        }
        if let Some(at) = step.wake_by {
            self.alarm = Some(self.alarm.map_or(at, |alarm| alarm.min(at)));
        }
        self.flights.extend(step.calls.iter().map(|call| Flight { call: call.clone(), answer: None }));
    }

    /// What was written late reaches the disk.
    pub fn sync(&mut self) {
        self.undo.clear();
    }

    /// The process dies; another takes over.
    pub fn crash(&mut self) {
        for (key, before) in std::mem::take(&mut self.undo).into_iter().rev() {
            match before {
                Some(before) => drop(self.rows.insert(key, before)),
                None => drop(self.rows.remove(&key)),
            }
        }
        self.flights.clear();
        self.is_handling = false;
    }

    pub fn rings(&self, now: Millis) -> bool {
        let is_free = !self.is_handling || self.bug == Bug::RingsTwice;
        is_free && self.alarm.is_some_and(|alarm| alarm <= now)
    }

    pub fn has(&self, prefix: &str) -> bool {
        self.rows.range(prefix.to_owned()..).next().is_some_and(|(key, _)| key.starts_with(prefix))
    }

    /// The state call's answer.
    pub fn state(&self, now: Millis) -> serde_json::Value {
        let reply = self.ask(Ask::State, now).reply;
        serde_json::from_str(&reply.map(|reply: HttpReply| reply.body).unwrap_or_default()).expect("JSON")
    }
}
