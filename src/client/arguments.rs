//! Reading the caller's arguments: every fault is found, named, and told with what is allowed, before anything is sent.
//!
//! They come as JSON, in which `client.js` names what JSON cannot hold.

use crate::api::procedures::SendTo;
use crate::client::platform;
use crate::engine::error::{DpmsError, FieldError};
use crate::json::{self, Reader, Token};
use crate::scalar::{Gender, Guid, Id, PlainDate, Timestamp};

/// A value that a caller gave.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Argument {
    /// `undefined` or `null`.
    Missing,
    Text(String),
    /// A number, and how JavaScript writes it.
    Number(f64, String),
    Flag(bool),
    Function,
    Signal,
    /// Something that no argument can be.
    Other,
    List(Vec<Argument>),
    Object(Vec<(String, Argument)>),
}

impl Argument {
    /// What `client.js` encoded.
    pub(crate) fn decode(json: &str) -> Self {
        Self::read(&mut Reader::new(json)).unwrap_or(Self::Other)
    }

    fn read(reader: &mut Reader<'_>) -> json::Result<Self> {
        reader.peek();
        let start = reader.at;
        Ok(match reader.token()? {
            Token::Null => Self::Missing,
            Token::Bool(flag) => Self::Flag(flag),
            Token::Whole(number) => Self::Number(number as f64, reader.since(start).to_owned()),
            Token::Float(number) => Self::Number(number, reader.since(start).to_owned()),
            Token::Text(text) => match (text.strip_prefix('='), text.as_ref()) {
                (Some(text), _) => Self::Text(text.to_owned()),
                (None, "function") => Self::Function,
                (None, "signal") => Self::Signal,
                (None, _) => Self::Other,
            },
            Token::Open(b'[') => {
                let mut items = reader.enter()?;
                let mut list = Vec::new();
                while reader.more(&mut items)? {
                    list.push(Self::read(reader)?);
                }
                Self::List(list)
            }
            Token::Open(_) => {
                let mut entries = reader.enter()?;
                let mut object = Vec::new();
                while let Some(key) = reader.key(&mut entries)? {
                    let key = key.into_owned();
                    object.push((key, Self::read(reader)?));
                }
                Self::Object(object)
            }
        })
    }

