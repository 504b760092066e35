//! What callers may pass: each input is a type that says what is allowed, how a value is read and how it is sent.

use super::validator::Validator;
use crate::json::digits;
use crate::scalar::{Gender, Guid, Id, PlainDate, Timestamp};

/// A value that a caller passed, not yet checked.
#[derive(Clone, PartialEq, Debug)]
pub enum Argument {
    /// `undefined` or `null`.
    Missing,
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A function, which stays in JavaScript.
    Function,
    /// An `AbortSignal`, which stays in JavaScript.
    Signal,
    /// A list.
    List(Vec<Argument>),
    /// An object.
    Object(Vec<(String, Argument)>),
    /// Anything else, such as a symbol or a value that is nested too deep.
    Other,
}

impl Argument {
    /// Returns the string, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Returns the number, if it is one.
    pub fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// Whether nothing was passed.
    pub fn is_missing(&self) -> bool {
        *self == Self::Missing
    }
}

/// What a field or an argument may be.
pub trait Input {
    /// The type that it is read as.
    type Value;
    /// Its TypeScript type.
    const TYPE: &'static str;
    /// What is allowed, in words that follow "must be".
    const ALLOWED: &'static str;

    /// Returns the value, if it is allowed.
    fn read(argument: &Argument) -> Option<Self::Value>;

    /// Returns the value of a field, or records its faults.
    fn read_field(validator: &mut Validator<'_>, field: &str, argument: &Argument) -> Option<Self::Value> {
        let value = Self::read(argument);
        if value.is_none() {
            validator.must_be(field, Self::ALLOWED);
        }
        value
    }
}

/// A value that is sent: in a query as text, in a body as a JSON string or number.
pub trait ToWire {
    /// Whether a body holds it without quotes.
    const IS_NUMBER: bool = false;

    /// Returns what is sent.
    fn to_wire(&self) -> String;
}

