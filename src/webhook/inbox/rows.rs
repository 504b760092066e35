//! What is stored: one sorted table of keys with JSON values. A step reads the table as it was, with the step's own writes
//! applied.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json;
use crate::scalar::Guid;
use crate::webhook::reply::to_json;

/// The rows of an inbox before a step.
pub trait Rows {
    /// Returns the value of a key.
    fn get(&self, key: &str) -> Option<String>;
    /// Returns at most `limit` rows with keys from `from` on and below `to`, in the order of their keys.
    fn list(&self, from: &str, to: &str, limit: usize) -> Vec<(String, String)>;
    /// Returns how many such rows there are, up to `limit`.
    fn count(&self, from: &str, to: &str, limit: usize) -> usize {
        self.list(from, to, limit).len()
    }
    /// Returns whether there are at least `most` such rows. An implementation can remember the result, so that it need not
    /// count them each time.
    fn are_as_many(&self, from: &str, to: &str, most: usize) -> bool {
        self.count(from, to, most) == most
    }
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
    /// Present if everything that waits is on the agenda.
    pub const AGENDA: &str = "agenda";

    /// Followed by an RX's id: `Work`.
    pub const FETCH: &str = "fetch/";
    /// Followed by an RX's id: `KnownOrder`.
    pub const ORDER: &str = "order/";
    /// Followed by a number: `OrderEvent`.
    pub const EVENT: &str = "event/";
    /// Followed by an event's number: `Delivery`, in progress.
    pub const DELIVER: &str = "deliver/";
    /// Followed by an event's number: `Delivery`, given up.
    pub const FAILED: &str = "failed/";
    /// Followed by the id of a practice that is not registered: when it was admitted.
    pub const ADMITTED: &str = "admitted/";
    /// Followed by a place on the agenda, and an RX's id or an event's number.
    pub const DUE: &str = "due/";

    /// Returns the key of an RX's row.
    pub fn of_rx(prefix: &str, rx_id: Guid) -> String {
        format!("{prefix}{rx_id}")
    }

    /// Returns the key of an event's row.
    pub fn of_event(prefix: &str, number: u64) -> String {
        format!("{prefix}{}", seq(number))
    }

    /// Returns an event's number as it is in keys, which sort as numbers do.
    pub fn seq(number: u64) -> String {
        format!("{number:012}")
    }

    /// Returns the first key after all keys with a prefix that ends in a slash.
    pub fn after(prefix: &str) -> String {
        format!("{}0", prefix.trim_end_matches('/')) // the character after the slash
    }
}

/// The rows during a step.
pub(super) struct Store<'a> {
    rows: &'a dyn Rows,
    /// Sorted by keys.
    writes: Vec<Write>,
}

/// A key and its value, or `None` to delete the row.
pub type Write = (String, Option<String>);

impl<'a> Store<'a> {
    pub fn new(rows: &'a dyn Rows) -> Self {
        Self { rows, writes: Vec::new() }
    }

    /// What the step has written.
    pub fn into_writes(self) -> Vec<Write> {
        self.writes
    }

    pub fn text(&self, key: &str) -> Option<String> {
        match self.writes.get(self.place(key)) {
            Some((written, value)) if written == key => value.clone(),
            _ => self.rows.get(key),
        }
    }

    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        read(&self.text(key)?)
    }

    pub fn put(&mut self, key: &str, value: &impl Serialize) {
        self.write(key, Some(to_json(value)));
    }

    pub fn remove(&mut self, key: &str) {
        if self.text(key).is_some() {
            self.write(key, None);
        }
    }

    /// Returns how many rows with a prefix there were before the step, up to `limit`.
    pub fn count(&self, prefix: &str, limit: usize) -> usize {
        self.rows.count(prefix, &key::after(prefix), limit)
    }

    /// Returns whether at least `most` rows with a prefix existed before the step.
    pub fn are_as_many(&self, prefix: &str, most: usize) -> bool {
        self.rows.are_as_many(prefix, &key::after(prefix), most)
    }

    /// Returns at most `limit` rows with a prefix, from a key on.
    pub fn texts(&self, prefix: &str, from: &str, limit: usize) -> Vec<(String, String)> {
        let to = key::after(prefix);
        let from = from.max(prefix);
        let written = self.writes.get(self.place(from)..self.place(&to)).unwrap_or_default();
        let mut rows = self.rows.list(from, &to, limit.saturating_add(written.len()));
        for (key, value) in written {
            match (rows.binary_search_by(|(other, _)| other.cmp(key)), value) {
                (Ok(at), None) => drop(rows.remove(at)),
                (Ok(at), Some(value)) => {
                    if let Some(row) = rows.get_mut(at) {
                        row.1.clone_from(value);
                    }
                }
                (Err(at), Some(value)) => rows.insert(at, (key.clone(), value.clone())),
                (Err(_), None) => {}
            }
        }
        rows.truncate(limit);
        rows
    }

    /// Returns at most `limit` values with a prefix, each with the rest of its key.
    pub fn list<T: DeserializeOwned>(&self, prefix: &str, limit: usize) -> Vec<(String, T)> {
        let value = |(key, text): (String, String)| Some((key.strip_prefix(prefix)?.to_owned(), read(&text)?));
        self.texts(prefix, prefix, limit).into_iter().filter_map(value).collect()
    }

    fn write(&mut self, key: &str, value: Option<String>) {
        let place = self.place(key);
        match self.writes.get_mut(place) {
            Some(write) if write.0 == key => write.1 = value,
            _ => self.writes.insert(place, (key.to_owned(), value)),
        }
    }

    /// Returns the position of a key among the writes, or where it would be inserted.
    fn place(&self, key: &str) -> usize {
        self.writes.partition_point(|(other, _)| other.as_str() < key)
    }
}

