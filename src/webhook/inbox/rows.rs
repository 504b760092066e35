//! What is stored: one ordered table from keys to JSON. A step reads it as it was, changed by what the step has written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire::Guid;

/// The rows of an inbox before a step.
pub trait Rows {
    /// The value of a key.
    fn get(&self, key: &str) -> Option<String>;
    /// At most `limit` rows with keys from `from` on and before `to`, in the order of their keys.
    fn list(&self, from: &str, to: &str, limit: usize) -> Vec<(String, String)>;
}

/// The keys.
pub(super) mod key {
    use super::Guid;

    /// `Registered`.
    pub const PRACTICE: &str = "practice";
    /// `Token`.
    pub const TOKEN: &str = "token";
    /// `Pause` of the calls to the API.
    pub const API: &str = "api";
    /// `Pause` of the calls to the consumer.
    pub const CONSUMER: &str = "consumer";
    /// `Counts`.
    pub const COUNTS: &str = "counts";
    /// `Reconciliation`.
    pub const RECONCILE: &str = "reconcile";
    /// `Sweep`.
    pub const SWEEP: &str = "sweep";

    /// Before an RX's id: `Work`.
    pub const FETCH: &str = "fetch/";
    /// Before an RX's id: `Told`.
    pub const ORDER: &str = "order/";
    /// Before a number: `OrderEvent`.
    pub const EVENT: &str = "event/";
    /// Before an event's number: `Delivery`, on its way.
    pub const DELIVER: &str = "deliver/";
    /// Before an event's number: `Delivery`, given up.
    pub const FAILED: &str = "failed/";

    /// The row of an RX.
    pub fn of_rx(prefix: &str, rx_id: Guid) -> String {
        format!("{prefix}{rx_id}")
    }

    /// The row of an event; numbers sort as texts do.
    pub fn of_event(prefix: &str, seq: u64) -> String {
        format!("{prefix}{seq:012}")
    }

    /// After every key with a prefix that ends in a slash.
    pub fn after(prefix: &str) -> String {
        format!("{}0", prefix.trim_end_matches('/')) // the character after the slash
    }
}

/// The rows within a step.
pub(super) struct Store<'a> {
    rows: &'a dyn Rows,
    writes: BTreeMap<String, Option<String>>,
}

impl<'a> Store<'a> {
    pub fn new(rows: &'a dyn Rows) -> Self {
        Self { rows, writes: BTreeMap::new() }
    }

    /// What the step has written: values, or `None` for rows to delete.
    pub fn into_writes(self) -> Vec<(String, Option<String>)> {
        self.writes.into_iter().collect()
    }

    pub fn text(&self, key: &str) -> Option<String> {
        match self.writes.get(key) {
            Some(written) => written.clone(),
            None => self.rows.get(key),
        }
    }

    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(&self.text(key)?).ok()
    }

    pub fn put<T: Serialize>(&mut self, key: impl Into<String>, value: &T) {
        // These types always serialise; a row that did not must not become another.
        if let Ok(json) = serde_json::to_string(value) {
            self.writes.insert(key.into(), Some(json));
        }
    }

    pub fn remove(&mut self, key: impl Into<String>) {
        let key = key.into();
        if self.text(&key).is_some() {
            self.writes.insert(key, None);
        }
    }

    /// At most `limit` rows with a prefix, from a key on.
    pub fn texts(&self, prefix: &str, from: &str, limit: usize) -> Vec<(String, String)> {
        let to = key::after(prefix);
        let from = from.max(prefix);
        let written = || self.writes.range::<str, _>((from_bound(from), to_bound(&to)));
        let stored = self.rows.list(from, &to, limit.saturating_add(written().count()));
        let mut rows: BTreeMap<String, String> = stored.into_iter().collect();
        for (key, value) in written() {
            match value {
                Some(value) => drop(rows.insert(key.clone(), value.clone())),
                None => drop(rows.remove(key)),
            }
        }
        rows.into_iter().take(limit).collect()
    }

    /// At most `limit` values with a prefix, with what follows it in their keys.
    pub fn list<T: DeserializeOwned>(&self, prefix: &str, limit: usize) -> Vec<(String, T)> {
        let read = |(key, text): (String, String)| {
            Some((key.strip_prefix(prefix)?.to_owned(), serde_json::from_str(&text).ok()?))
        };
        self.texts(prefix, prefix, limit).into_iter().filter_map(read).collect()
    }
}

fn from_bound(from: &str) -> std::ops::Bound<&str> {
    std::ops::Bound::Included(from)
}

fn to_bound(to: &str) -> std::ops::Bound<&str> {
    std::ops::Bound::Excluded(to)
}

impl Rows for BTreeMap<String, String> {
    fn get(&self, key: &str) -> Option<String> {
        BTreeMap::get(self, key).cloned()
    }

    fn list(&self, from: &str, to: &str, limit: usize) -> Vec<(String, String)> {
        let rows = self.range::<str, _>((from_bound(from), to_bound(to))).take(limit);
        rows.map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_what_it_has_written() {
        let stored: BTreeMap<String, String> =
            (1..=5).map(|number| (format!("event/{number}"), number.to_string())).collect();
        let mut store = Store::new(&stored);
        store.remove("event/1");
        store.remove("event/9");
        store.put("event/3", &30);
        store.put("event/6", &6);
        let numbers = |limit| store.list::<i32>(key::EVENT, limit).into_iter().map(|(_, number)| number);
        assert_eq!(numbers(9).collect::<Vec<_>>(), [2, 30, 4, 5, 6]);
        assert_eq!(numbers(2).collect::<Vec<_>>(), [2, 30]);
        let from: Vec<_> = store.texts(key::EVENT, "event/5", 9).into_iter().map(|(key, _)| key).collect();
        assert_eq!(from, ["event/5", "event/6"]);
        assert_eq!(store.get::<i32>("event/1"), None);
        assert_eq!(store.into_writes().len(), 3, "what is not there need not be deleted");
    }

    #[test]
    fn the_rows_of_a_prefix_are_no_others() {
        assert!("event/999999999999" < key::after(key::EVENT).as_str());
        assert!(key::after(key::EVENT).as_str() < "event1");
        assert!(key::of_event(key::EVENT, 9) < key::of_event(key::EVENT, 10));
    }
}
