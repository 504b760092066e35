//! Lets serde read JSON with this reader: the rows and messages of the edge function.
//!
//! serde_json has a reader of its own, which would be a second one in the module: 31 KB of gzip, with messages that quote what was
//! read, which nobody may see (decision 2).

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{Error, Items, Reader, Token};

/// Reads a text that has to consist of one value; `None` if it is not JSON, or not a `T`.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// A text cannot be read. Why is not kept.
#[derive(Debug)]
pub(crate) struct Unreadable;

type Result<T> = std::result::Result<T, Unreadable>;

impl Display for Unreadable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("not the JSON that is expected")
    }
}

impl std::error::Error for Unreadable {}

impl serde::de::Error for Unreadable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl From<Box<Error>> for Unreadable {
    fn from(_: Box<Error>) -> Self {
        Self
    }
}

/// An object or list that is being read.
struct Inside<'r, 'de> {
    reader: &'r mut Reader<'de>,
    items: &'r mut Items,
}

impl<'de> Reader<'de> {
    /// Enters the object or list that has to come next.
    fn enter_only(&mut self, bracket: u8) -> Result<Items> {
        if self.peek() == bracket { Ok(self.enter()?) } else { Err(Unreadable) }
    }

    /// Fails unless all items were read.
    fn leave(&mut self, mut items: Items, outside: u8) -> Result<()> {
        if self.depth == outside || !self.more(&mut items)? { Ok(()) } else { Err(Unreadable) }
    }
}

fn text<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

fn number<'de, V: Visitor<'de>>(number: Token<'de>, visitor: V) -> Result<V::Value> {
    match number {
        Token::Whole(number) => visitor.visit_i64(number),
        Token::Float(number) if number.is_finite() => visitor.visit_f64(number),
        _ => Err(Unreadable),
    }
}

