//! A JSON text, token by token.

use std::borrow::Cow;

use super::{Error, ErrorKind, Result};

/// How deep values may nest; no model comes near.
const MAX_DEPTH: u8 = 127;

/// A text and how far it is read.
pub(crate) struct Reader<'a> {
    text: &'a str,
    pub(crate) at: usize,
    depth: u8,
}

/// How far an object or list is read.
pub(crate) struct Items {
    closing: u8,
    first: bool,
}

/// A value, or the beginning of one.
pub(crate) enum Token<'a> {
    Null,
    Bool(bool),
    Whole(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// A `[` or `{` that is not read yet.
    Open(u8),
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// What was read from `start` on.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The number that a text is.
    pub(crate) fn number_of(text: &str) -> Option<f64> {
        let mut reader = Reader::new(text);
        let number = match reader.number().ok()? {
            Token::Whole(number) => number as f64,
            Token::Float(number) if number.is_finite() => number,
            _ => return None,
        };
        (reader.at == text.len()).then_some(number)
    }

    /// The next byte after white space, which stays unread.
    pub(crate) fn peek(&mut self) -> Result<u8> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(Error::new(ErrorKind::End))
    }

    fn next_is(&mut self, byte: u8) -> Result<bool> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        Ok(found)
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Result<()> {
        if self.next_is(byte)? { Ok(()) } else { Err(Error::new(ErrorKind::Syntax)) }
    }

    pub(crate) fn word<T>(&mut self, word: &str, meaning: T) -> Result<T> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(meaning);
        }
        Err(Error::new(if word.starts_with(rest) { ErrorKind::End } else { ErrorKind::Syntax }))
    }

    /// A text, borrowed unless it holds an escape.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>> {
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
        let length = plain_length(rest.as_bytes());
        self.at += length;
        match rest.as_bytes().get(length) {
            Some(b'"' | b'\\') => Ok(rest.get(..length).unwrap_or_default()),
            Some(_) => Err(Error::new(ErrorKind::Syntax)), // a control character
            None => Err(Error::new(ErrorKind::End)),
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
                let next = self.at;
                self.at += 2;
                let low = self.hex()?;
                if !matches!(low, 0xdc00..0xe000) {
                    self.at = next; // a character of its own
                    return Ok(char::REPLACEMENT_CHARACTER);
                }
                let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
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

    fn take(&mut self, any_of: &[u8]) -> bool {
        let found = self.text.as_bytes().get(self.at).is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(found);
        found
    }

    /// A number: whole if it is written so and fits, else a float.
    fn number(&mut self) -> Result<Token<'a>> {
        let start = self.at;
        self.take(b"-");
        let leading_zero = self.text.as_bytes().get(self.at) == Some(&b'0');
        let whole = self.skip_digits();
        let padded = leading_zero && whole > 1;
        let mut well_formed = whole > 0 && !padded;
        let end_of_whole = self.at;
        if well_formed && self.take(b".") {
            well_formed = self.skip_digits() > 0;
        }
        if well_formed && self.take(b"eE") {
            self.take(b"+-");
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

    pub(crate) fn token(&mut self) -> Result<Token<'a>> {
        Ok(match self.peek()? {
            b'"' => Token::Text(self.string()?),
            byte @ (b'{' | b'[') => Token::Open(byte),
            b't' => self.word("true", Token::Bool(true))?,
            b'f' => self.word("false", Token::Bool(false))?,
            b'n' => self.word("null", Token::Null)?,
            _ => self.number()?,
        })
    }

    /// Enters the object or list whose bracket is next.
    pub(crate) fn enter(&mut self) -> Result<Items> {
        let closing = if self.peek()? == b'{' { b'}' } else { b']' };
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Error::new(ErrorKind::Syntax)) } else { Ok(Items { closing, first: true }) }
    }

    /// Whether there is another item; reads the comma before it, or else the closing bracket.
    pub(crate) fn more(&mut self, items: &mut Items) -> Result<bool> {
        if self.next_is(items.closing)? {
            self.depth -= 1;
            return Ok(false);
        }
        if !items.first {
            self.expect(b',')?;
            if self.peek()? == items.closing {
                return Err(Error::new(ErrorKind::Syntax)); // a comma must not be the last
            }
        }
        items.first = false;
        Ok(true)
    }

    /// The name of the next entry, if there is one.
    pub(crate) fn key(&mut self, entries: &mut Items) -> Result<Option<Cow<'a, str>>> {
        if !self.more(entries)? {
            return Ok(None);
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Passes over a value, which must be well-formed.
    pub(crate) fn skip(&mut self) -> Result<()> {
        let Token::Open(bracket) = self.token()? else { return Ok(()) };
        let mut items = self.enter()?;
        match bracket {
            b'{' => {
                while self.key(&mut items)?.is_some() {
                    self.skip()?
                }
            }
            _ => {
                while self.more(&mut items)? {
                    self.skip()?
                }
            }
        }
        Ok(())
    }

    /// Fails unless the text ends here.
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.peek().is_ok() { Err(Error::new(ErrorKind::Syntax)) } else { Ok(()) }
    }
}

/// How many bytes stand before the first quote, backslash or control character. Most of an answer is such text, so it is
/// looked at eight bytes at a time: each test sets the high bit of the bytes that meet it, exactly up to the first.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & (ONES * 0x80);
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslashes = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = quotes | backslashes | below(word, 0x20);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count()
}

/// The platform reads floats as `JSON.parse` does; Rust's own way would weigh more than the rest of this file.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = parseFloat)]
    fn float(token: &str) -> f64;
}

#[cfg(not(target_arch = "wasm32"))]
fn float(token: &str) -> f64 {
    token.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_at_the_first_special_byte_wherever_it_stands() {
        for special in [b'"', b'\\', 0, 0x1f] {
            for length in 0..40 {
                for (plain, rest) in [("a", "b"), ("é", "\u{7f}"), (" ", "!"), ("[", "]"), ("\u{80}", "#")] {
                    let mut bytes: Vec<u8> = plain.bytes().cycle().take(length).collect();
                    bytes.push(special);
                    bytes.extend(rest.bytes().cycle().take(20));
                    assert_eq!(plain_length(&bytes), length, "{bytes:?}");
                    assert_eq!(plain_length(&bytes[..length]), length);
                }
            }
        }
    }
}
