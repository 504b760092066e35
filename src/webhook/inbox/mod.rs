//! A practice's inbox: a state machine without I/O. Each step takes one input and returns what to store, which calls to make
//! and when to wake up; nothing is remembered between steps but the rows.
//!
//! What keeps scans from being lost or reported twice:
//!
//! - A step's writes are stored together or not at all, and its reply goes out after they are.
//! - Only an alarm's step makes calls, and the next alarm waits until each of them has its response or has failed. So what is
//!   read later is newer, no call is ever in flight twice, and a refresh token that changes with its use has one user.
//! - A notification stays as a work row until a response to a call made after it has been recorded.
//! - An event, what it reports of its order and the end of its work are written in one step.

mod access;
mod backoff;
mod delivery;
mod events;
mod fetch;
pub mod input;
pub mod log;
mod notification;
mod practice;
mod reconcile;
mod retention;
pub mod rows;
mod scan;
mod state;
#[cfg(test)]
mod testing;
mod token;

pub use events::{EventType, EventsPage, LinkKind, OrderEvent, Source};
pub use state::{Attention, Counts, PracticeState};

use serde::Serialize;

use super::clock::{MINUTE, Millis};
use super::reply::{Headers, Reply};
use super::settings::Settings;
use crate::scalar::Id;
use input::{Ask, Input, Reason, Response};
use log::{LogEntry, LogEvent};
use practice::Registered;
use rows::{Rows, Store, Write, key};

/// What to do after a step, in this order.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effects {
    /// Delete every row first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clear: bool,
    /// Rows to write, or to delete where there is no value. All in one transaction.
    pub writes: Vec<Write>,
    /// Set the alarm to this time, unless it is earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_by: Option<Millis>,
    /// Set the alarm to exactly this time, or clear it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Option<Millis>>,
    /// The reply to the request, once the writes are on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Calls to make; each response is an input, and after the last one `Input::Idle` is.
    pub calls: Vec<Call>,
    /// For the operator.
    pub log: Vec<LogEntry>,
}

/// An HTTP call to make. Redirects are not followed.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Which `Response` belongs to it.
    pub id: String,
    /// The HTTP method.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Secrets among them.
    pub headers: Headers,
    /// As a string.
    pub body: Option<String>,
    /// From the beginning to the body's last byte.
    pub timeout_ms: Millis,
    /// How long the response may be.
    pub max_bytes: usize,
}

/// When the alarm comes again if the process dies while calls are in flight.
const GUARD: Millis = MINUTE;

/// Takes one input at `now`.
pub fn step(rows: &dyn Rows, settings: &Settings, input: Input, now: Millis) -> Effects {
    let store = Store::new(rows);
    let practice: Option<Registered> = store.get(key::PRACTICE);
    let company_id = practice.as_ref().map(|practice| practice.company_id);
    let mut inbox = Inbox { store, settings, now, practice, company_id, effects: Effects::default() };
    match input {
        Input::Request { company_id, ask } => {
            inbox.company_id = Some(company_id);
            inbox.effects.reply = Some(inbox.request(company_id, ask));
        }
        Input::Alarm {} => inbox.run_alarm(),
        Input::Response(response) => inbox.outcome(&response.call, Ok(&response)),
        Input::Failure(failure) => inbox.outcome(&failure.call, Err(failure.reason)),
        Input::Idle {} => inbox.effects.wake_at = Some(inbox.next_wake()),
    }
    Effects { writes: inbox.store.into_writes(), ..inbox.effects }
}

/// An inbox within a step. What it does is in this folder, one file per concern.
struct Inbox<'a> {
    store: Store<'a>,
    settings: &'a Settings,
    now: Millis,
    /// `None` until it is registered.
    practice: Option<Registered>,
    /// For logs.
    company_id: Option<Id>,
    effects: Effects,
}

impl Inbox<'_> {
    fn request(&mut self, company_id: Id, ask: Ask) -> Reply {
        match ask {
            Ask::Notification { rx_id } => self.notify(rx_id),
            Ask::Register(registration) => self.register(company_id, registration),
            Ask::Remove {} => self.remove(),
            Ask::State {} => self.state_reply(200, company_id),
            Ask::Feed { after, limit } => self.feed(after, limit),
            Ask::Reconcile {} => self.reconcile_now(),
            Ask::Replay { id } => self.replay(&id),
        }
    }

    /// Makes the calls that are due. A page of the list and single orders are never asked for together: nobody could say which
    /// of two responses is newer.
    fn run_alarm(&mut self) {
        if !self.settings.ignored.is_empty() {
            self.log(LogEvent::SettingsIgnored { variables: self.settings.ignored.clone() });
        }
        self.expire_work();
        if self.practice.is_some() {
            self.sweep();
            self.call_deliveries();
            if !self.call_refresh() && !self.call_page() {
                self.call_orders();
            }
        }
        let wake = if self.effects.calls.is_empty() { self.next_wake() } else { Some(self.now + GUARD) };
        self.effects.wake_at = Some(wake);
    }

    /// Handles the outcome of a call. Its id says what it was for, and for which state of things: a response that comes too late finds
    /// another state and is dropped.
    fn outcome(&mut self, call: &str, outcome: Result<&Response, Reason>) {
        if self.practice.is_none() {
            return;
        }
        match call.split('/').collect::<Vec<_>>().as_slice() {
            ["order", rx_id, asked_at, token] => self.order_outcome(rx_id, number(asked_at), number(token), outcome),
            ["page", run, token] => self.page_outcome(number(run), number(token), outcome),
            ["refresh", token] => self.refresh_outcome(number(token), outcome),
            ["deliver", seq, queued_at] => self.delivery_outcome(number(seq) as u64, number(queued_at), outcome),
            _ => {}
        }
    }

    /// Returns when there is something to do next.
    fn next_wake(&self) -> Option<Millis> {
        let all = [self.work_expires(), self.fetches_due(), self.page_due(), self.refresh_due(), self.deliveries_due()];
        let next = all.into_iter().chain([self.sweep_due()]).flatten().min();
        next.map(|next| next.max(self.now))
    }

    /// Sets the alarm to `at`, unless it is earlier.
    fn wake_by(&mut self, at: Millis) {
        let at = self.effects.wake_by.map_or(at, |other| other.min(at));
        self.effects.wake_by = Some(at.max(self.now));
    }
}

/// A number of a call's id.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or(-1)
}
