//! The types that a model's fields can have, and their values from the tape.

use serde::{Serialize, Serializer};
use tsify::Tsify;

use super::kind::Kind;
use super::tape::Tape;
use crate::scalar::{Gender, Guid, Id, PlainDate, Timestamp};

/// A type that fields can have.
pub trait FromTape: Sized {
    /// The kind that it is read as.
    const KIND: Kind;
    /// Whether a response without it is refused.
    const REQUIRED: bool = true;

    /// Returns the value in a cell; `None` if there is none.
    fn from_tape(tape: &Tape, cell: usize) -> Option<Self>;
}

/// A string that may be a number on the wire.
#[derive(Clone, PartialEq, Debug, Serialize, Tsify)]
#[tsify(type = "string")]
pub struct TextOrNumber(pub String);

/// What a lab makes. `Dental` means a restorative lab, which procedures call `resto-lab`.
#[derive(Clone, PartialEq, Debug, Serialize, Tsify)]
#[tsify(type = "\"Dental\" | \"Ortho\" | (string & {})")]
pub struct LabType(pub String);

/// Any JSON, as text.
#[derive(Clone, PartialEq, Debug, Tsify)]
#[tsify(type = "unknown")]
pub struct Json(pub String);

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value: serde_json::Value = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        value.serialize(serializer)
    }
}

macro_rules! texts {
    ($($type:ty => $kind:ident $(, $from:expr)?;)*) => {$(
        impl FromTape for $type {
            const KIND: Kind = Kind::$kind;

            fn from_tape(tape: &Tape, cell: usize) -> Option<Self> {
                tape.text(cell).and_then(texts!(@from $($from)?))
            }
        }
    )*};
    (@from) => { |text| Some(Self(text.to_owned())) };
    (@from $from:expr) => { $from };
}

texts! {
    String => Text, |text| Some(text.to_owned());
    TextOrNumber => TextOrNumber;
    LabType => LabType;
    Json => Json;
    Guid => Guid, |text| text.parse().ok();
    Timestamp => Time, |text| Timestamp::parse(text).ok().flatten();
    PlainDate => Date, |text| PlainDate::parse(text).ok();
    Gender => Gender, Gender::from_name;
}

impl FromTape for Id {
    const KIND: Kind = Kind::Id;

    fn from_tape(tape: &Tape, cell: usize) -> Option<Self> {
        tape.number(cell)?.try_into().ok()
    }
}

impl FromTape for f64 {
    const KIND: Kind = Kind::Number;

    fn from_tape(tape: &Tape, cell: usize) -> Option<Self> {
        tape.number(cell)
    }
}

impl FromTape for bool {
    const KIND: Kind = Kind::Flag;

    fn from_tape(tape: &Tape, cell: usize) -> Option<Self> {
        Some(tape.number(cell) == Some(1.0))
    }
}

impl<T: FromTape> FromTape for Option<T> {
    const KIND: Kind = T::KIND.nullable();
    const REQUIRED: bool = false;

    fn from_tape(tape: &Tape, cell: usize) -> Option<Self> {
        let is_there = tape.number(cell).is_some();
        Some(if is_there { T::from_tape(tape, cell) } else { None })
    }
}

impl<T: FromTape> FromTape for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
    const REQUIRED: bool = false;

    fn from_tape(tape: &Tape, cell: usize) -> Option<Self> {
        tape.rows(cell).into_iter().map(|row| T::from_tape(tape, row)).collect()
    }
}