    /// The list's item at `index`.
    pub(crate) fn item(&self, index: usize) -> &Self {
        match self {
            Self::List(items) => items.get(index).unwrap_or(&Self::Missing),
            _ => &Self::Missing,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        if let Self::Number(number, _) = self { Some(*number) } else { None }
    }

    pub(crate) fn is_missing(&self) -> bool {
        *self == Self::Missing
    }
}

/// What a field takes: how to say it after "must be", and how to read it.
pub(crate) struct Kind<T> {
    pub expected: &'static str,
    pub read: fn(&Argument) -> Option<T>,
}

pub(crate) const TEXT: Kind<String> = Kind { expected: "a text", read: text };

pub(crate) const NAME: Kind<String> =
    Kind { expected: "a text that is not blank", read: |value| text(value).filter(|text| !text.trim().is_empty()) };

pub(crate) const ID: Kind<Id> = Kind {
    expected: "a whole number from 0 to 2^53 - 1, or its digits",
    read: |value| {
        let id: Option<Id> = match value.number() {
            Some(number) => number.try_into().ok(),
            None => value.text()?.parse().ok(),
        };
        id.filter(|id| *id >= Id::default())
    },
};

pub(crate) const GUID: Kind<Guid> =
    Kind { expected: "a GUID such as a09292aa-8b06-45f9-a73c-350538bb32f3", read: |value| value.text()?.parse().ok() };

/// An id as the wire's digits.
pub(crate) const DIGITS: Kind<String> = Kind { expected: ID.expected, read: |value| (ID.read)(value).map(Id::digits) };

/// A GUID as the wire's text.
pub(crate) const GUID_TEXT: Kind<String> =
    Kind { expected: GUID.expected, read: |value| (GUID.read)(value).map(|guid| guid.write(&mut [0; 36]).to_owned()) };

/// A gender as the word that every call takes (R24, R135).
pub(crate) const GENDER: Kind<String> = Kind {
    expected: "\"male\", \"female\" or null",
    read: |value| {
        let name = value.text()?;
        let gender = [Gender::Male, Gender::Female].into_iter().find(|gender| gender.name() == name)?;
        Some(gender.word().into())
    },
};

/// A birth date, sent without a time of day (R25, R134).
pub(crate) const BIRTH_DATE: Kind<String> = Kind {
    expected: "a day of the calendar as YYYY-MM-DD, not in the future",
    read: |value| {
        // Somewhere on earth it is already tomorrow.
        let tomorrow = PlainDate::from_days_since_epoch((platform::now_ms() / 86_400_000.0) as i64 + 1);
        text(value).filter(|text| PlainDate::parse(text).is_ok_and(|date| date <= tomorrow))
    },
};

/// A date, sent as the caller wrote it.
pub(crate) const DATE: Kind<String> =
    Kind { expected: "a date as YYYY-MM-DD", read: |value| text(value).filter(|text| PlainDate::parse(text).is_ok()) };

/// A date or a time, sent as the caller wrote it.
pub(crate) const DATE_OR_TIME: Kind<String> = Kind {
    expected: "a date as YYYY-MM-DD, or an RFC 3339 time",
    read: |value| text(value).filter(|text| matches!(Timestamp::parse(text), Ok(Some(_)))),
};

pub(crate) const COUNT: Kind<u32> =
    Kind { expected: "a whole number from 0 to 4294967295", read: |value| whole_number(value, 0, u32::MAX) };

pub(crate) const PAGE_SIZE: Kind<u32> =
    Kind { expected: "a whole number from 1 to 1024", read: |value| whole_number(value, 1, 1024) };

pub(crate) const LIMIT: Kind<u32> =
    Kind { expected: "a whole number from 1 to 100", read: |value| whole_number(value, 1, 100) };

pub(crate) const WINDOW_DAYS: Kind<u32> =
    Kind { expected: "a whole number of days from 1 to 3650", read: |value| whole_number(value, 1, 3650) };

pub(crate) const VERSION: Kind<u32> = Kind { expected: "2 or 3", read: |value| whole_number(value, 2, 3) };

/// One segment of a path, which cannot be one that leads out of it.
pub(crate) const SEGMENT: Kind<String> = Kind {
    expected: "a text that is not blank, nor \".\" or \"..\"",
    read: |value| text(value).filter(|text| !matches!(text.trim(), "" | "." | "..")),
};

pub(crate) const ATTEMPTS: Kind<u32> =
    Kind { expected: "a whole number from 1 to 100", read: |value| whole_number(value, 1, 100) };

/// The longest time that the platform's timers take.
const MAX_MS: f64 = i32::MAX as f64;

pub(crate) const DELAY: Kind<f64> = Kind {
    expected: "milliseconds from 0 to 2147483647",
    read: |value| value.number().filter(|ms| (0.0..=MAX_MS).contains(ms)),
};

pub(crate) const TIMEOUT: Kind<f64> = Kind {
    expected: "milliseconds above 0, up to 2147483647",
    read: |value| value.number().filter(|ms| *ms > 0.0 && *ms <= MAX_MS),
};

pub(crate) const FLAG: Kind<bool> =
    Kind { expected: "true or false", read: |value| if let Argument::Flag(flag) = value { Some(*flag) } else { None } };

/// A function, which stays in JavaScript.
pub(crate) const FUNCTION: Kind<()> =
    Kind { expected: "a function", read: |value| (*value == Argument::Function).then_some(()) };

/// A signal, which stays in JavaScript.
pub(crate) const SIGNAL: Kind<()> =
    Kind { expected: "an AbortSignal", read: |value| (*value == Argument::Signal).then_some(()) };

pub(crate) const SEND_TO: Kind<SendTo> = Kind {
    expected: "\"ortho-lab\", \"resto-lab\", \"myitero\" or \"none\"",
    read: |value| SendTo::named(value.text()?),
};

fn text(value: &Argument) -> Option<String> {
    value.text().map(str::to_owned)
}

fn whole_number(value: &Argument, min: u32, max: u32) -> Option<u32> {
    let number = value.number()?;
    let whole = number.fract() == 0.0 && number >= f64::from(min) && number <= f64::from(max);
    whole.then_some(number as u32)
}

/// Reads one argument that stands alone.
pub(crate) fn single<T>(name: &str, value: &Argument, kind: &Kind<T>) -> Result<T, DpmsError> {
    (kind.read)(value).ok_or_else(|| must_be(name, kind.expected))
}

/// The failure of one argument.
pub(crate) fn must_be(name: &str, expected: &str) -> DpmsError {
    DpmsError::invalid_argument(vec![fault(name.to_owned(), expected)])
}

fn fault(field: String, expected: &str) -> FieldError {
    FieldError { field, message: ["must be ", expected].concat() }
}

/// A parameter that is sent: its name here, its key on the wire, and what it may be.
pub(crate) struct Parameter {
    name: &'static str,
    key: &'static str,
    kind: &'static Kind<String>,
    required: bool,
}

impl Parameter {
    /// One that must be given.
    pub(crate) const fn must(name: &'static str, key: &'static str, kind: &'static Kind<String>) -> Self {
        Self { name, key, kind, required: true }
    }

