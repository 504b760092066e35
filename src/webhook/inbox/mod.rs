//! A practice's inbox: a state machine without I/O. Each step takes one input and returns what to store, which calls to make
//! and when to wake up. Between steps, only the rows are kept.
//!
//! What keeps scans from being lost or reported twice:
//!
//! - The writes of a step are stored together or not at all; its reply and its calls are sent after that.
//! - A step knows which calls are in flight, and no call is made twice at the same time. So a refresh token that changes with
//!   each use is used only once at a time, and an order that was reported after a call was sent is not reported by its
//!   response, but requested again.
//! - A notification stays as a work row until the response to a later call is recorded.
//! - An event, what it reports about its order and the end of its work are written in one step.
//!
//! What keeps scans from waiting for each other:
//!
//! - Calls are made as soon as there is something to do and a free place in their lane, by an alarm or after another call.
//!   Nothing waits until all calls have ended.
//! - While calls are in flight, the alarm fires every two seconds, so that the end of the process is noticed soon.
//! - What is due is found on the agenda, which costs the same however much waits.

mod access;
mod admission;
mod agenda;
mod backoff;
mod delivery;
mod events;
mod fetch;
pub mod input;
mod lanes;
pub mod live;
pub mod log;
mod notification;
mod practice;
mod reconcile;
mod relay;
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

use super::clock::{Millis, SECOND};
use super::reply::{Headers, Reply};
use super::sessions::unauthorized;
use super::settings::Settings;
use crate::scalar::Id;
use input::{Ask, Input, Reason, Response};
use lanes::Flights;
use log::{LogEntry, LogEvent};
use practice::Registered;
use rows::{Rows, Store, Write, key};

/// What to do after a step, in the order of the fields.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effects {
    /// Delete every row first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clear: bool,
    /// Check the sockets once the writes are on disk. The number is that of the first new event, or 0 if the practice was
    /// removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news: Option<u64>,
    /// Rows to write, or to delete if they have no value. All in one transaction.
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
    /// The call in flight whose outcome decides the reply: ask again after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<String>,
    /// Calls to make; each outcome is an input.
    pub calls: Vec<Call>,
    /// Log entries for the operator.
    pub log: Vec<LogEntry>,
}

/// An HTTP call to make. Redirects are not followed.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The call's id, which its `Response` refers to.
    pub id: String,
    /// The HTTP method.
    pub method: &'static str,
    /// The absolute URL.
    pub url: String,
    /// The headers. They can contain secrets.
    pub headers: Headers,
    /// The body as a string.
    pub body: Option<String>,
    /// The limit from the start of the call to the last byte of the response.
    pub timeout_ms: Millis,
    /// The longest response body.
    pub max_bytes: usize,
}

/// Some firewalls drop requests without a user agent.
const USER_AGENT: &str = concat!("itero-dpms/", env!("CARGO_PKG_VERSION"));

/// While calls are in flight, the alarm fires after this time, so that the end of the process is noticed.
const GUARD: Millis = 2 * SECOND;

/// Handles one input at `now`, while the calls with the ids `flights` are in flight.
pub fn step(rows: &dyn Rows, settings: &Settings, input: Input, flights: Vec<String>, now: Millis) -> Effects {
    let store = Store::new(rows);
    let practice: Option<Registered> = store.get(key::PRACTICE);
    let company_id = practice.as_ref().map(|practice| practice.company_id);
    let flights = Flights::new(flights, now);
    let mut inbox = Inbox { store, settings, now, practice, company_id, flights, effects: Effects::default() };
    match input {
        Input::Start {} => inbox.start(),
        Input::Request { company_id, ask } => {
            inbox.company_id = Some(company_id);
            inbox.effects.reply = Some(inbox.request(company_id, ask));
        }
        Input::Alarm {} => inbox.run_alarm(),
        Input::Response(response) => inbox.outcome(&response.call, Ok(&response)),
        Input::Failure(failure) => inbox.outcome(&failure.call, Err(failure.reason)),
    }
    Effects { writes: inbox.store.into_writes(), ..inbox.effects }
}

