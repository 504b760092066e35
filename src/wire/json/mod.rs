//! JSON, read straight into the models.
//!
//! Our own reader rather than a general one: it formats no messages (which could hold a patient's data) and tells where it
//! failed instead, takes nothing but an object for a model, and makes the client, which every portal's user downloads,
//! smaller by 20 KB of gzip.

mod path;
mod reader;

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

pub(super) use path::{path_at, push_key};
use reader::{Reader, Token};

/// Where and why a text could not be read. Holds nothing of the text.
#[derive(Debug, PartialEq)]
pub(crate) struct Error {
    pub kind: ErrorKind,
    /// The first byte of the innermost value that failed.
    pub at: usize,
}

#[derive(Debug, PartialEq)]
pub(crate) enum ErrorKind {
    /// The text is not JSON.
    Syntax,
    /// The text ends in the middle.
    End,
    /// A value has another type, or is not what its type allows.
    Value,
    /// An object lacks this key.
    Missing(&'static str),
}

/// A failure that does not yet know where it is.
const NOWHERE: usize = usize::MAX;

impl Error {
    fn new(kind: ErrorKind) -> Self {
        Self { kind, at: NOWHERE }
    }

    fn found_at(self, at: usize) -> Self {
        if self.at == NOWHERE { Self { at, ..self } } else { self }
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::new(ErrorKind::Value)
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::new(ErrorKind::Value)
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::new(ErrorKind::Value)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(ErrorKind::Missing(field))
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::new(ErrorKind::Value)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the expected JSON")
    }
}

impl std::error::Error for Error {}

type Result<T> = std::result::Result<T, Error>;

/// Reads the whole text as one value.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader).map_err(|error| error.found_at(0))?;
    match reader.peek() {
        Err(_) => Ok(value),
        Ok(_) => Err(Error::new(ErrorKind::Syntax)),
    }
}

impl Reader<'_> {
    fn object<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.open()?;
        let value = visitor.visit_map(Items { reader: self, closing: b'}', first: true })?;
        self.close(b'}').map(|()| value)
    }

    fn list<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.open()?;
        let value = visitor.visit_seq(Items { reader: self, closing: b']', first: true })?;
        self.close(b']').map(|()| value)
    }

    /// Passes over a value of the wrong type, and fails for what is wrong first.
    #[cold]
    fn refuse(&mut self) -> Error {
        match de::IgnoredAny::deserialize(self) {
            Ok(_) => Error::new(ErrorKind::Value),
            Err(malformed) => malformed,
        }
    }
}

