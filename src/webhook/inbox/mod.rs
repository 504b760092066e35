//! A practice's inbox: a state machine without I/O. Each step takes one input and returns what to store, which calls to make
//! and when to wake up; nothing is remembered between steps but the rows.
//!
//! What keeps scans from being lost or reported twice:
//!
//! - A step's writes are stored together or not at all, and its reply and its calls go out after they are.
//! - A step is told which calls are under way. No call is made twice at a time, so a refresh token that changes with its use has
//!   one user; and an order that was reported since a call was made is not reported by its response, but asked for again.
//! - A notification stays as a work row until a response to a call made after it has been recorded.
//! - An event, what it reports of its order and the end of its work are written in one step.
//!
//! What keeps scans from waiting for each other:
//!
//! - Calls are made as soon as there is something to do and a place in their lane, by an alarm or after another call, and nothing
//!   waits for all of them.
//! - The alarm comes every two seconds while calls are under way, so that a process that dies is missed soon.
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

/// What to do after a step, in this order.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effects {
    /// Delete every row first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clear: bool,
    /// The sockets are to be looked through once the writes are on disk: this is the first event that is new, or 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news: Option<u64>,
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
    /// The call whose outcome decides the reply, if it is under way: ask again after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<String>,
    /// Calls to make; each outcome is an input.
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

/// Firewalls drop requests that do not say who sends them.
const USER_AGENT: &str = concat!("itero-dpms/", env!("CARGO_PKG_VERSION"));

/// When the alarm comes while calls are under way: if the process dies, that is when it is missed.
const GUARD: Millis = 2 * SECOND;

/// Takes one input at `now`, while the calls with the ids `flights` are under way.
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

/// An inbox within a step. What it does is in this folder, one file per concern.
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

    /// Takes up what a process before this one has left.
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

    /// Makes the calls that are due, as far as there is room in their lanes, and says when to look again.
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
        // What is due now has no room: one of the calls hangs in a second, or ends before that.
        let next = next.map_or(Millis::MAX, |next| next.max(self.now + SECOND));
        self.wake_by(next.min(self.now + GUARD));
    }

    fn call(&mut self, mut call: Call) {
        call.headers.insert("user-agent", USER_AGENT.into());
        self.flights.add(&call.id);
        self.effects.calls.push(call);
    }

    /// Handles the outcome of a call. Its id says what it was for, and for which state of things: a response that comes too late finds
    /// another state and is dropped.
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

/// How the API was called.
#[derive(Clone, Copy)]
struct Asked {
    /// The number of the token.
    token: Millis,
    sent_at: Millis,
}

/// A number of a call's id.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or(-1)
}
