//! A practice's inbox for unit tests, with rows, an alarm and a clock.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::input::{Ask, Failure, Input, Reason, Response, ResponseHeaders};
use super::rows::Rows;
use super::{Call, Effects, step};
use crate::webhook::Settings;
use crate::webhook::clock::Millis;
use crate::webhook::registration::Registration;
use crate::webhook::reply::Reply;

pub const COMPANY: i64 = 90_360;

/// 2025-03-04T09:00:00Z.
pub const START: Millis = 1_741_078_800_000;

/// Counts the rows that a step reads.
pub struct Counting<'a> {
    rows: &'a BTreeMap<String, String>,
    pub read: Cell<usize>,
}

impl<'a> Counting<'a> {
    pub fn of(rows: &'a BTreeMap<String, String>) -> Self {
        Self { rows, read: Cell::new(0) }
    }
}

impl Rows for Counting<'_> {
    fn get(&self, key: &str) -> Option<String> {
        self.read.set(self.read.get() + 1);
        Rows::get(self.rows, key)
    }

    fn list(&self, from: &str, to: &str, limit: usize) -> Vec<(String, String)> {
        let rows = self.rows.list(from, to, limit);
        self.read.set(self.read.get() + 1 + rows.len());
        rows
    }
}

pub struct TestInbox {
    pub rows: BTreeMap<String, String>,
    pub now: Millis,
    pub alarm: Option<Millis>,
    pub log: Vec<String>,
    /// The ids of the calls in flight.
    pub flights: Vec<String>,
    /// Rows written, alarms set included.
    pub written: usize,
    /// Calls that were started and not returned yet.
    started: Vec<Call>,
}

impl TestInbox {
    /// A practice that is not registered.
    pub fn unknown() -> Self {
        Self::with_rows(BTreeMap::new(), START)
    }

    /// A new process that continues with the stored rows.
    pub fn with_rows(rows: BTreeMap<String, String>, now: Millis) -> Self {
        let (log, flights, started) = (Vec::new(), Vec::new(), Vec::new());
        let mut inbox = Self { rows, now, alarm: None, log, flights, written: 0, started };
        inbox.step(Input::Start {});
        inbox
    }

    /// The process ends, and its calls in flight are lost; another one takes over.
    pub fn restart(&mut self) {
        self.flights.clear();
        self.started.clear();
        self.step(Input::Start {});
    }

    /// A registered practice that has been compared with an empty list.
    pub fn registered(registration: &Json) -> Self {
        let mut inbox = Self::unknown();
        inbox.register(registration);
        let page = inbox.run_alarm().pop().expect("a call");
        inbox.respond(&page, 200, &list(&[], false));
        inbox
    }

    pub fn register(&mut self, registration: &Json) -> Reply {
        let registration = Registration::parse(registration.to_string().as_bytes());
        self.ask(Ask::Register(Box::new(registration.expect("a registration"))))
    }

    pub fn ask(&mut self, ask: Ask) -> Reply {
        let company_id = COMPANY.try_into().expect("an id");
        self.step(Input::Request { company_id, ask }).reply.expect("a reply")
    }

    pub fn notify(&mut self, number: u32) -> Reply {
        self.ask(Ask::Notification { rx_id: rx(number).parse().expect("a GUID"), is_admitted: true })
    }

    /// Runs the alarm now. Returns all calls that were started and not returned yet.
    pub fn run_alarm(&mut self) -> Vec<Call> {
        self.step(Input::Alarm {});
        std::mem::take(&mut self.started)
    }

