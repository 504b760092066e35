//! The kinds of values that the API's responses hold.

use super::model::Model;

/// A kind of value: how it is read from the wire, and what it is in JavaScript. `null` on the wire is `null` in JavaScript, or
/// the empty list.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A string.
    Text,
    /// A string, or a number that becomes a string: for fields whose type the document does not specify.
    TextOrNumber,
    /// A GUID in upper or lower case; a lower-case string.
    Guid,
    /// A whole number or its digits; a number.
    Id,
    /// A number or its digits; a number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A date or time in any documented form; an RFC 3339 string in UTC. Blank and the year 1 are `null` (R59).
    Time,
    /// A date or time, of which only the date is kept (R108).
    Date,
    /// Any documented code (R24); `"male"`, `"female"` or, for all others, `null`.
    Gender,
    /// A lab's type; a string, in which restorative labs are always `Dental` (R21).
    LabType,
    /// Any JSON, passed through as it is.
    Json,
    /// An object.
    Object(&'static Model),
    /// A list, never `null`.
    List(&'static Kind),
    /// A list, or `null` where the response has none.
    NullableList(&'static Kind),
}

impl Kind {
    /// How many cells of the tape a value takes.
    pub const fn width(&self) -> usize {
        match self {
            Self::Object(model) => model.width,
            _ => 1,
        }
    }

    /// Returns the kind of an optional value: a list that may be missing is distinguished from an empty one.
    pub(crate) const fn nullable(self) -> Self {
        match self {
            Self::List(item) => Self::NullableList(item),
            other => other,
        }
    }
}
