//! JSON of the inbox: rows, and what crosses to the shell. By the wire's own reader: serde's code for the twenty types
//! here would weigh more than everything they are for.

use std::borrow::Cow;
use std::fmt;

use crate::json::{Reader, Result, Token, push_text};
use crate::scalar::{Guid, Id};

/// A JSON value whose numbers are whole.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `null`, and what is missing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// A number that is not whole; nothing here has such.
    Fraction,
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object.
    Object(Entries),
}

/// The entries of an object.
pub type Entries = Vec<(Cow<'static, str>, Value)>;

impl Value {
    /// Reads a text; `None` if it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let value = read(&mut reader).ok()?;
        reader.end().ok()?;
        Some(value)
    }

    /// The value of a key; `Null` if there is none.
    pub fn get(&self, key: &str) -> &Self {
        let Self::Object(entries) = self else { return &Self::Null };
        entries.iter().find(|(name, _)| name == key).map_or(&Self::Null, |(_, value)| value)
    }

    /// The text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The whole number.
    pub fn as_whole(&self) -> Option<i64> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    /// Reads a field of a `record!`.
    pub(super) fn field<T: OfJson>(&self, name: &'static str) -> Option<T> {
        T::of_json(self.get(&camel_case(name)))
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Null | Self::Fraction => json.push_str("null"),
            Self::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
            Self::Whole(number) => json.push_str(&number.to_string()),
            Self::Text(text) => push_text(json, text),
            Self::List(items) => {
                json.push('[');
                for (at, item) in items.iter().enumerate() {
                    json.push_str(if at > 0 { "," } else { "" });
                    item.write(json);
                }
                json.push(']');
            }
            Self::Object(entries) => {
                json.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    json.push_str(if at > 0 { "," } else { "" });
                    push_text(json, key);
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut json = String::new();
        self.write(&mut json);
        f.write_str(&json)
    }
}

fn read(reader: &mut Reader<'_>) -> Result<Value> {
    Ok(match reader.token()? {
        Token::Null => Value::Null,
        Token::Bool(value) => Value::Bool(value),
        Token::Whole(number) => Value::Whole(number),
        Token::Float(_) => Value::Fraction,
        Token::Text(text) => Value::Text(text.into_owned()),
        Token::Open(b'{') => {
            let mut entries = reader.enter()?;
            let mut object = Vec::new();
            while let Some(key) = reader.key(&mut entries)? {
                object.push((Cow::Owned(key.into_owned()), read(reader)?));
            }
            Value::Object(object)
        }
        Token::Open(_) => {
            let mut items = reader.enter()?;
            let mut list = Vec::new();
            while reader.more(&mut items)? {
                list.push(read(reader)?);
            }
            Value::List(list)
        }
    })
}

/// `rx_id` as JavaScript spells it.
pub(super) fn camel_case(name: &'static str) -> Cow<'static, str> {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if !name.contains('_') {
        return Cow::Borrowed(name);
    }
    let mut spelt = String::with_capacity(name.len());
    let mut upper = false;
    for character in name.chars() {
        match character {
            '_' => upper = true,
            _ if std::mem::take(&mut upper) => spelt.push(character.to_ascii_uppercase()),
            _ => spelt.push(character),
        }
    }
    Cow::Owned(spelt)
}

/// What can be written as JSON.
pub trait ToJson {
    /// The value.
    fn to_json(&self) -> Value;
}

/// What can be read from JSON.
pub trait OfJson: Sized {
    /// The value, which is `Null` if it is missing.
    fn of_json(value: &Value) -> Option<Self>;
}

impl ToJson for Value {
    fn to_json(&self) -> Value {
        self.clone()
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn to_json(&self) -> Value {
        (*self).to_json()
    }
}

impl ToJson for str {
    fn to_json(&self) -> Value {
        Value::Text(self.into())
    }
}

impl ToJson for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }
}

impl OfJson for bool {
    fn of_json(value: &Value) -> Option<Self> {
        if let Value::Bool(value) = value { Some(*value) } else { None }
    }
}

impl ToJson for String {
    fn to_json(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl OfJson for String {
    fn of_json(value: &Value) -> Option<Self> {
        value.as_text().map(str::to_owned)
    }
}

impl ToJson for Guid {
    fn to_json(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl OfJson for Guid {
    fn of_json(value: &Value) -> Option<Self> {
        value.as_text()?.parse().ok()
    }
}

macro_rules! whole {
    ($($type:ty),*) => {$(
        impl ToJson for $type {
            fn to_json(&self) -> Value {
                Value::Whole(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }

        impl OfJson for $type {
            fn of_json(value: &Value) -> Option<Self> {
                if let Value::Whole(number) = value { (*number).try_into().ok() } else { None }
            }
        }
    )*};
}

whole!(i64, u64, u32, u16, usize, Id);

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}

impl<T: OfJson> OfJson for Option<T> {
    fn of_json(value: &Value) -> Option<Self> {
        if *value == Value::Null { Some(None) } else { T::of_json(value).map(Some) }
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Value {
        Value::List(self.iter().map(T::to_json).collect())
    }
}

impl<T: OfJson> OfJson for Vec<T> {
    fn of_json(value: &Value) -> Option<Self> {
        if let Value::List(items) = value { items.iter().map(T::of_json).collect() } else { None }
    }
}

/// Declares a struct that is an object in JSON, its keys spelt as JavaScript does.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $visible:vis struct $name:ident { $($(#[$field_meta:meta])* $field_visible:vis $field:ident: $type:ty,)* }
    ) => {
        $(#[$meta])*
        $visible struct $name { $($(#[$field_meta])* $field_visible $field: $type,)* }

        impl $crate::webhook::json::ToJson for $name {
            fn to_json(&self) -> $crate::webhook::json::Value {
                use $crate::webhook::json::{Value, camel_case};
                Value::Object(vec![$((camel_case(stringify!($field)), self.$field.to_json()),)*])
            }
        }

        impl $crate::webhook::json::OfJson for $name {
            fn of_json(value: &$crate::webhook::json::Value) -> Option<Self> {
                Some(Self { $($field: value.field(stringify!($field))?,)* })
            }
        }
    };
}

/// Declares an enumeration that is a text in JSON.
macro_rules! names {
    (
        $(#[$meta:meta])*
        $visible:vis enum $name:ident { $($(#[$case_meta:meta])* $case:ident = $text:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(tsify::Tsify, Clone, Copy, PartialEq, Eq, Debug)]
        $visible enum $name { $($(#[$case_meta])* #[serde(rename = $text)] $case,)* }

        impl $name {
            /// Its text.
            pub fn name(self) -> &'static str {
                match self { $(Self::$case => $text,)* }
            }
        }

        impl $crate::webhook::json::ToJson for $name {
            fn to_json(&self) -> $crate::webhook::json::Value {
                self.name().to_json()
            }
        }

        impl $crate::webhook::json::OfJson for $name {
            fn of_json(value: &$crate::webhook::json::Value) -> Option<Self> {
                match value.as_text()? { $($text => Some(Self::$case),)* _ => None }
            }
        }
    };
}

/// An object of some values.
macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {
        $crate::webhook::json::Value::Object(vec![$(($key.into(), $crate::webhook::json::ToJson::to_json(&$value)),)*])
    };
}

pub(crate) use {names, object, record};

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        #[derive(PartialEq, Debug)]
        struct Row {
            rx_id: Guid,
            r#type: Option<String>,
            at_once: Vec<i64>,
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let row = Row { rx_id: Guid::from_random(7), r#type: Some("\"\n".into()), at_once: vec![-1, i64::MAX] };
        let json = row.to_json().to_string();
        assert_eq!(
            json,
            r#"{"rxId":"00000000-0000-4000-8000-000000000007","type":"\"\n","atOnce":[-1,9223372036854775807]}"#
        );
        assert_eq!(Value::parse(&json).and_then(|value| Row::of_json(&value)), Some(row));
    }

    #[test]
    fn what_is_missing_or_wrong_makes_no_record() {
        let read = |json: &str| Value::parse(json).and_then(|value| Row::of_json(&value));
        let rx = r#""rxId":"00000000-0000-4000-8000-000000000007""#;
        assert!(read(&format!("{{{rx},\"atOnce\":[]}}")).is_some_and(|row| row.r#type.is_none()));
        for json in ["", "[]", "{}", &format!("{{{rx}}}"), &format!("{{{rx},\"atOnce\":[1.5]}}")] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