    /// Returns the calls that were started and not returned yet.
    pub fn take_calls(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.started)
    }

    /// Returns the calls that were started. If there are none, waits for the alarm and runs it.
    pub fn wait(&mut self) -> Vec<Call> {
        if self.started.is_empty() {
            self.now = self.now.max(self.alarm.expect("an alarm"));
            return self.run_alarm();
        }
        std::mem::take(&mut self.started)
    }

    /// Responds to each call until there is nothing more to do now. Returns the calls.
    pub fn serve(&mut self, mut response: impl FnMut(&Call) -> (u16, String)) -> Vec<Call> {
        let mut calls = self.run_alarm();
        let mut served = 0;
        while let Some(call) = calls.get(served).cloned() {
            let (status, body) = response(&call);
            self.respond(&call, status, &body);
            calls.append(&mut self.started);
            served += 1;
        }
        calls
    }

    pub fn respond(&mut self, call: &Call, status: u16, body: &str) -> Effects {
        self.respond_with(call, status, None, body)
    }

    pub fn respond_with(&mut self, call: &Call, status: u16, retry_after: Option<&str>, body: &str) -> Effects {
        let headers = ResponseHeaders { retry_after: retry_after.map(str::to_owned) };
        self.step(Input::Response(Response { call: call.id.clone(), status, headers, body: body.to_owned() }))
    }

    pub fn fail(&mut self, call: &Call, reason: Reason) -> Effects {
        self.step(Input::Failure(Failure { call: call.id.clone(), reason }))
    }

    pub fn step(&mut self, input: Input) -> Effects {
        match &input {
            Input::Alarm {} => self.alarm = None,
            Input::Response(Response { call, .. }) | Input::Failure(Failure { call, .. }) => {
                self.flights.retain(|id| id != call);
            }
            _ => {}
        }
        let effects = step(&self.rows, &Settings::default(), input, self.flights.clone(), self.now);
        self.flights.extend(effects.calls.iter().map(|call| call.id.clone()));
        self.started.extend(effects.calls.iter().cloned());
        if effects.clear {
            self.rows.clear();
        }
        for (key, value) in &effects.writes {
            match value {
                Some(value) => drop(self.rows.insert(key.clone(), value.clone())),
                None => drop(self.rows.remove(key)),
            }
        }
        let alarm = self.alarm;
        if let Some(at) = effects.wake_at {
            self.alarm = at;
        }
        if let Some(at) = effects.wake_by {
            self.alarm = Some(self.alarm.map_or(at, |alarm| alarm.min(at)));
        }
        self.written += effects.writes.len() + usize::from(alarm != self.alarm);
        self.log.extend(effects.log.iter().filter_map(|entry| serde_json::to_string(entry).ok()));
        effects
    }

    pub fn state(&mut self) -> Json {
        serde_json::from_str(&self.ask(Ask::State {}).body).expect("JSON")
    }

    pub fn feed(&mut self, after: u64, limit: u32) -> Json {
        serde_json::from_str(&self.ask(Ask::Feed { after, limit, feed: None, key: None }).body).expect("JSON")
    }

    /// Returns the reported statuses in their order.
    pub fn reported(&mut self) -> Vec<String> {
        let page = self.feed(0, 1_000);
        let events = page["events"].as_array().expect("a list").iter();
        events.map(|event| event["status"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

pub fn rx(number: u32) -> String {
    format!("a09292aa-8b06-45f9-a73c-{number:012}")
}

pub fn row(number: u32, status: &str) -> Json {
    json!({ "RxId": rx(number), "OrderId": number, "Status": status, "CompanyId": COMPANY,
            "ScanningDate": "2025-03-04T08:00:00" })
}

pub fn order(number: u32, status: &str) -> String {
    json!({ "Data": row(number, status), "Status": 1 }).to_string()
}

pub fn list(rows: &[Json], has_more: bool) -> String {
    json!({ "Data": { "Results": rows, "HasMore": has_more }, "Status": 1 }).to_string()
}

/// A registration without optional fields.
pub fn bare() -> Json {
    json!({ "endpoints": { "v2": { "domain": "api.example", "path": "v2" } }, "accessToken": "first-token" })
}

pub fn with_refresh(refresh_token: &str) -> Json {
    let mut registration = bare();
    registration["refresh"] = json!({
        "tokenUrl": "https://id.example/token", "clientId": "id", "clientSecret": "s", "refreshToken": refresh_token
    });
    registration
}

pub fn with_consumer() -> Json {
    let mut registration = bare();
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    registration["deliverTo"] = json!({ "url": "https://consumer.example/hook?key=k", "secret": secret });
    registration
}

pub fn header<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.headers.get(name).map(String::as_str)
}
