//! A practice's inbox: a state machine without I/O. Each step takes one thing that happened and says what to store, which
//! calls to make and when to wake up; nothing is remembered between steps but the rows.
//!
//! What keeps scans from being lost or told twice:
//!
//! - A step's writes are stored together or not at all, and its reply goes out after they are.
//! - Only an alarm's step has calls made, and the next alarm waits until all of them are answered or lost. So what is read
//!   later is newer, no call is ever in flight twice, and a refresh token that changes with its use has one user.
//! - A notification stays as a work row until an answer that was asked for after it has been recorded.
//! - An event, what it tells of its order and the end of its work are written in one step.

mod access;
mod backoff;
mod delivery;
mod events;
mod fetch;
pub mod input;
mod notification;
mod practice;
mod reconcile;
mod retention;
pub mod rows;
mod scan;
mod state;
#[cfg(test)]
mod test;
mod token;

pub use events::{EventType, EventsPage, LinkKind, OrderEvent, Source};
pub use state::{Attention, Counts, PracticeState};

use super::clock::{MINUTE, Millis};
use super::json::{ToJson, Value, object};
use super::reply::{Headers, Reply};
use super::settings::Settings;
use crate::scalar::Id;
use input::{Answer, Ask, Input, Reason};
use practice::Registered;
use rows::{Rows, Store, Write, key};

/// What to do about a step, in this order.
#[derive(Default)]
pub struct Step {
    /// Delete every row first.
    pub clear: bool,
    /// Rows to write, or to delete where there is no value. All in one transaction.
    pub writes: Vec<Write>,
    /// The alarm rings at this time or earlier.
    pub wake_by: Option<Millis>,
    /// The alarm rings at exactly this time, or not at all.
    pub wake_at: Option<Option<Millis>>,
    /// The answer to the request, once the writes are on disk.
    pub reply: Option<Reply>,
    /// Calls to make; each answer is a step, and when all are done `Input::Idle` is.
    pub calls: Vec<Call>,
    /// For the operator. No token, secret, patient, body or query is ever in it.
    pub log: Vec<Value>,
}

impl ToJson for Step {
    fn to_json(&self) -> Value {
        let writes = self.writes.iter().map(|(key, value)| Value::List(vec![key.to_json(), value.to_json()]));
        let mut step = vec![
            ("writes".into(), Value::List(writes.collect())),
            ("calls".into(), self.calls.to_json()),
            ("log".into(), self.log.to_json()),
        ];
        if self.clear {
            step.push(("clear".into(), true.to_json()));
        }
        if let Some(at) = self.wake_by {
            step.push(("wakeBy".into(), at.to_json()));
        }
        if let Some(at) = self.wake_at {
            step.push(("wakeAt".into(), at.to_json()));
        }
        if let Some(reply) = &self.reply {
            step.push(("reply".into(), reply.to_json()));
        }
        Value::Object(step)
    }
}

/// A call to make. Redirects are not followed.
#[derive(Clone, PartialEq)]
pub struct Call {
    /// Which `Answer` is whose.
    pub id: String,
    /// Of HTTP.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Secrets among them.
    pub headers: Headers,
    /// As text.
    pub body: Option<String>,
    /// From the beginning to the body's last byte.
    pub timeout_ms: Millis,
    /// How long the answer may be.
    pub max_bytes: usize,
}

impl ToJson for Call {
    fn to_json(&self) -> Value {
        object! {
            "id": self.id, "method": self.method, "url": self.url, "headers": self.headers, "body": self.body,
            "timeoutMs": self.timeout_ms, "maxBytes": self.max_bytes,
        }
    }
}

/// When the alarm rings again if the process dies while calls are in flight.
const GUARD: Millis = MINUTE;

/// Takes one thing that happened at `now`.
pub fn step(rows: &dyn Rows, settings: &Settings, input: Input, now: Millis) -> Step {
    let store = Store::new(rows);
    let practice: Option<Registered> = store.get(key::PRACTICE);
    let company_id = practice.as_ref().map(|practice| practice.company_id);
    let mut inbox = Inbox { store, settings, now, practice, company_id, step: Step::default() };
    match input {
        Input::Request { company_id, ask } => {
            inbox.company_id = Some(company_id);
            inbox.step.reply = Some(inbox.asked(company_id, ask));
        }
        Input::Alarm => inbox.alarm(),
        Input::Answered(answer) => inbox.answered(&answer),
        Input::Failed(failed) => inbox.outcome(&failed.call, Err(failed.reason)),
        Input::Idle => inbox.step.wake_at = Some(inbox.next_wake()),
    }
    Step { writes: inbox.store.into_writes(), ..inbox.step }
}

/// An inbox within a step. What it does is told in this folder, one file per concern.
struct Inbox<'a> {
    store: Store<'a>,
    settings: &'a Settings,
    now: Millis,
    /// `None` until it is registered.
    practice: Option<Registered>,
    /// For logs.
    company_id: Option<Id>,
    step: Step,
}

impl Inbox<'_> {
    fn asked(&mut self, company_id: Id, ask: Ask) -> Reply {
        match ask {
            Ask::Notification { rx_id } => self.notified(rx_id),
            Ask::Register(registration) => self.register(company_id, registration),
            Ask::Remove => self.remove(),
            Ask::State => self.state_reply(200, company_id),
            Ask::Feed { after, limit } => self.feed(after, limit),
            Ask::Reconcile => self.reconcile_now(),
            Ask::Replay { id } => self.replay(&id),
        }
    }

    /// Makes the calls that are due. A page of the list and single orders are never asked for together: which of two
    /// answers is newer could not be told.
    fn alarm(&mut self) {
        if !self.settings.ignored.is_empty() {
            self.log("settings.ignored", object! { "variables": self.settings.ignored });
        }
        self.expire_work();
        if self.practice.is_some() {
            self.sweep();
            self.call_deliveries();
            if !self.call_refresh() && !self.call_page() {
                self.call_orders();
            }
        }
        let wake = if self.step.calls.is_empty() { self.next_wake() } else { Some(self.now + GUARD) };
        self.step.wake_at = Some(wake);
    }

    fn answered(&mut self, answer: &Answer) {
        self.outcome(&answer.call, Ok(answer));
    }

    /// What became of a call. Its id says what it was for, and for which state of things: an answer that comes too late
    /// finds another state and is dropped.
    fn outcome(&mut self, call: &str, outcome: Result<&Answer, Reason>) {
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

    /// When there is something to do next.
    fn next_wake(&self) -> Option<Millis> {
        let all = [self.work_expires(), self.fetches_due(), self.page_due(), self.refresh_due(), self.deliveries_due()];
        let next = all.into_iter().chain([self.sweep_due()]).flatten().min();
        next.map(|next| next.max(self.now))
    }

    /// The alarm rings at `at` or earlier.
    fn wake_by(&mut self, at: Millis) {
        let at = self.step.wake_by.map_or(at, |other| other.min(at));
        self.step.wake_by = Some(at.max(self.now));
    }

    /// Tells the operator; `details` is an object.
    fn log(&mut self, event: &'static str, details: Value) {
        let mut entry = vec![("event".into(), event.to_json()), ("companyId".into(), self.company_id.to_json())];
        if let Value::Object(details) = details {
            entry.extend(details);
        }
        self.step.log.push(Value::Object(entry));
    }
}

/// A number of a call's id.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or(-1)
}