impl<'de> de::Deserializer<'de> for &mut Reader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.token()? {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Whole(number) => visitor.visit_i64(number),
            Token::Float(number) => visitor.visit_f64(number),
            Token::Text(text) => visitor.visit_str(&text),
            Token::Open(b'{') => self.object(visitor),
            Token::Open(_) => self.list(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek()? {
            b'n' => self.word("null", ()).and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// Serde's models would also take a list of their fields' values.
    fn deserialize_struct<V: Visitor<'de>>(self, _: &str, _: &[&str], visitor: V) -> Result<V::Value> {
        if self.peek()? == b'{' { self.object(visitor) } else { Err(self.refuse()) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek()? == b'[' { self.list(visitor) } else { Err(self.refuse()) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek()? == b'"' { visitor.visit_str(&self.string()?) } else { Err(self.refuse()) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map enum
        ignored_any
    }
}

/// The items of a list, or the entries of an object.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    closing: u8,
    first: bool,
}

impl<'a> Items<'_, 'a> {
    /// Whether there is another item; reads the comma before it.
    fn more(&mut self) -> Result<bool> {
        if self.reader.peek()? == self.closing {
            // A comma must not be the last.
            return Ok(false);
        }
        if !self.first {
            self.reader.expect(b',')?;
            if self.reader.peek()? == self.closing {
                return Err(Error::new(ErrorKind::Syntax));
            }
        }
        self.first = false;
        Ok(true)
    }

    /// The name of the next entry, if there is one.
    fn key(&mut self) -> Result<Option<Cow<'a, str>>> {
        if !self.more()? {
            return Ok(None);
        }
        let key = self.reader.string()?;
        self.reader.expect(b':')?;
        Ok(Some(key))
    }

    fn value<'de, S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        self.reader.peek()?;
        let at = self.reader.at;
        seed.deserialize(&mut *self.reader).map_err(|error| error.found_at(at))
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.more()? { self.value(seed).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, '_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some(key) = self.key()? else { return Ok(None) };
        seed.deserialize(key.as_ref().into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        self.value(seed)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    fn agree(text: &str) {
        let ours = from_str::<Value>(text);
        let theirs = serde_json::from_str::<Value>(text);
        match theirs {
            Ok(value) => assert_eq!(ours, Ok(value), "{text}"),
            Err(error) => {
                let kind = ours.map_err(|error| error.kind);
                let expected = if error.is_eof() { ErrorKind::End } else { ErrorKind::Syntax };
                assert_eq!(kind, Err(expected), "{text}: {error}");
            }
        }
    }

    #[test]
    fn well_formed_texts_are_read_as_serde_json_reads_them() {
        for text in [
            "null",
            " [ ] ",
            "{}",
            "[1, 2,\t3]\r\n",
            r#"{"a":{"b":[true,false,null]},"c":""}"#,
            "0",
            "-7",
            "9223372036854775807",
            "1.5",
            "-0.25",
            "1e3",
            "2.5E-3",
            "123456789.125e+2",
            "0.1",
            "3.14159",
            r#""Zoë \"O'Neil\" \\ \/ \b\f\n\r\t""#,
            r#""\u00e9\u4e2d\ud83e\uddb7""#,
            "\"歯医者\u{7f}\"",
            r#""\"""#,
        ] {
            agree(text);
        }
    }

    #[test]
    fn malformed_texts_are_refused_as_serde_json_refuses_them() {
        for text in [
            "",
            "  ",
            "nul",
            "nulx",
            "tru",
            "[1,]",
            "[1 2]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{1:2}",
            "[1",
            "{\"a\":1",
            "{\"a\"",
            "\"abc",
            "\"\\",
            "\"\\x\"",
            "\"\\u12",
            "\"\\u12G4\"",
            "\"line\nbreak\"",
            "1 2",
            "[]]",
            "-",
            "1.",
            "1.x",
            ".5",
            "1e",
            "1e+",
            "+1",
            "01",
            "-01",
            "00",
            "'a'",
            "[1}",
            "{\"a\":1]",
        ] {
            agree(text);
        }
    }

    #[test]
    fn every_beginning_of_a_text_is_cut_short() {
        let text = r#"{"Data":{"Results":[{"A":"x\u00e9\"","B":-0.5e3,"C":null,"D":[true]}]},"Status":1}"#;
        for end in 1..text.len() {
            let error = from_str::<Value>(&text[..end]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::End, "{}", &text[..end]);
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_the_replacement_character() {
        for text in [r#""\ud83e""#, r#""\udd00""#, r#""\ud83e\u0041""#] {
            assert_eq!(from_str::<String>(text).unwrap(), "\u{fffd}");
        }
    }

    #[test]
    fn values_nest_only_so_deep() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(from_str::<de::IgnoredAny>(&nested(127)).is_ok());
        assert!(from_str::<de::IgnoredAny>(&nested(128)).is_err());
        assert!(from_str::<de::IgnoredAny>(&nested(100_000)).is_err());
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Model {
        a: u8,
        b: Option<String>,
    }

    #[test]
    fn a_model_is_an_object_and_nothing_else() {
        assert_eq!(from_str(r#"{"a":1,"other":[{}]}"#), Ok(Model { a: 1, b: None }));
        for text in ["[1,null]", "1", "null", "\"a\""] {
            assert_eq!(from_str::<Model>(text), Err(Error { kind: ErrorKind::Value, at: 0 }), "{text}");
        }
    }

    #[test]
    fn a_failure_is_where_its_innermost_value_begins() {
        let fails = |text: &str| from_str::<Vec<Model>>(text).unwrap_err();
        assert_eq!(fails(r#"[{"a":1},{"a":256}]"#), Error { kind: ErrorKind::Value, at: 14 });
        assert_eq!(fails(r#"[{"a":1},{"a":2,"b":3}]"#), Error { kind: ErrorKind::Value, at: 20 });
        assert_eq!(fails(r#"[{"a":1}, {"b":""}]"#), Error { kind: ErrorKind::Missing("a"), at: 10 });
    }
}