/// An inbox during a step. Its methods are in this folder, one file per concern.
struct Inbox<'a> {
    store: Store<'a>,
    settings: &'a Settings,
    now: Millis,
    /// `None` until it is registered.
    practice: Option<Registered>,
    /// For logs.
    company_id: Option<Id>,
    flights: Flights,
    effects: Effects,
}

impl Inbox<'_> {
    fn request(&mut self, company_id: Id, ask: Ask) -> Reply {
        match ask {
            Ask::Notification { rx_id, is_admitted } => self.notify(rx_id, is_admitted),
            Ask::Admit {} => self.admit(company_id),
            Ask::Register(registration) => self.register(company_id, *registration),
            Ask::Remove {} => self.remove(),
            Ask::State {} => self.state_reply(200, company_id),
            Ask::Feed { key: Some(key), .. } if !self.has_feed_key(&key) => unauthorized(),
            Ask::Feed { after, limit, feed, .. } => self.feed(after, limit, feed),
            Ask::Token(refused) => self.give_token(refused),
            Ask::TokenWorks(number) => {
                self.token_works(number);
                Reply::accepted()
            }
            Ask::Reconcile {} => self.reconcile_now(),
            Ask::Replay { id } => self.replay(&id),
        }
    }

    /// Continues what an earlier process left unfinished.
    fn start(&mut self) {
        if !self.settings.ignored.is_empty() {
            self.log(LogEvent::SettingsIgnored { variables: self.settings.ignored.clone() });
        }
        self.fill_agenda();
        self.effects.wake_at = Some(self.next_wake());
    }

    fn run_alarm(&mut self) {
        self.expire_work();
        if self.practice.is_some() {
            self.sweep();
        }
        self.make_calls();
    }

    /// Makes the calls that are due, as far as there is room in their lanes, and sets when to check again.
    fn make_calls(&mut self) {
        if self.practice.is_some() {
            self.call_refresh();
            self.call_orders();
            self.call_page();
            self.call_deliveries();
        }
        let next = self.next_wake();
        if self.flights.len() == 0 {
            self.effects.wake_at = Some(next);
            return;
        }
        // There is no room for what is due now. Within a second, one of the calls ends or counts as hanging.
        let next = next.map_or(Millis::MAX, |next| next.max(self.now + SECOND));
        self.wake_by(next.min(self.now + GUARD));
    }

    fn call(&mut self, mut call: Call) {
        call.headers.insert("user-agent", USER_AGENT.into());
        self.flights.add(&call.id);
        self.effects.calls.push(call);
    }

    /// Handles the outcome of a call. Its id says what the call was for, and for which state: if the state has changed
    /// meanwhile, the response is dropped.
    fn outcome(&mut self, call: &str, outcome: Result<&Response, Reason>) {
        if self.practice.is_some() {
            match call.split('/').collect::<Vec<_>>().as_slice() {
                ["order", rx_id, asked_at, token, _, sent_at] => {
                    let asked = Asked { token: number(token), sent_at: number(sent_at) };
                    self.order_outcome(rx_id, number(asked_at), asked, outcome);
                }
                ["page", run, token, _, sent_at] => {
                    let asked = Asked { token: number(token), sent_at: number(sent_at) };
                    self.page_outcome(number(run), asked, outcome);
                }
                ["refresh", token, ..] => self.refresh_outcome(number(token), outcome),
                ["deliver", seq, queued_at, ..] => {
                    self.delivery_outcome(number(seq) as u64, number(queued_at), outcome);
                }
                _ => {}
            }
        }
        self.make_calls();
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

/// How a call to the API was made.
#[derive(Clone, Copy)]
struct Asked {
    /// The token's number.
    token: Millis,
    sent_at: Millis,
}

/// Returns a number that is part of a call's id.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or(-1)
}
