//! The shell around an inbox and the platform below it. Rows and the alarm survive a crash, calls do not.

use std::collections::BTreeMap;

use itero_dpms::webhook::Settings;
use itero_dpms::webhook::clock::{MINUTE, Millis};
use itero_dpms::webhook::inbox::input::{Ask, Input};
use itero_dpms::webhook::inbox::rows::Write;
use itero_dpms::webhook::inbox::{Call, Effects, step};
use itero_dpms::webhook::reply::Reply;

use crate::service::{COMPANY, Response};

/// A deliberate bug of the shell or of the inbox.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Bug {
    None,
    /// A notification is acknowledged before it is on disk.
    AcknowledgesFirst,
    /// Events are written in one transaction, and the rows that belong to them in another.
    TwoTransactions,
    /// A notification of an RX that is pending already changes nothing.
    IgnoresTheTime,
    /// The inbox is not told which calls are under way.
    ForgetsCalls,
    /// The inbox takes all responses for equally new.
    ForgetsOrder,
    /// The alarm comes a minute late, and a process that begins to run waits for it.
    SleepsOn,
    /// Readers get events before they are written.
    TellsFirst,
    /// Readers get events that are not on disk yet.
    IgnoresDisk,
    /// Sockets do not carry what their readers were sent.
    ForgetsReaders,
}

/// A call that was made.
pub struct Flight {
    pub call: Call,
    /// What the other side sent, and at which tick. It is not received yet.
    pub response: Option<(Response, u64)>,
}

/// A practice's Durable Object.
pub struct Process {
    pub bug: Bug,
    settings: Settings,
    pub rows: BTreeMap<String, String>,
    /// How to undo what is not on disk yet.
    undo: Vec<Write>,
    pub alarm: Option<Millis>,
    /// Whether it has begun to run.
    pub is_awake: bool,
    pub flights: Vec<Flight>,
}

impl Process {
    pub fn new(bug: Bug) -> Self {
        let (rows, undo, flights) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { bug, settings: Settings::default(), rows, undo, alarm: None, is_awake: false, flights }
    }

    /// Runs a step of the inbox. As in the shell, the input passes as JSON.
    pub fn step(&self, input: &Input, now: Millis) -> Effects {
        let json = serde_json::to_string(input).expect("an input is JSON");
        let mut input = serde_json::from_str(&json).expect("an input is read as written");
        if let (Bug::ForgetsOrder, Input::Response(response)) = (self.bug, &mut input) {
            let call = response.call.rsplit_once('/').map_or("", |(call, _)| call);
            response.call = format!("{call}/{}", now + 1);
        }
        let is_start = matches!(input, Input::Start {});
        let mut flights: Vec<String> = self.flights.iter().map(|flight| flight.call.id.clone()).collect();
        if self.bug == Bug::ForgetsCalls {
            flights.clear();
        }
        let mut effects = step(&self.rows, &self.settings, input, flights, now);
        if self.bug == Bug::SleepsOn {
            effects.wake_by = effects.wake_by.map(|at| at + MINUTE);
            effects.wake_at = effects.wake_at.filter(|_| !is_start);
        }
        if self.bug == Bug::IgnoresTheTime {
            effects.writes.retain(|(key, value)| {
                let is_ignored =
                    key.starts_with("fetch/") && matches!(value, Some(value) if value.contains("\"tries\":0,"));
                !(is_ignored && self.rows.contains_key(key))
            });
        }
        effects
    }

    pub fn ask(&self, ask: Ask, now: Millis) -> Effects {
        let company_id = COMPANY.try_into().expect("an id");
        self.step(&Input::Request { company_id, ask }, now)
    }

    /// Stores what a step wrote, sets the alarm and starts the calls.
    pub fn commit(&mut self, effects: &Effects, is_notification: bool) {
        self.sync();
        let is_event =
            |key: &str| ["event/", "deliver/", "due/", "counts"].iter().any(|prefix| key.starts_with(prefix));
        for (key, value) in &effects.writes {
            let is_late = match self.bug {
                Bug::AcknowledgesFirst => is_notification,
                Bug::TwoTransactions => !is_event(key),
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
        if let Some(at) = effects.wake_at {
            self.alarm = at;
        }
        if let Some(at) = effects.wake_by {
            self.alarm = Some(self.alarm.map_or(at, |alarm| alarm.min(at)));
        }
        self.flights.extend(effects.calls.iter().map(|call| Flight { call: call.clone(), response: None }));
    }

    /// Late writes reach the disk.
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
        self.is_awake = false;
    }

    pub fn has(&self, prefix: &str) -> bool {
        self.rows.range(prefix.to_owned()..).next().is_some_and(|(key, _)| key.starts_with(prefix))
    }

    /// Returns the practice's state.
    pub fn state(&self, now: Millis) -> serde_json::Value {
        let reply = self.ask(Ask::State {}, now).reply;
        serde_json::from_str(&reply.map(|reply: Reply| reply.body).unwrap_or_default()).expect("JSON")
    }
}
