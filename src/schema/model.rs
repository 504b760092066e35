//! What the API answers, as tables: which keys an object has on the wire, and what kind of value each holds.
//!
//! `model!` declares a struct once and makes two things of it: the TypeScript type, by tsify, and the table by which
//! `read` brings an answer onto the `Tape`. Nothing is generated per model but its table, so that fifteen models cost
//! the client a few kilobytes rather than some thirty.

use crate::scalar::{Guid, Id, PlainDate, Timestamp};

/// A kind of value: how it is read from the wire and what it is in JavaScript. `null` there is always `null` here, or the
/// empty list.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A text, or a number that becomes one: for fields whose type the document leaves open.
    Scalar,
    /// A GUID in any case; lower-case text.
    Guid,
    /// A whole number or its digits; a number.
    Id,
    /// A number or its digits; a number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A date or time in any documented form; RFC 3339 text in UTC. Blank and the year 1 are `null` (R59).
    Time,
    /// A date or time, of which the date counts (R108).
    Date,
    /// Any documented code (R24); `"male"`, `"female"` or, for all others, `null`.
    Gender,
    /// A lab's type; a text, in which restorative labs are always `Dental` (R21).
    LabType,
    /// Any JSON, passed through as it is.
    Json,
    /// An object.
    Object(&'static Model),
    /// A list, never `null`.
    List(&'static Kind),
}

/// An object of the wire.
pub struct Model {
    /// Its struct's name.
    pub name: &'static str,
    /// In the order of their cells.
    pub fields: &'static [Field],
    /// Older keys of the same values: they count only where the field's own key gives nothing.
    pub also: &'static [Alias],
    /// The key of an object within, whose entries count as the model's own and before them; empty for none.
    pub within: &'static str,
    /// How many cells of the tape an object takes.
    pub width: usize,
}

/// A field of a model.
#[derive(Clone, Copy)]
pub struct Field {
    /// As the document spells it; empty if the client works the value out.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether an answer without it is refused.
    pub required: bool,
    /// Where it is, from the object's first cell on.
    pub cell: usize,
    /// The struct's field.
    #[cfg(any(test, not(target_arch = "wasm32")))]
    pub name: &'static str,
}

/// Another key for a cell.
pub struct Alias {
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    pub(crate) cell: usize,
}

/// A type that fields can have.
pub trait Value {
    /// How it is read.
    const KIND: Kind;
    /// Whether an answer without it is refused.
    const REQUIRED: bool = true;
}

/// A text that the wire may write as a number.
pub struct Scalar;

/// What a lab makes. `Dental` is what procedures call a restorative ("resto") lab.
#[derive(tsify::Tsify)]
#[tsify(type = "\"Dental\" | \"Ortho\" | (string & {})")]
pub struct LabType;

/// Any JSON.
pub struct Json;

macro_rules! values {
    ($($type:ty => $kind:ident),* $(,)?) => {
        $(impl Value for $type {
            const KIND: Kind = Kind::$kind;
        })*
    };
}

values! {
    String => Text,
    Scalar => Scalar,
    Guid => Guid,
    Id => Id,
    f64 => Number,
    bool => Flag,
    Timestamp => Time,
    PlainDate => Date,
    crate::scalar::Gender => Gender,
    LabType => LabType,
    Json => Json,
}

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;
    const REQUIRED: bool = false;
}

impl<T: Value> Value for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
    const REQUIRED: bool = false;
}

impl Kind {
    /// How many cells of the tape a value takes.
    pub const fn width(&self) -> usize {
        match self {
            Self::Object(model) => model.width,
            _ => 1,
        }
    }
}

impl Model {
    const fn field(&self, key: &str) -> &Field {
        let mut at = 0;
        while !equal(self.fields[at].key, key) {
            at += 1;
        }
        &self.fields[at]
    }
}

impl Alias {
    /// Another key for the field under `path`: a key, or one and a key of the object under it. For `model!`.
    pub(crate) const fn new(key: &'static str, model: &Model, path: &[&str]) -> Self {
        let outer = model.field(path[0]);
        match outer.kind {
            Kind::Object(inner) if path.len() == 2 => {
                let field = inner.field(path[1]);
                Self { key, kind: field.kind, cell: outer.cell + field.cell }
            }
            _ => Self { key, kind: outer.kind, cell: outer.cell },
        }
    }
}

impl Field {
    /// For `model!`: `must` is not empty where a type that could be missing must be there.
    pub(crate) const fn new<T: Value>(key: &'static str, must: &[&str], _name: &'static str) -> Self {
        Self {
            key,
            kind: T::KIND,
            required: !key.is_empty() && (T::REQUIRED || !must.is_empty()),
            cell: 0,
            #[cfg(any(test, not(target_arch = "wasm32")))]
            name: _name,
        }
    }
}

/// The place of `name` among `names`; for constants.
pub(crate) const fn place(names: &[&str], name: &str) -> usize {
    let mut at = 0;
    while !equal(names[at], name) {
        at += 1;
    }
    at
}

const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// Gives each field its place; for `model!`.
pub(crate) const fn placed<const N: usize>(mut fields: [Field; N]) -> [Field; N] {
    let mut at = 0;
    let mut cell = 0;
    while at < N {
        fields[at].cell = cell;
        cell += fields[at].kind.width();
        at += 1;
    }
    fields
}

/// The cells that all fields together take; for `model!`.
pub(crate) const fn width(fields: &[Field]) -> usize {
    match fields.last() {
        Some(field) => field.cell + field.kind.width(),
        None => 0,
    }
}

/// Declares a model: a struct whose fields name their keys on the wire. A field without a key is worked out by the client;
/// `required` before the key makes one that could be missing a must. `within` and `also` are `Model`'s.
macro_rules! model {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(within $within:literal)? {
            $($(#[$field_meta:meta])* $field:ident: $type:ty $(= $($required:ident)? $key:literal)?,)*
        }
        $(also { $($alias:literal => $($path:literal)+,)* })?
    ) => {
        $(#[$meta])*
        #[derive(tsify::Tsify)]
        #[serde(rename_all = "camelCase")]
        #[tsify(missing_as_null)]
        #[allow(dead_code, reason = "a model is a type and a table, never a value")]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $name {
            /// The table by which it is read.
            pub const MODEL: &'static $crate::schema::model::Model = {
                use $crate::schema::model::{Field, Model, placed, width};
                const FIELDS: &[Field] = &placed([$(Field::new::<$type>(
                    concat!($($key)?),
                    &[$($(stringify!($required),)?)?],
                    stringify!($field),
                )),*]);
                const OWN: &Model = &Model {
                    name: stringify!($name),
                    fields: FIELDS,
                    also: &[],
                    within: concat!($($within)?),
                    width: width(FIELDS),
                };
                &Model { also: &[$($($crate::schema::model::Alias::new($alias, OWN, &[$($path),+])),*)?], ..*OWN }
            };

            /// The cell of a field, from the object's first on.
            #[allow(dead_code, reason = "not every model is looked into")]
            pub(crate) const fn cell(field: &str) -> usize {
                Self::MODEL.fields[$crate::schema::model::place(&[$(stringify!($field)),*], field)].cell
            }
        }

        impl $crate::schema::model::Value for $name {
            const KIND: $crate::schema::model::Kind = $crate::schema::model::Kind::Object(Self::MODEL);
            const REQUIRED: bool = false;
        }
    };
}

pub(crate) use model;
