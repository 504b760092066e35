//! The inbox's guarantees, checked after every step.

use std::collections::{BTreeMap, BTreeSet};

use itero_dpms::webhook::clock::{DAY, MINUTE, Millis};
use itero_dpms::webhook::inbox::Effects;
use serde::Deserialize;
use serde_json::Value;

use crate::process::Process;

/// Strings that must never be in an event, a log or a state.
const SECRETS: [&str; 6] = ["access-secret", "refresh-secret", "client-secret", "whsec_", "Patientia", "Secreta"];

/// The error names the guarantee that was broken.
pub type Checked = Result<(), String>;

/// A response to the call for an order.
pub struct Proof<'a> {
    pub rx_id: &'a str,
    /// When the service sent it.
    pub sent_at: u64,
    /// `None` if it knows no such order.
    pub status: Option<&'a str>,
}

#[derive(Default)]
pub struct Checks {
    /// Acknowledged notifications that no response covers yet: when the last one of an RX arrived, as tick and as time.
    acknowledged: BTreeMap<String, (u64, Millis)>,
    /// When each order was reported last.
    reported_at: BTreeMap<String, Millis>,
    /// The last reported status of each order.
    pub reported: BTreeMap<String, String>,
    /// The ids of all events, in order.
    pub ids: Vec<String>,
    seen: BTreeSet<String>,
}

impl Checks {
    /// Records that a notification was acknowledged.
    pub fn acknowledged(&mut self, rx_id: &str, at: u64, now: Millis) {
        self.acknowledged.insert(rx_id.to_owned(), (at, now));
    }

    /// Checks a step that was stored.
    pub fn stored(&mut self, effects: &Effects, proof: Option<&Proof<'_>>, now: Millis) -> Checked {
        for (key, value) in &effects.writes {
            match (key.split_once('/'), value) {
                (Some(("event", seq)), Some(event)) => self.event(seq, event, now)?,
                (Some(("fetch", rx_id)), None) => self.settled(rx_id, proof, now)?,
                _ => {}
            }
        }
        for entry in &effects.log {
            no_secrets(&serde_json::to_string(entry).map_err(|error| error.to_string())?)?;
        }
        Ok(())
    }

    /// Checks that an event has the next number and is new.
    fn event(&mut self, seq: &str, json: &str, now: Millis) -> Checked {
        no_secrets(json)?;
        let event: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let string = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let (id, rx_id, status) = (string("id"), string("rxId"), string("status"));
        let expected_seq = self.ids.len() as u64 + 1;
        if event["seq"] != expected_seq || seq.parse() != Ok(expected_seq) {
            return Err(format!("event {expected_seq} has seq {seq}"));
        }
        if !self.seen.insert(id.clone()) {
            return Err(format!("{rx_id} {status} is reported twice, with the same id"));
        }
        self.ids.push(id);
        let before = self.reported.insert(rx_id.clone(), status.clone());
        let since = self.reported_at.insert(rx_id.clone(), now);
        if event["type"] == "scan.updated" {
            let is_update = before.as_ref() == Some(&status) && event["source"] == "callback";
            let is_repeated = since.is_none_or(|since| since + MINUTE > now);
            return if is_update && !is_repeated { Ok(()) } else { Err(format!("{rx_id} is no update")) };
        }
        if before.as_ref() == Some(&status) {
            return Err(format!("{rx_id} {status} is reported twice"));
        }
        if event["previousStatus"].as_str() != before.as_deref() {
            return Err(format!("{rx_id} was {before:?} before, not {}", event["previousStatus"]));
        }
        let expected = if before.is_none() { "order.ready" } else { "order.changed" };
        if event["type"] != expected { Err(format!("{rx_id} is reported as {}", event["type"])) } else { Ok(()) }
    }

    /// Checks that the work on an RX ended with a response that was sent after its last notification and was reported.
    fn settled(&mut self, rx_id: &str, proof: Option<&Proof<'_>>, now: Millis) -> Checked {
        let Some((acknowledged_at, since)) = self.acknowledged.remove(rx_id) else { return Ok(()) };
        let Some(proof) = proof.filter(|proof| proof.rx_id == rx_id) else {
            let is_expired = since + 30 * DAY <= now;
            return if is_expired { Ok(()) } else { Err(format!("{rx_id} is dropped without a response")) };
        };
        if proof.sent_at < acknowledged_at {
            return Err(format!("{rx_id}: the response is older than its notification"));
        }
        match proof.status {
            Some(status) if self.reported.get(rx_id).is_none_or(|reported| reported != status) => {
                Err(format!("{rx_id} is {status}, which is not reported"))
            }
            None if since + DAY > now => Err(format!("{rx_id} is abandoned too early")),
            _ => Ok(()),
        }
    }

    /// Checks what must hold at any time.
    pub fn invariants(&self, process: &Process) -> Checked {
        if let Some(rx_id) =
            self.acknowledged.keys().find(|rx_id| !process.rows.contains_key(&format!("fetch/{rx_id}")))
        {
            return Err(format!("{rx_id} was acknowledged and is neither waiting nor reported"));
        }
        if process.has("fetch/") && process.alarm.is_none() {
            return Err("work is pending, but no alarm is set".into());
        }
        agenda(process)?;
        lanes(process)?;
        let mut calls = BTreeSet::new();
        let target = |id: &str| id.split('/').take(2).collect::<Vec<_>>().join("/");
        let twice =
            process.flights.iter().map(|flight| target(&flight.call.id)).find(|call| !calls.insert(call.clone()));
        twice.map_or(Ok(()), |call| Err(format!("{call} is in flight twice")))
    }
}

/// What waits, as far as its place on the agenda depends on it.
#[derive(Deserialize)]
struct Waiting {
    due: Option<Millis>,
}

/// What waits is on the agenda once, by when it is due, and nothing else is.
fn agenda(process: &Process) -> Checked {
    let with = |prefix: &'static str| {
        process.rows.range(prefix.to_owned()..).take_while(move |(key, _)| key.starts_with(prefix))
    };
    let mut places = BTreeMap::new();
    for (key, _) in with("due/") {
        let [_, _, due, name] =
            key.split('/').collect::<Vec<_>>().try_into().map_err(|_| format!("{key} is no place"))?;
        if places.insert(name, due).is_some() {
            return Err(format!("{name} is on the agenda twice"));
        }
    }
    for (key, row) in with("fetch/").chain(with("deliver/")) {
        let row: Waiting = serde_json::from_str(row).map_err(|error| error.to_string())?;
        let name = key.rsplit('/').next().unwrap_or_default();
        let place = places.remove(name).and_then(|due| due.parse::<Millis>().ok());
        if place != row.due {
            return Err(format!("{key} is due at {:?}, and is on the agenda at {place:?}", row.due));
        }
    }
    places.first_key_value().map_or(Ok(()), |(name, _)| Err(format!("{name} is on the agenda and does not wait")))
}

/// No more calls are under way than a lane has room for, those that hang included.
fn lanes(process: &Process) -> Checked {
    for (kind, most) in [("order/", 8), ("deliver/", 6), ("page/", 1), ("refresh/", 1)] {
        let calls = process.flights.iter().filter(|flight| flight.call.id.starts_with(kind)).count();
        if calls > most {
            return Err(format!("{calls} calls of {kind} are under way"));
        }
    }
    Ok(())
}

pub fn no_secrets(text: &str) -> Checked {
    let found = SECRETS.iter().find(|secret| text.contains(*secret));
    found.map_or(Ok(()), |secret| Err(format!("{secret} is in {text}")))
}
