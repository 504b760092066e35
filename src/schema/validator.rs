//! Validating what callers pass: every fault is found, and reported with what is allowed, before anything is sent.

use super::input::{Argument, Input};
use crate::scalar::PlainDate;

/// A field whose value is not allowed, and what is allowed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, tsify::Tsify)]
pub struct FieldError {
    /// The argument's name, such as `dateOfBirth`, with a dot before a nested one.
    pub field: String,
    /// What is allowed; never the value itself.
    pub message: String,
}

impl FieldError {
    /// Returns the fault of a field that must be something else.
    pub(crate) fn must_be(field: impl Into<String>, allowed: &str) -> Self {
        Self { field: field.into(), message: ["must be ", allowed].concat() }
    }
}

const AN_OBJECT: &str = "an object";

/// Reads an object that a caller passed, field by field.
pub struct Validator<'a> {
    /// The prefix of the names of nested fields, with its dot.
    prefix: String,
    entries: &'a [(String, Argument)],
    known: Vec<&'static str>,
    faults: Vec<FieldError>,
    /// The latest day that is not in the future in any time zone.
    latest_day: PlainDate,
}

impl<'a> Validator<'a> {
    /// Starts with the object that the caller passed as `name`, at a time in milliseconds since 1970. A missing object has no
    /// fields.
    pub(crate) fn new(name: &str, object: &'a Argument, now_ms: f64) -> Result<Self, Vec<FieldError>> {
        // In some time zones it is already tomorrow.
        let tomorrow = PlainDate::from_days_since_epoch((now_ms / 86_400_000.0) as i64 + 1);
        Self::nested(String::new(), object, tomorrow).ok_or_else(|| vec![FieldError::must_be(name, AN_OBJECT)])
    }

    fn nested(prefix: String, object: &'a Argument, latest_day: PlainDate) -> Option<Self> {
        let entries: &[_] = match object {
            Argument::Object(entries) => entries,
            Argument::Missing => &[],
            _ => return None,
        };
        Some(Self { prefix, entries, known: Vec::new(), faults: Vec::new(), latest_day })
    }

    /// Returns what was passed as `field`, and records it as a field that is allowed.
    pub(crate) fn get(&mut self, field: &'static str) -> &'a Argument {
        self.known.push(field);
        self.entries.iter().find(|(name, _)| name == field).map_or(&Argument::Missing, |(_, value)| value)
    }

    /// Returns the field's value, or records a fault.
    pub(crate) fn required<I: Input>(&mut self, field: &'static str) -> Option<I::Value> {
        let value = self.get(field);
        I::read_field(self, field, value)
    }

    /// Returns the field's value; `None` if it is missing or not allowed. In the latter case, a fault is recorded.
    pub(crate) fn optional<I: Input>(&mut self, field: &'static str) -> Option<I::Value> {
        let value = self.get(field);
        if value.is_missing() { None } else { I::read_field(self, field, value) }
    }

    /// Records that a field must be something else.
    pub(crate) fn must_be(&mut self, field: &str, allowed: &str) {
        self.faults.push(FieldError::must_be(self.path(field), allowed));
    }

    /// Records a fault of a field.
    pub(crate) fn fault(&mut self, field: &str, message: &str) {
        self.faults.push(FieldError { field: self.path(field), message: message.to_owned() });
    }

    fn path(&self, field: &str) -> String {
        [&self.prefix, field].concat()
    }

    /// Reads the fields of a nested object, whose faults are reported as `field.name`.
    pub(crate) fn object<T>(
        &mut self,
        field: &str,
        value: &Argument,
        read: impl FnOnce(&mut Validator<'_>) -> Option<T>,
    ) -> Option<T> {
        let Some(mut inner) = Validator::nested([&self.prefix, field, "."].concat(), value, self.latest_day) else {
            self.must_be(field, AN_OBJECT);
            return None;
        };
        let read = read(&mut inner);
        self.faults.append(&mut inner.into_faults());
        read
    }

    /// Returns the latest day that is not in the future.
    pub(crate) fn latest_day(&self) -> PlainDate {
        self.latest_day
    }

    /// Whether no fault has been found so far.
    pub(crate) fn is_faultless(&self) -> bool {
        self.faults.is_empty()
    }

    /// Returns the value, unless a fault was found. A field that was passed but never read counts as a fault.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        let faults = self.into_faults();
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            _ => Err(faults),
        }
    }

    fn into_faults(mut self) -> Vec<FieldError> {
        for (name, _) in self.entries {
            if !self.known.contains(&name.as_str()) {
                let message = ["is not known; allowed are ", &self.known.join(", ")].concat();
                self.faults.push(FieldError { field: self.path(name), message });
            }
        }
        self.faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Guid;
    use crate::schema::input::{Flag, Text, Timeout};

    #[test]
    fn every_fault_is_found_and_named_with_what_is_allowed() {
        let object = |entries: &[(&str, Argument)]| {
            Argument::Object(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
        };
        let passed = object(&[
            ("timeoutMs", Argument::Number(0.0)),
            ("retry", object(&[("create", Argument::Text("yes".into()))])),
            ("bogus", Argument::Missing),
            ("chartNumber", Argument::Missing),
        ]);
        let mut query = Validator::new("query", &passed, 0.0).unwrap();
        query.required::<Guid>("rxId");
        query.optional::<Timeout>("timeoutMs");
        let retry = query.get("retry");
        query.object("retry", retry, |retry| retry.optional::<Flag>("create"));
        query.optional::<Text>("chartNumber");
        let faults = query.finish(Some(())).unwrap_err();
        let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.message.as_str())).collect();
        assert_eq!(
            faults,
            [
                ("rxId", "must be a GUID such as a09292aa-8b06-45f9-a73c-350538bb32f3"),
                ("timeoutMs", "must be milliseconds above 0, up to 2147483647"),
                ("retry.create", "must be true or false"),
                ("bogus", "is not known; allowed are rxId, timeoutMs, retry, chartNumber"),
            ]
        );
    }

    #[test]
    fn what_is_not_an_object_has_no_fields() {
        let faults = Validator::new("query", &Argument::Flag(true), 0.0).err().unwrap();
        assert_eq!(faults, [FieldError { field: "query".into(), message: "must be an object".into() }]);
        assert!(Validator::new("query", &Argument::Missing, 0.0).is_ok());
    }
}