/// Defines methods that read one kind of value. With `deserialize_any` for all, each type would have code for every kind.
macro_rules! kinds {
    ($($($method:ident)+ => |$reader:ident, $visitor:ident| $read:expr;)+) => {
        $($(fn $method<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value> {
            let $reader = self;
            $read
        })+)+
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    kinds! {
        deserialize_any => |reader, visitor| match reader.token()? {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Text(value) => text(value, visitor),
            Token::Open(b'{') => reader.deserialize_map(visitor),
            Token::Open(_) => reader.deserialize_seq(visitor),
            token => number(token, visitor),
        };
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32
        deserialize_u64 deserialize_f32 deserialize_f64 => |reader, visitor| number(reader.token()?, visitor);
        deserialize_str deserialize_string deserialize_identifier => |reader, visitor| text(reader.string()?, visitor);
        deserialize_seq => |reader, visitor| {
            let outside = reader.depth;
            let mut items = reader.enter_only(b'[')?;
            let value = visitor.visit_seq(Inside { reader, items: &mut items })?;
            reader.leave(items, outside)?; // a tuple does not read what is too much
            Ok(value)
        };
        deserialize_map => |reader, visitor| {
            let mut items = reader.enter_only(b'{')?;
            visitor.visit_map(Inside { reader, items: &mut items })
        };
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() != b'n' {
            return visitor.visit_some(self);
        }
        self.word("null", ())?;
        visitor.visit_none()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    /// A variant without content is a text, any other an object with one entry.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if self.peek() == b'"' {
            return visitor.visit_enum(self.string()?.into_deserializer());
        }
        let outside = self.depth;
        let mut items = self.enter_only(b'{')?;
        let value = visitor.visit_enum(MapAccessDeserializer::new(Inside { reader: self, items: &mut items }))?;
        self.leave(items, outside)?;
        Ok(value)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

impl<'de> SeqAccess<'de> for Inside<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.reader.more(self.items)? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Inside<'_, 'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};
    use serde_json::Value;

    use super::*;

    /// One of everything that serde knows.
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Everything {
        text: String,
        whole: (u64, i64, u8),
        float: f64,
        flag: bool,
        nothing: Option<String>,
        something: Option<u16>,
        list: Vec<Kind>,
        map: BTreeMap<String, i32>,
        unit: (),
        wrapped: Wrapped,
        #[serde(default)]
        missing: u32,
        any: Value,
        #[serde(flatten)]
        flat: Flat,
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Wrapped(char);

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Flat {
        inner: i64,
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    enum Kind {
        Unit,
        New(Option<i64>),
        Pair(u8, bool),
        Struct { a: String },
    }

    fn everything() -> String {
        let value = Everything {
            text: "Zoë \"\\\n".into(),
            whole: (7, -7, 255),
            float: -0.5,
            flag: true,
            nothing: None,
            something: Some(7),
            list: vec![
                Kind::Unit,
                Kind::New(None),
                Kind::New(Some(1)),
                Kind::Pair(1, false),
                Kind::Struct { a: "".into() },
            ],
            map: [("a".to_owned(), 1), ("b".to_owned(), -1)].into(),
            unit: (),
            wrapped: Wrapped('x'),
            missing: 3,
            any: serde_json::json!({ "a": [1, 2.5, null, true, "x", {}], "b": {} }),
            flat: Flat { inner: 9 },
        };
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(read::<Everything>(&text), Some(value));
        text
    }

    #[test]
    fn each_change_of_one_character_has_the_effect_that_it_has_with_serde_json() {
        let text = everything();
        let mut refused = 0;
        for (at, old) in text.char_indices() {
            let (before, after) = (&text[..at], &text[at + old.len_utf8()..]);
            for new in ["", "{", "}", "[", "]", ",", ":", "\"", "\\", "0", "-", ".", "e", "n", "t", " ", "\n", "\u{0}"]
            {
                let changed = format!("{before}{new}{after}");
                if changed.contains("-0,") || changed.contains("-0}") {
                    continue; // serde_json takes it for a float
                }
                let ours = read::<Everything>(&changed);
                refused += usize::from(ours.is_none());
                assert_eq!(ours, serde_json::from_str(&changed).ok(), "{changed}");
                assert_eq!(read::<Value>(&changed), serde_json::from_str(&changed).ok(), "{changed}");
            }
            assert_eq!(read::<Everything>(before), None);
        }
        assert!(refused > 2_000, "{refused}");
    }

    #[test]
    fn variants_are_texts_or_objects_with_one_entry() {
        for text in [r#""Unit""#, r#"{"Unit":null}"#, r#"{"New":null}"#, r#" { "Pair" : [ 1 , true ] } "#] {
            assert!(read::<Kind>(text).is_some(), "{text}");
            assert_eq!(read::<Kind>(text), serde_json::from_str(text).ok());
        }
        for text in [
            r#""New""#,
            r#""Other""#,
            r#"{"Unit":1}"#,
            "{}",
            "[]",
            "null",
            r#"{"Pair":[1]}"#,
            r#"{"Pair":[1,true,2]}"#,
            r#"{"New":1,"New":1}"#,
            r#"{"New":1"#,
            r#"{"Struct":{}}"#,
        ] {
            assert_eq!(read::<Kind>(text), None, "{text}");
            assert!(serde_json::from_str::<Kind>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        for text in ["[1,2,3]", "[1,2", "[1,2],", "[1]", "[1,2]]", "[-1,2]", "[1,256]", "[1e400,2]"] {
            assert_eq!(read::<(u64, u8)>(text), None, "{text}");
        }
        assert_eq!(read::<Vec<(u8, u8)>>("[[1,2,3],4]"), None);
        assert_eq!(read::<Value>("1e400"), None);
        assert_eq!(read::<Flat>("[9]"), None, "serde_json accepts this");
        assert!(read::<Value>(&"[".repeat(100_000)).is_none());
    }
}
