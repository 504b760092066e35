//! JSON, token by token.
//!
//! Our own reader instead of a general one: it formats no messages, which could contain a patient's data, but says where it
//! failed. It also makes the client, which every user of a portal downloads, 20 KB of gzip smaller, and the edge function 31 KB.

mod bytes;
#[cfg(feature = "webhook")]
mod de;
mod path;
mod reader;
mod writer;

pub(crate) use bytes::same;
#[cfg(feature = "webhook")]
pub(crate) use de::read;
pub(crate) use path::{path_at, push_key};
pub(crate) use reader::Items;
pub(crate) use reader::{Reader, Token};
pub(crate) use writer::{Object, digits, list, quoted};

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
    /// A value has another type, or its type does not allow it.
    Value,
    /// The same, for a value that is required.
    Required,
    /// An object lacks this key.
    Missing(&'static str),
    /// The values take more memory than allowed.
    TooLarge,
}

/// The place of a failure for which it has not been set yet.
const NOWHERE: usize = usize::MAX;

impl Error {
    #[cold]
    pub(crate) fn new(kind: ErrorKind) -> Box<Self> {
        Box::new(Self { kind, at: NOWHERE })
    }

    /// Makes a wrong value the fault of a required field, so that the object that contains it fails too.
    #[cold]
    pub(crate) fn strict(mut self: Box<Self>) -> Box<Self> {
        if self.kind == ErrorKind::Value {
            self.kind = ErrorKind::Required;
        }
        self
    }

    #[cold]
    pub(crate) fn found_at(mut self: Box<Self>, at: usize) -> Box<Self> {
        if self.at == NOWHERE {
            self.at = at;
        }
        self
    }
}

/// The error is boxed so that a result fits into a register: reading consists mostly of checking results.
pub(crate) type Result<T> = std::result::Result<T, Box<Error>>;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Reads the text as one value, with every token in it.
    fn read(text: &str) -> Result<Value> {
        fn value(reader: &mut Reader<'_>) -> Result<Value> {
            Ok(match reader.token()? {
                Token::Null => Value::Null,
                Token::Bool(value) => value.into(),
                Token::Whole(number) => number.into(),
                Token::Float(number) => number.into(),
                Token::Text(text) => text.as_ref().into(),
                Token::Open(b'{') => {
                    let mut entries = reader.enter()?;
                    let mut object = serde_json::Map::new();
                    while let Some(key) = reader.key(&mut entries)? {
                        object.insert(key.into_owned(), value(reader)?);
                    }
                    object.into()
                }
                Token::Open(_) => {
                    let mut items = reader.enter()?;
                    let mut list = Vec::new();
                    while reader.more(&mut items)? {
                        list.push(value(reader)?);
                    }
                    list.into()
                }
            })
        }
        let mut reader = Reader::new(text);
        let read = value(&mut reader)?;
        reader.end().map(|()| read)
    }

    fn skipped(text: &str) -> Result<()> {
        let mut reader = Reader::new(text);
        reader.skip()?;
        reader.end()
    }

    fn agree(text: &str) {
        let ours = read(text);
        let refused = ours.as_ref().map(drop).map_err(|error| Error::new(kind(error)).found_at(error.at));
        assert_eq!(skipped(text), refused);
        match serde_json::from_str::<Value>(text) {
            Ok(value) => assert_eq!(ours, Ok(value), "{text}"),
            Err(error) => {
                let expected = if error.is_eof() { ErrorKind::End } else { ErrorKind::Syntax };
                assert_eq!(ours.map_err(|error| error.kind), Err(expected), "{text}: {error}");
            }
        }
    }

    fn kind(error: &Error) -> ErrorKind {
        match error.kind {
            ErrorKind::Syntax => ErrorKind::Syntax,
            ErrorKind::End => ErrorKind::End,
            _ => unreachable!("no type is asked for"),
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
            let error = read(&text[..end]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::End, "{}", &text[..end]);
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_the_replacement_character() {
        for text in [r#""\ud83e""#, r#""\udd00""#] {
            assert_eq!(read(text).unwrap(), "\u{fffd}");
        }
        assert_eq!(read(r#""\ud83e\u0041""#).unwrap(), "\u{fffd}A");
        assert_eq!(read(r#""\ud83e\ud83e\udd00""#).unwrap(), "\u{fffd}🤀");
    }

    #[test]
    fn values_nest_only_so_deep() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(skipped(&nested(127)).is_ok());
        assert!(skipped(&nested(128)).is_err());
        assert!(skipped(&nested(100_000)).is_err());
    }
}
