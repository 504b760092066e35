//! The API's responses as tables: which keys an object has on the wire, and what kind of value each holds.
//!
//! One `model!` declaration generates the struct, which serializes to what JavaScript gets; its TypeScript type, by tsify; and
//! the table that `read` uses to put a response onto the `Tape`. There is no derived `Deserialize`: it would be a second,
//! stricter reader. A client that only builds JavaScript objects contains only the tables, so fifteen models take a few
//! kilobytes instead of about thirty.

use super::kind::Kind;
use super::value::FromTape;

/// An object on the wire.
pub struct Model {
    /// Its struct's name.
    pub name: &'static str,
    /// The fields, in the order of their cells.
    pub fields: &'static [Field],
    /// Older keys of the same values, used only if the field's own key has no value.
    pub aliases: &'static [Alias],
    /// The key of an inner object whose entries count as the model's own and take precedence over them; empty for none.
    pub flattened: &'static str,
    /// How many cells of the tape an object takes.
    pub width: usize,
}

/// A field of a model.
#[derive(Clone, Copy)]
pub struct Field {
    /// The key, as the document spells it; empty if the client computes the value.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a response without it is refused.
    pub required: bool,
    /// Its cell, counted from the object's first.
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
    /// Another key for the field at `path`, which is a key, or a key and another one within its object. For `model!`.
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
    /// For `model!`. A `required` that is not empty makes a field required whose type could be missing.
    pub(crate) const fn new<T: FromTape>(key: &'static str, required: &[&str], _name: &'static str) -> Self {
        Self {
            key,
            kind: T::KIND,
            required: !key.is_empty() && (T::REQUIRED || !required.is_empty()),
            cell: 0,
            #[cfg(any(test, not(target_arch = "wasm32")))]
            name: _name,
        }
    }
}

/// Returns the index of `name` among `names`; for constants.
pub(crate) const fn index_of(names: &[&str], name: &str) -> usize {
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

/// Gives each field its cell; for `model!`.
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

/// Returns the number of cells that all fields together take; for `model!`.
pub(crate) const fn width(fields: &[Field]) -> usize {
    match fields.last() {
        Some(field) => field.cell + field.kind.width(),
        None => 0,
    }
}

/// Declares a model: a struct whose fields name their keys on the wire. A field without a key is computed by the client. With
/// `required` before the key, a response without the field is refused even if its type could be missing. `flattens` and
/// `aliases` are those of [`Model`].
macro_rules! model {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(flattens $flattened:literal)? {
            $($(#[$field_meta:meta])* $field:ident: $type:ty $(= $($required:ident)? $key:literal)?,)*
        }
        $(aliases { $($alias:literal => $($path:literal)+,)* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug, serde::Serialize, tsify::Tsify)]
        #[serde(rename_all = "camelCase")]
        #[tsify(missing_as_null)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $name {
            /// The table that is used to read it.
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
                    aliases: &[],
                    flattened: concat!($($flattened)?),
                    width: width(FIELDS),
                };
                &Model {
                    aliases: &[$($($crate::schema::model::Alias::new($alias, OWN, &[$($path),+])),*)?],
                    ..*OWN
                }
            };

            /// Returns the cell of a field, counted from the object's first. For constants, as `cell!` makes them.
            pub(crate) const fn cell(field: &str) -> usize {
                Self::MODEL.fields[$crate::schema::model::index_of(&[$(stringify!($field)),*], field)].cell
            }
        }

        impl $crate::schema::value::FromTape for $name {
            const KIND: $crate::schema::kind::Kind = $crate::schema::kind::Kind::Object(Self::MODEL);
            const REQUIRED: bool = false;

            fn from_tape(tape: &$crate::schema::tape::Tape, cell: usize) -> Option<Self> {
                Some(Self {
                    $($field: $crate::schema::value::FromTape::from_tape(tape, cell + const { Self::cell(stringify!($field)) })?,)*
                })
            }
        }
    };
}

/// Returns the cell of a model's field, counted from the object's first, as a constant: `cell!(Order.rx_id)`.
macro_rules! cell {
    ($model:ident.$field:ident) => {
        const { $model::cell(stringify!($field)) }
    };
}

pub(crate) use {cell, model};
