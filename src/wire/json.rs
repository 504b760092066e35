//! JSON, read straight into the models.
//!
//! Our own reader rather than a general one, because it is the client's largest part and every portal's user downloads it:
//! it formats no messages (which could hold a patient's data), tells where it failed instead, takes nothing but an object
//! for a model, and is a third of the size.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// How deep values may nest; no model comes near.
const MAX_DEPTH: u8 = 127;

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
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader).map_err(|error| error.found_at(0))?;
    match reader.peek() {
        Err(_) => Ok(value),
        Ok(_) => Err(Error::new(ErrorKind::Syntax)),
    }
}

/// What is the same for every type stands in functions that are not generic, so that it is in the binary once.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

/// A value, or the beginning of one.
enum Token<'a> {
    Null,
    Bool(bool),
    Whole(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// A `[` or `{` that is not read yet.
    Open(u8),
}

impl<'a> Reader<'a> {
    /// The next byte after white space, which stays unread.
    fn peek(&mut self) -> Result<u8> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += blanks;
        rest.get(blanks).copied().ok_or_else(|| Error::new(ErrorKind::End))
    }

    fn next_is(&mut self, byte: u8) -> Result<bool> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        Ok(found)
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.next_is(byte)? { Ok(()) } else { Err(Error::new(ErrorKind::Syntax)) }
    }

    fn word<T>(&mut self, word: &str, meaning: T) -> Result<T> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(meaning);
        }
        Err(Error::new(if word.starts_with(rest) { ErrorKind::End } else { ErrorKind::Syntax }))
    }

    /// A text, borrowed unless it holds an escape.
    fn string(&mut self) -> Result<Cow<'a, str>> {
        self.expect(b'"')?;
        let plain = self.until_quote_or_escape()?;
        if self.next_is(b'"')? {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            if self.next_byte()? == b'"' {
                return Ok(Cow::Owned(text));
            }
            text.push(self.escaped()?);
            text.push_str(self.until_quote_or_escape()?);
        }
    }

    /// What stands before the next quote or backslash.
    fn until_quote_or_escape(&mut self) -> Result<&'a str> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        let plain = length.and_then(|length| rest.get(..length)).ok_or_else(|| Error::new(ErrorKind::End))?;
        self.at += plain.len();
        match self.text.as_bytes().get(self.at) {
            Some(b'"' | b'\\') => Ok(plain),
            _ => Err(Error::new(ErrorKind::Syntax)), // a control character
        }
    }

    fn next_byte(&mut self) -> Result<u8> {
        let byte = self.text.as_bytes().get(self.at).ok_or_else(|| Error::new(ErrorKind::End))?;
        self.at += 1;
        Ok(*byte)
    }

    /// The character that an escape stands for; its backslash is read.
    fn escaped(&mut self) -> Result<char> {
        Ok(match self.next_byte()? {
            byte @ (b'"' | b'\\' | b'/') => byte.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex()?;
                let pair =
                    matches!(unit, 0xd800..0xdc00) && self.text.get(self.at..).unwrap_or_default().starts_with("\\u");
                if !pair {
                    return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                self.at += 2;
                let low = self.hex()?;
                let code = matches!(low, 0xdc00..0xe000).then(|| 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(Error::new(ErrorKind::Syntax)),
        })
    }

    fn hex(&mut self) -> Result<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.next_byte()?).to_digit(16).ok_or_else(|| Error::new(ErrorKind::Syntax))?;
            unit = unit << 4 | digit;
        }
        Ok(unit)
    }

    fn skip_digits(&mut self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        digits
    }

    fn skip(&mut self, any_of: &[u8]) -> bool {
        let found = self.text.as_bytes().get(self.at).is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(found);
        found
    }

    /// A number: whole if it is written so and fits, else a float.
    fn number(&mut self) -> Result<Token<'a>> {
        let start = self.at;
        self.skip(b"-");
        let leading_zero = self.text.as_bytes().get(self.at) == Some(&b'0');
        let whole = self.skip_digits();
        let padded = leading_zero && whole > 1;
        let mut well_formed = whole > 0 && !padded;
        let end_of_whole = self.at;
        if well_formed && self.skip(b".") {
            well_formed = self.skip_digits() > 0;
        }
        if well_formed && self.skip(b"eE") {
            self.skip(b"+-");
            well_formed = self.skip_digits() > 0;
        }
        if !well_formed {
            let cut_short = self.at == self.text.len() && self.at > start && !padded;
            return Err(Error::new(if cut_short { ErrorKind::End } else { ErrorKind::Syntax }));
        }
        let token = self.text.get(start..self.at).unwrap_or_default();
        Ok(match token.parse() {
            Ok(number) if self.at == end_of_whole => Token::Whole(number),
            _ => Token::Float(float(token)),
        })
    }

    fn token(&mut self) -> Result<Token<'a>> {
        Ok(match self.peek()? {
            b'"' => Token::Text(self.string()?),
            byte @ (b'{' | b'[') => Token::Open(byte),
            b't' => self.word("true", Token::Bool(true))?,
            b'f' => self.word("false", Token::Bool(false))?,
            b'n' => self.word("null", Token::Null)?,
            _ => self.number()?,
        })
    }

    fn open(&mut self) -> Result<()> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Error::new(ErrorKind::Syntax)) } else { Ok(()) }
    }

    fn object<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.open()?;
        let value = visitor.visit_map(Items { reader: self, closing: b'}', first: true })?;
        self.depth -= 1;
        self.expect(b'}')?;
        Ok(value)
    }

    fn list<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.open()?;
        let value = visitor.visit_seq(Items { reader: self, closing: b']', first: true })?;
        self.depth -= 1;
        self.expect(b']')?;
        Ok(value)
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

/// The platform reads floats as `JSON.parse` does; Rust's own way would weigh more than the rest of this file.
#[cfg(target_arch = "wasm32")]
fn float(token: &str) -> f64 {
    js_sys::parse_float(token)
}

#[cfg(not(target_arch = "wasm32"))]
fn float(token: &str) -> f64 {
    token.parse().unwrap_or(f64::NAN)
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

    #[inline(never)] // once per type, not once per field
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