    /// One that may be left out, and then is not sent.
    pub(crate) const fn may(name: &'static str, key: &'static str, kind: &'static Kind<String>) -> Self {
        Self { name, key, kind, required: false }
    }
}

const AN_OBJECT: &str = "an object";

/// An object of arguments, taken apart field by field.
pub(crate) struct Fields<'a> {
    /// Stands before the names of nested fields, with its dot.
    prefix: String,
    entries: &'a [(String, Argument)],
    known: Vec<&'static str>,
    faults: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`, which the caller knows as `name`. Without an object there are none.
    pub(crate) fn of(name: &str, object: &'a Argument) -> Result<Self, DpmsError> {
        Self::nested(String::new(), object).ok_or_else(|| must_be(name, AN_OBJECT))
    }

    fn nested(prefix: String, object: &'a Argument) -> Option<Self> {
        let entries: &[_] = match object {
            Argument::Object(entries) => entries,
            Argument::Missing => &[],
            _ => return None,
        };
        Some(Self { prefix, entries, known: Vec::new(), faults: Vec::new() })
    }

    /// The value under `field`.
    pub(crate) fn get(&mut self, field: &'static str) -> &'a Argument {
        self.known.push(field);
        self.entries.iter().find(|(name, _)| name == field).map_or(&Argument::Missing, |(_, value)| value)
    }

    /// The field's value, or a fault and a stand-in: `finish` must be called before the values are used.
    pub(crate) fn required<T: Default>(&mut self, field: &'static str, kind: &Kind<T>) -> T {
        let value = self.get(field);
        self.read(field, value, kind).unwrap_or_default()
    }

    /// The field's value, or `None` if it is missing or null.
    pub(crate) fn optional<T>(&mut self, field: &'static str, kind: &Kind<T>) -> Option<T> {
        let value = self.get(field);
        if value.is_missing() { None } else { self.read(field, value, kind) }
    }

    /// What is given of the parameters, under the wire's keys.
    pub(crate) fn given(&mut self, parameters: &[Parameter]) -> Vec<(String, String)> {
        let mut given = Vec::new();
        for Parameter { name, key, kind, required } in parameters {
            let value = self.get(name);
            if *required || !value.is_missing() {
                given.extend(self.read(name, value, kind).map(|value| ((*key).to_owned(), value)));
            }
        }
        given
    }

    fn read<T>(&mut self, field: &str, value: &Argument, kind: &Kind<T>) -> Option<T> {
        let read = (kind.read)(value);
        if read.is_none() {
            self.must_be(field, kind.expected);
        }
        read
    }

    pub(crate) fn must_be(&mut self, field: &str, expected: &str) {
        self.faults.push(fault(self.path(field), expected));
    }

    pub(crate) fn fault(&mut self, field: &str, message: &str) {
        self.faults.push(FieldError { field: self.path(field), message: message.to_owned() });
    }

    fn path(&self, field: &str) -> String {
        [&self.prefix, field].concat()
    }

    /// Reads the fields of the object under `field`; their names are told as `field.name`.
    pub(crate) fn object<T: Default>(
        &mut self,
        field: &str,
        value: &Argument,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> T {
        let Some(mut fields) = Fields::nested([&self.prefix, field, "."].concat(), value) else {
            self.must_be(field, AN_OBJECT);
            return T::default();
        };
        let read = read(&mut fields);
        self.faults.append(&mut fields.into_faults());
        read
    }

    pub(crate) fn is_faultless(&self) -> bool {
        self.faults.is_empty()
    }

    /// Fails with every fault found, an unknown field among them.
    pub(crate) fn finish(self) -> Result<(), DpmsError> {
        let faults = self.into_faults();
        if faults.is_empty() { Ok(()) } else { Err(DpmsError::invalid_argument(faults)) }
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

    fn faults(json: &str, read: impl FnOnce(&mut Fields<'_>)) -> Vec<(String, String)> {
        let object = Argument::decode(json);
        let mut fields = Fields::of("query", &object).ok().expect("an object");
        read(&mut fields);
        fields.into_faults().into_iter().map(|fault| (fault.field, fault.message)).collect()
    }

    #[test]
    fn every_fault_is_found_and_named_with_what_is_allowed() {
        let found =
            faults(r#"{"pageSize":1025,"retry":{"create":"=yes"},"bogus":null,"chartNumber":null}"#, |fields| {
                fields.required("rxId", &GUID);
                fields.optional("pageSize", &PAGE_SIZE);
                let retry = fields.get("retry");
                fields.object("retry", retry, |retry| retry.optional("create", &FLAG));
                fields.optional("chartNumber", &TEXT);
            });
        let found: Vec<_> = found.iter().map(|(field, message)| (field.as_str(), message.as_str())).collect();
        assert_eq!(
            found,
            [
                ("rxId", "must be a GUID such as a09292aa-8b06-45f9-a73c-350538bb32f3"),
                ("pageSize", "must be a whole number from 1 to 1024"),
                ("retry.create", "must be true or false"),
                ("bogus", "is not known; allowed are rxId, pageSize, retry, chartNumber"),
            ]
        );
    }

    #[test]
    fn a_text_is_never_taken_for_what_json_cannot_hold() {
        assert_eq!(Argument::decode(r#""=function""#), Argument::Text("function".into()));
        assert_eq!(Argument::decode(r#""function""#), Argument::Function);
        assert_eq!(Argument::decode(r#""signal""#), Argument::Signal);
        assert_eq!(Argument::decode(r#""x""#), Argument::Other);
    }

    #[test]
    fn an_id_is_a_whole_number_or_its_digits() {
        let id = |json: &str| (DIGITS.read)(&Argument::decode(json));
        assert_eq!(id("17").as_deref(), Some("17"));
        assert_eq!(id(r#""=017""#).as_deref(), Some("17"));
        for other in ["1.5", "-1", "9007199254740992", r#""=""#, r#""=1e3""#, "null", "{}"] {
            assert_eq!(id(other), None, "{other}");
        }
    }
}
