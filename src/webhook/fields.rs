//! Reads the JSON object in a request's body, and reports all of its errors at once.

use serde_json::{Map, Value};

use super::reply::FieldError;
use crate::json;

const OBJECT: &str = "must be an object";

/// Reads a body with `read`; on failure, returns everything that is wrong with it.
pub(super) fn read<T>(body: &[u8], read: impl FnOnce(&mut Fields<'_>) -> T) -> Result<T, Vec<FieldError>> {
    // Some programs start every text with a byte order mark.
    let body: Option<Map<String, Value>> =
        str::from_utf8(body).ok().and_then(|body| json::read(body.trim_start_matches('\u{feff}')));
    let Some(body) = body else { return Err(vec![FieldError::new("", "must be a JSON object")]) };
    let mut fields = Fields { errors: Vec::new(), prefix: String::new(), object: &body };
    let value = read(&mut fields);
    if fields.errors.is_empty() { Ok(value) } else { Err(fields.errors) }
}

/// An object while it is checked.
pub(super) struct Fields<'a> {
    errors: Vec<FieldError>,
    /// The object's path and a dot.
    prefix: String,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key)
    }

    pub fn refuse(&mut self, key: &str, message: &'static str) {
        let path = format!("{}{key}", self.prefix);
        self.errors.push(FieldError::new(path.trim_end_matches('.'), message));
    }

    /// Refuses every other key, since it is probably a misspelling.
    pub fn refuse_unknown(&mut self, keys: &[&str]) {
        for key in self.object.keys().filter(|key| !keys.contains(&key.as_str())) {
            // The whole key is not repeated, since it can be anything, even a misplaced secret.
            let short: String = key.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
            self.refuse(&short, "is not a known field");
        }
    }

    /// Returns a required string, or an empty one after recording an error.
    pub fn string(&mut self, key: &str, must: &'static str, is_valid: impl Fn(&str) -> bool) -> String {
        match self.get(key).and_then(Value::as_str).filter(|text| is_valid(text)) {
            Some(text) => text.to_owned(),
            None => {
                self.refuse(key, must);
                String::new()
            }
        }
    }

    /// Returns a string that may be missing or `null`.
    pub fn optional_string(
        &mut self,
        key: &str,
        must: &'static str,
        is_valid: impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let value = self.get(key).filter(|value| !value.is_null())?;
        let text = value.as_str().filter(|text| is_valid(text));
        if text.is_none() {
            self.refuse(key, must);
        }
        text
    }

    /// Reads a required object.
    pub fn required<T>(&mut self, key: &str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let Some(Value::Object(object)) = self.get(key) else {
            self.refuse(key, OBJECT);
            return None;
        };
        let prefix = format!("{}{key}.", self.prefix);
        let mut within = Fields { errors: std::mem::take(&mut self.errors), prefix, object };
        let value = read(&mut within);
        self.errors = within.errors;
        Some(value)
    }

    /// Reads an object that may be missing or `null`.
    pub fn optional<T>(&mut self, key: &str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        match self.get(key) {
            None | Some(Value::Null) => None,
            Some(_) => self.required(key, read),
        }
    }
}
