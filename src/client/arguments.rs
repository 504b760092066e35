//! Reading the caller's arguments: every fault is found, named, and told with what is allowed, before anything is sent.

use js_sys::{Array, Date, Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::error::{Failure, FieldError};
use crate::wire::procedures::SendTo;
use crate::wire::{Gender, Guid, Id, PlainDate, Timestamp};

/// What a field takes: how to say it after "must be", and how to read it.
pub(crate) struct Kind<T> {
    pub expected: &'static str,
    pub read: fn(&JsValue) -> Option<T>,
}

pub(crate) const TEXT: Kind<String> = Kind { expected: "a text", read: JsValue::as_string };

pub(crate) const NAME: Kind<String> = Kind {
    expected: "a text that is not blank",
    read: |value| value.as_string().filter(|text| !text.trim().is_empty()),
};

pub(crate) const ID: Kind<Id> = Kind {
    expected: "a whole number from 0 to 2^53 - 1, or its digits",
    read: |value| {
        let id: Option<Id> = match value.as_f64() {
            Some(number) => number.try_into().ok(),
            None => value.as_string()?.parse().ok(),
        };
        id.filter(|id| *id >= Id::default())
    },
};

pub(crate) const GUID: Kind<Guid> = Kind {
    expected: "a GUID such as a09292aa-8b06-45f9-a73c-350538bb32f3",
    read: |value| value.as_string()?.parse().ok(),
};

/// An id as the wire's digits.
pub(crate) const DIGITS: Kind<String> =
    Kind { expected: ID.expected, read: |value| (ID.read)(value).map(|id| id.to_string()) };

/// A GUID as the wire's text.
pub(crate) const GUID_TEXT: Kind<String> =
    Kind { expected: GUID.expected, read: |value| (GUID.read)(value).map(|guid| guid.to_string()) };

/// A gender as the word that every call takes (R24, R135).
pub(crate) const GENDER: Kind<String> = Kind {
    expected: "\"male\", \"female\" or null",
    read: |value| {
        let name = value.as_string()?;
        let gender = [Gender::Male, Gender::Female].into_iter().find(|gender| gender.name() == name)?;
        Some(gender.word().into())
    },
};

/// A birth date, sent without a time of day (R25, R134).
pub(crate) const BIRTH_DATE: Kind<String> = Kind {
    expected: "a day of the calendar as YYYY-MM-DD, not in the future",
    read: |value| {
        // Somewhere on earth it is already tomorrow.
        let tomorrow = PlainDate::from_days_since_epoch((Date::now() / 86_400_000.0) as i64 + 1);
        let text = value.as_string()?;
        PlainDate::parse(&text).is_ok_and(|date| date <= tomorrow).then_some(text)
    },
};

/// A date, sent as the caller wrote it.
pub(crate) const DATE: Kind<String> = Kind {
    expected: "a date as YYYY-MM-DD",
    read: |value| value.as_string().filter(|text| PlainDate::parse(text).is_ok()),
};

/// A date or a time, sent as the caller wrote it.
pub(crate) const DATE_OR_TIME: Kind<String> = Kind {
    expected: "a date as YYYY-MM-DD, or an RFC 3339 time",
    read: |value| value.as_string().filter(|text| matches!(Timestamp::parse(text), Ok(Some(_)))),
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
    read: |value| value.as_string().filter(|text| !matches!(text.trim(), "" | "." | "..")),
};

pub(crate) const ATTEMPTS: Kind<u32> =
    Kind { expected: "a whole number from 1 to 100", read: |value| whole_number(value, 1, 100) };

/// The longest time that the platform's timers take.
const MAX_MS: f64 = i32::MAX as f64;

pub(crate) const DELAY: Kind<f64> = Kind {
    expected: "milliseconds from 0 to 2147483647",
    read: |value| value.as_f64().filter(|ms| (0.0..=MAX_MS).contains(ms)),
};

pub(crate) const TIMEOUT: Kind<f64> = Kind {
    expected: "milliseconds above 0, up to 2147483647",
    read: |value| value.as_f64().filter(|ms| *ms > 0.0 && *ms <= MAX_MS),
};

pub(crate) const FLAG: Kind<bool> = Kind { expected: "true or false", read: JsValue::as_bool };

pub(crate) const FUNCTION: Kind<Function> = Kind { expected: "a function", read: |value| value.dyn_ref().cloned() };

pub(crate) const SIGNAL: Kind<AbortSignal> =
    Kind { expected: "an AbortSignal", read: |value| value.dyn_ref().cloned() };

pub(crate) const SEND_TO: Kind<SendTo> = Kind {
    expected: "\"ortho-lab\", \"resto-lab\", \"myitero\" or \"none\"",
    read: |value| SendTo::named(&value.as_string()?),
};

fn whole_number(value: &JsValue, min: u32, max: u32) -> Option<u32> {
    let number = value.as_f64()?;
    let whole = number.fract() == 0.0 && number >= f64::from(min) && number <= f64::from(max);
    whole.then_some(number as u32)
}

/// Reads one argument that stands alone.
pub(crate) fn single<T>(name: &'static str, value: &JsValue, kind: &Kind<T>) -> Result<T, Failure> {
    let fault = || FieldError { field: name.into(), message: format!("must be {}", kind.expected) };
    (kind.read)(value).ok_or_else(|| Failure::invalid_argument(vec![fault()]))
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

const NOT_AN_OBJECT: &str = "must be an object";

/// An object of arguments, taken apart field by field.
pub(crate) struct Fields {
    /// Stands before the names of nested fields, with its dot.
    prefix: String,
    object: JsValue,
    known: Vec<&'static str>,
    faults: Vec<FieldError>,
}

impl Fields {
    /// The fields of `object`, which the caller knows as `name`. Without an object there are none.
    pub(crate) fn of(name: &str, object: JsValue) -> Result<Self, Failure> {
        let fault = || FieldError { field: name.into(), message: NOT_AN_OBJECT.into() };
        Self::nested(String::new(), object).ok_or_else(|| Failure::invalid_argument(vec![fault()]))
    }

    fn nested(prefix: String, object: JsValue) -> Option<Self> {
        let allowed = is_plain(&object) || is_missing(&object);
        allowed.then(|| Self { prefix, object, known: Vec::new(), faults: Vec::new() })
    }

    /// The value under `field`; `undefined` if there is none.
    pub(crate) fn get(&mut self, field: &'static str) -> JsValue {
        self.known.push(field);
        if is_missing(&self.object) {
            JsValue::UNDEFINED
        } else {
            Reflect::get(&self.object, &field.into()).unwrap_or_default()
        }
    }

    /// The field's value, or a fault and a stand-in: `finish` must be called before the values are used.
    pub(crate) fn required<T: Default>(&mut self, field: &'static str, kind: &Kind<T>) -> T {
        let value = self.get(field);
        self.read(field, &value, kind).unwrap_or_default()
    }

    /// The field's value, or `None` if it is missing or null.
    pub(crate) fn optional<T>(&mut self, field: &'static str, kind: &Kind<T>) -> Option<T> {
        let value = self.get(field);
        if is_missing(&value) { None } else { self.read(field, &value, kind) }
    }

    /// What is given of the parameters, under the wire's keys.
    pub(crate) fn given(&mut self, parameters: &[Parameter]) -> Vec<(&'static str, String)> {
        let mut given = Vec::new();
        for Parameter { name, key, kind, required } in parameters {
            let value = self.get(name);
            if *required || !is_missing(&value) {
                given.extend(self.read(name, &value, kind).map(|value| (*key, value)));
            }
        }
        given
    }

    fn read<T>(&mut self, field: &'static str, value: &JsValue, kind: &Kind<T>) -> Option<T> {
        let read = (kind.read)(value);
        if read.is_none() {
            self.fault(field, format!("must be {}", kind.expected));
        }
        read
    }

    pub(crate) fn fault(&mut self, field: &'static str, message: impl Into<String>) {
        self.faults.push(FieldError { field: format!("{}{field}", self.prefix), message: message.into() });
    }

    /// Reads the fields of the object under `field`; their names are told as `field.name`.
    pub(crate) fn object<T: Default>(
        &mut self,
        field: &'static str,
        value: JsValue,
        read: impl FnOnce(&mut Fields) -> T,
    ) -> T {
        let Some(mut fields) = Fields::nested(format!("{}{field}.", self.prefix), value) else {
            self.fault(field, NOT_AN_OBJECT);
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
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let faults = self.into_faults();
        if faults.is_empty() { Ok(()) } else { Err(Failure::invalid_argument(faults)) }
    }

    fn into_faults(mut self) -> Vec<FieldError> {
        if !is_missing(&self.object) {
            let allowed = format!("is not known; allowed are {}", self.known.join(", "));
            for name in Object::keys(self.object.unchecked_ref::<Object>()).iter().filter_map(|name| name.as_string()) {
                let given = !Reflect::get(&self.object, &name.as_str().into()).unwrap_or_default().is_undefined();
                if given && !self.known.contains(&name.as_str()) {
                    let field = format!("{}{name}", self.prefix);
                    self.faults.push(FieldError { field, message: allowed.clone() });
                }
            }
        }
        self.faults
    }
}

/// Whether the value is an object that is no list.
pub(crate) fn is_plain(value: &JsValue) -> bool {
    value.is_object() && !Array::is_array(value)
}

pub(crate) fn is_missing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}
