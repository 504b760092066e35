//! The arguments of calls. One `request!` declaration generates the struct, the code that reads it from what a caller passed,
//! what is sent under which key, and the TypeScript type with its comments.

use super::input::ToWire;
use crate::json::Object;

/// What is sent under one key: in a query as it is, in a body as a JSON string or number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The key, as the document spells it (R11).
    pub key: &'static str,
    /// The value as text.
    pub value: String,
    /// Whether it has no quotes in a body.
    pub is_number: bool,
}

/// A declared object of arguments.
pub trait Request: Sized {
    /// Under which keys its fields are sent, and what is allowed.
    const SHAPE: Shape;
    /// Its TypeScript type. Only the build reads it, so that no module holds comments.
    const DECLARATION: Declaration;

    /// Reads it field by field; `None` where a required field is missing, which is recorded as a fault.
    fn read(validator: &mut super::validator::Validator<'_>) -> Option<Self>;

    /// Adds what is sent.
    fn add_pairs(&self, pairs: &mut Vec<Pair>);

    /// Returns what is sent, in the order of the declaration.
    fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        self.add_pairs(&mut pairs);
        pairs
    }
}

/// Under which keys an object of arguments is sent, and what is allowed.
pub struct Shape {
    /// The shape of the declaration that it extends.
    pub base: Option<&'static Shape>,
    /// Its own fields.
    pub fields: &'static [ShapeField],
    /// The rest of its declaration, for the matrix of calls.
    #[cfg(test)]
    pub declaration: Declaration,
}

/// A field of a [`Shape`].
pub struct ShapeField {
    /// Its name in JavaScript.
    pub name: &'static str,
    /// The key on the wire; empty if the field is not sent.
    pub key: &'static str,
    /// What is allowed.
    pub allowed: &'static str,
}

/// The declaration of an object of arguments in TypeScript.
pub struct Declaration {
    /// The struct's name.
    pub name: &'static str,
    /// The lines of its comment.
    pub docs: &'static [&'static str],
    /// The name of the declaration that it extends.
    pub base: Option<&'static str>,
    /// Its own fields, in the order of the shape's.
    pub fields: &'static [DeclaredField],
}

/// A field of a [`Declaration`].
pub struct DeclaredField {
    /// Its name in JavaScript.
    pub name: &'static str,
    /// The lines of its comment.
    pub docs: &'static [&'static str],
    /// Its TypeScript type.
    pub ts_type: &'static str,
    /// Whether it must be passed.
    pub required: bool,
}

/// Adds a pair, if there is a value and its key is sent.
pub(crate) fn add_pair<T: ToWire>(pairs: &mut Vec<Pair>, key: &'static str, value: Option<&T>) {
    if let Some(value) = value {
        pairs.push(Pair { key, value: value.to_wire(), is_number: T::IS_NUMBER });
    }
}

/// Returns the JSON object of the pairs.
pub(crate) fn body(pairs: &[Pair]) -> String {
    let entry = |json: Object, pair: &Pair| match pair.is_number {
        true => json.raw(pair.key, &pair.value),
        false => json.text(pair.key, &pair.value),
    };
    pairs.iter().fold(Object::new(), entry).end()
}

/// Declares an object of arguments. `required` means that a field must be passed. The literal is its key on the wire; a field
/// without one is not sent. `extends` adds the fields of another declaration, as `base`.
macro_rules! request {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($derive:ident)])?
        pub struct $name:ident $(extends $base:ident)? {
            $($(#[doc = $field_doc:literal])* $field:ident: $input:ty $(= $($required:ident)? $($key:literal)?)?,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Debug $(, $derive)?)]
        #[allow(dead_code, reason = "some are only declarations, for TypeScript")]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $crate::schema::request::request!(@type [$($($required)?)?] $input),)*
            $(
                /// The fields of the declaration that this one extends.
                pub base: $base,
            )?
        }

        impl $crate::schema::request::Request for $name {
            const SHAPE: $crate::schema::request::Shape = $crate::schema::request::Shape {
                base: $crate::schema::request::request!(@base $($base)?),
                fields: &[$($crate::schema::request::ShapeField {
                    name: $crate::schema::text::camel_case!($field),
                    key: concat!($($($key)?)?),
                    allowed: <$input as $crate::schema::input::Input>::ALLOWED,
                }),*],
                #[cfg(test)]
                declaration: Self::DECLARATION,
            };
            const DECLARATION: $crate::schema::request::Declaration = $crate::schema::request::Declaration {
                name: stringify!($name),
                docs: &[$($doc),*],
                base: $crate::schema::request::request!(@base_name $($base)?),
                fields: &[$($crate::schema::request::DeclaredField {
                    name: $crate::schema::text::camel_case!($field),
                    docs: &[$($field_doc),*],
                    ts_type: <$input as $crate::schema::input::Input>::TYPE,
                    required: $crate::schema::request::request!(@required [$($($required)?)?]),
                }),*],
            };

            fn read(validator: &mut $crate::schema::validator::Validator<'_>) -> Option<Self> {
                $(let $field = $crate::schema::request::request!(@read [$($($required)?)?] validator, $field, $input);)*
                $(let base = <$base as $crate::schema::request::Request>::read(validator);)?
                Some(Self {
                    $($field: $crate::schema::request::request!(@unwrap [$($($required)?)?] $field),)*
                    $(base: { let base: Option<$base> = base; base? },)?
                })
            }

            #[allow(unused_variables, reason = "options are not sent")]
            fn add_pairs(&self, pairs: &mut Vec<$crate::schema::request::Pair>) {
                $($crate::schema::request::request!(
                    @pair [$($($required)?)?] [$($($key)?)?] pairs, self.$field);
                )*
                $(<$base as $crate::schema::request::Request>::add_pairs(&self.base, pairs);)?
            }
        }

        #[cfg(all(feature = "client", target_arch = "wasm32"))]
        const _: () = {
            #[wasm_bindgen::prelude::wasm_bindgen(typescript_custom_section)]
            const DECLARATION: &str =
                $crate::schema::text::declaration!(<$name as $crate::schema::request::Request>::DECLARATION);
        };
    };

    (@type [required] $input:ty) => { <$input as $crate::schema::input::Input>::Value };
    (@type [] $input:ty) => { Option<<$input as $crate::schema::input::Input>::Value> };
    (@base $base:ident) => { Some(&<$base as $crate::schema::request::Request>::SHAPE) };
    (@base) => { None };
    (@base_name $base:ident) => { Some(stringify!($base)) };
    (@base_name) => { None };
    (@required [required]) => { true };
    (@required []) => { false };
    (@read [required] $validator:ident, $field:ident, $input:ty) => {
        $validator.required::<$input>($crate::schema::text::camel_case!($field))
    };
    (@read [] $validator:ident, $field:ident, $input:ty) => {
        $validator.optional::<$input>($crate::schema::text::camel_case!($field))
    };
    (@unwrap [required] $field:ident) => { $field? };
    (@unwrap [] $field:ident) => { $field };
    (@pair [$($required:ident)?] [] $pairs:ident, $value:expr) => {};
    (@pair [required] [$key:literal] $pairs:ident, $value:expr) => {
        $crate::schema::request::add_pair($pairs, $key, Some(&$value))
    };
    (@pair [] [$key:literal] $pairs:ident, $value:expr) => {
        $crate::schema::request::add_pair($pairs, $key, $value.as_ref())
    };
}

pub(crate) use request;