/// Declares inputs whose values are read by a function.
macro_rules! inputs {
    ($($(#[$meta:meta])* $name:ident: $type:literal => $value:ty, $allowed:expr, $read:expr;)*) => {$(
        $(#[$meta])*
        pub struct $name;

        impl $crate::schema::input::Input for $name {
            type Value = $value;
            const TYPE: &'static str = $type;
            const ALLOWED: &'static str = $allowed;

            fn read(argument: &$crate::schema::input::Argument) -> Option<$value> {
                let read: fn(&$crate::schema::input::Argument) -> Option<$value> = $read;
                read(argument)
            }
        }
    )*};
}

pub(crate) use inputs;

/// The longest time that the platform's timers accept.
const MAX_MS: f64 = i32::MAX as f64;

inputs! {
    /// A string, possibly empty.
    Text: "string" => String, "a string", |value| value.text().map(str::to_owned);
    /// A string that is not blank.
    NonBlank: "string" => String, "a string that is not blank",
        |value| Text::read(value).filter(|text| !text.trim().is_empty());
    /// One segment of a path, which cannot lead out of the path.
    Segment: "string" => String, "a string that is not blank, nor \".\" or \"..\"",
        |value| Text::read(value).filter(|text| !matches!(text.trim(), "" | "." | ".."));
    /// A date, sent as the caller wrote it.
    Date: "string" => String, "a date as YYYY-MM-DD",
        |value| Text::read(value).filter(|text| PlainDate::parse(text).is_ok());
    /// A date or a time, sent as the caller wrote it.
    DateOrTime: "string" => String, "a date as YYYY-MM-DD, or an RFC 3339 time",
        |value| Text::read(value).filter(|text| matches!(Timestamp::parse(text), Ok(Some(_))));
    /// How many rows to skip.
    Offset: "number" => u32, "a whole number from 0 to 4294967295", |value| whole_number(value, 0, u32::MAX);
    /// A time in milliseconds, which may be 0.
    Delay: "number" => f64, "milliseconds from 0 to 2147483647",
        |value| value.number().filter(|ms| (0.0..=MAX_MS).contains(ms));
    /// A limit in milliseconds, which must be above 0.
    Timeout: "number" => f64, "milliseconds above 0, up to 2147483647",
        |value| value.number().filter(|ms| *ms > 0.0 && *ms <= MAX_MS);
    /// `true` or `false`.
    Flag: "boolean" => bool, "true or false", |value| if let Argument::Flag(flag) = value { Some(*flag) } else { None };
}

/// Returns a whole number from `min` to `max`, both included.
pub(crate) fn whole_number(value: &Argument, min: u32, max: u32) -> Option<u32> {
    let number = value.number()?;
    let is_allowed = number.fract() == 0.0 && number >= f64::from(min) && number <= f64::from(max);
    is_allowed.then_some(number as u32)
}

impl Input for Id {
    type Value = Self;
    const TYPE: &'static str = "number | string";
    const ALLOWED: &'static str = "a whole number from 0 to 2^53 - 1, or its digits";

    fn read(argument: &Argument) -> Option<Self> {
        let id: Option<Self> = match argument.number() {
            Some(number) => number.try_into().ok(),
            None => argument.text()?.parse().ok(),
        };
        id.filter(|id| *id >= Self::default())
    }
}

impl Input for Guid {
    type Value = Self;
    const TYPE: &'static str = "string";
    const ALLOWED: &'static str = "a GUID such as a09292aa-8b06-45f9-a73c-350538bb32f3";

    fn read(argument: &Argument) -> Option<Self> {
        argument.text()?.parse().ok()
    }
}

/// Sent as the word that every call accepts (R24, R135).
impl Input for Gender {
    type Value = Self;
    const TYPE: &'static str = "Gender";
    const ALLOWED: &'static str = "\"male\", \"female\" or null";

    fn read(argument: &Argument) -> Option<Self> {
        Self::from_name(argument.text()?)
    }
}

/// A birth date, sent without a time of day (R25, R134).
pub struct BirthDate;

impl Input for BirthDate {
    type Value = PlainDate;
    const TYPE: &'static str = "string";
    const ALLOWED: &'static str = "a day of the calendar as YYYY-MM-DD, not in the future";

    fn read(argument: &Argument) -> Option<PlainDate> {
        PlainDate::parse(argument.text()?).ok()
    }

    fn read_field(validator: &mut Validator<'_>, field: &str, argument: &Argument) -> Option<PlainDate> {
        let date = Self::read(argument).filter(|date| *date <= validator.latest_day());
        if date.is_none() {
            validator.must_be(field, Self::ALLOWED);
        }
        date
    }
}

impl ToWire for String {
    fn to_wire(&self) -> String {
        self.clone()
    }
}

impl ToWire for u32 {
    const IS_NUMBER: bool = true;

    fn to_wire(&self) -> String {
        digits((*self).into())
    }
}

impl ToWire for Id {
    const IS_NUMBER: bool = true;

    fn to_wire(&self) -> String {
        self.digits()
    }
}

impl ToWire for Guid {
    fn to_wire(&self) -> String {
        self.write(&mut [0; 36]).to_owned()
    }
}

impl ToWire for Gender {
    fn to_wire(&self) -> String {
        self.word().to_owned()
    }
}

impl ToWire for PlainDate {
    fn to_wire(&self) -> String {
        self.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Argument {
        Argument::Text(text.to_owned())
    }

    #[test]
    fn an_id_is_a_whole_number_or_its_digits() {
        let id = |argument: &Argument| Id::read(argument).map(|id| id.to_wire());
        assert_eq!(id(&Argument::Number(17.0)).as_deref(), Some("17"));
        assert_eq!(id(&text("017")).as_deref(), Some("17"));
        for other in [1.5, -1.0, 9_007_199_254_740_992.0, f64::NAN].map(Argument::Number) {
            assert_eq!(id(&other), None, "{other:?}");
        }
        for other in [text(""), text("1e3"), text("-1"), Argument::Missing, Argument::Object(Vec::new())] {
            assert_eq!(id(&other), None, "{other:?}");
        }
    }

    #[test]
    fn a_whole_number_is_within_its_bounds() {
        let read = |number| whole_number(&Argument::Number(number), 1, 1024);
        assert_eq!([1.0, 1024.0].map(read), [Some(1), Some(1024)]);
        assert_eq!([0.0, 1025.0, 1.5, f64::NAN, f64::INFINITY].map(read), [None; 5]);
    }
}