/// Reads a row; `None` if it is malformed.
pub(super) fn read<T: DeserializeOwned>(row: &str) -> Option<T> {
    json::read(row)
}

#[cfg(any(test, not(target_arch = "wasm32")))]
impl Rows for std::collections::BTreeMap<String, String> {
    fn get(&self, key: &str) -> Option<String> {
        std::collections::BTreeMap::get(self, key).cloned()
    }

    fn list(&self, from: &str, to: &str, limit: usize) -> Vec<(String, String)> {
        let rows = self.range::<str, _>((std::ops::Bound::Included(from), std::ops::Bound::Excluded(to)));
        rows.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::webhook::inbox::input::Ask;
    use crate::webhook::inbox::retention::Sweep;
    use crate::webhook::inbox::testing::{TestInbox, order, with_consumer};

    #[test]
    fn a_step_reads_what_it_has_written() {
        let stored: BTreeMap<String, String> =
            (1..=5).map(|number| (format!("event/{number}"), number.to_string())).collect();
        let mut store = Store::new(&stored);
        store.remove("event/1");
        store.remove("event/9");
        store.put("event/3", &30_i64);
        store.put("event/6", &6_i64);
        let numbers = |limit| store.list::<i64>(key::EVENT, limit).into_iter().map(|(_, number)| number);
        assert_eq!(numbers(9).collect::<Vec<_>>(), [2, 30, 4, 5, 6]);
        assert_eq!(numbers(2).collect::<Vec<_>>(), [2, 30]);
        let from: Vec<_> = store.texts(key::EVENT, "event/5", 9).into_iter().map(|(key, _)| key).collect();
        assert_eq!(from, ["event/5", "event/6"]);
        assert_eq!(store.get::<i64>("event/1"), None);
        assert_eq!(store.into_writes().len(), 3, "what is not there need not be deleted");
    }

    #[test]
    fn a_malformed_row_is_none_and_a_field_of_a_later_release_is_ignored() {
        let row = r#"{"due":7,"next":"order/1","later":{"release":[1.5]}}"#;
        assert_eq!(read::<Sweep>(row).map(|sweep| (sweep.due, sweep.next)), Some((7, "order/1".into())));
        for row in ["", "null", "[]", "{}", r#"{"due":"7","next":""}"#, r#"{"due":7.5,"next":""}"#, r#"{"due":7"#] {
            assert!(read::<Sweep>(row).is_none(), "{row}");
        }
    }

    #[test]
    fn an_inbox_with_any_row_malformed_goes_on() {
        let mut inbox = TestInbox::registered(&with_consumer());
        inbox.notify(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        inbox.respond(&call, 200, &order(1, "Completed"));
        inbox.notify(2);
        assert!(inbox.rows.len() > 8, "{:?}", inbox.rows.keys());
        for key in inbox.rows.keys() {
            for row in ["", "null", "{}", "7"] {
                let rows: BTreeMap<_, _> = [(key.clone(), row.to_owned())].into();
                let rows = inbox.rows.clone().into_iter().chain(rows).collect();
                let mut broken = TestInbox::with_rows(rows, inbox.now);
                broken.run_alarm();
                assert_eq!(broken.notify(3).status, 202, "{key}: {row}");
                assert_eq!(broken.ask(Ask::State {}).status, 200, "{key}: {row}");
            }
        }
    }

    #[test]
    fn the_rows_of_a_prefix_are_no_others() {
        assert!("event/999999999999" < key::after(key::EVENT).as_str());
        assert!(key::after(key::EVENT).as_str() < "event1");
        assert!(key::of_event(key::EVENT, 9) < key::of_event(key::EVENT, 10));
    }
}
