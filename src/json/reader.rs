//! A JSON text, token by token.

use std::borrow::Cow;

use super::bytes::{plain_length, same};
use super::{Error, ErrorKind, Result};

/// How deep values may be nested; models need far less.
const MAX_DEPTH: u8 = 127;

/// How many digits always fit a `u64`.
const MAX_DIGITS: usize = 19;

/// A text, and how far it has been read.
pub(crate) struct Reader<'a> {
    text: &'a str,
    pub(crate) at: usize,
    /// How many values were skipped.
    pub(crate) skipped: usize,
    pub(crate) depth: u8,
}

/// How far an object or list has been read.
pub(crate) struct Items {
    closing: u8,
    first: bool,
}

/// A value, or the start of one.
pub(crate) enum Token<'a> {
    Null,
    Bool(bool),
    Whole(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// A `[` or `{` that has not been read yet.
    Open(u8),
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, skipped: 0, depth: 0 }
    }

    /// Returns what was read from `start` on.
    #[inline(always)]
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Returns the number that a text consists of.
    pub(crate) fn number_of(text: &str) -> Option<f64> {
        let mut reader = Reader::new(text);
        let number = match reader.number().ok()? {
            Token::Whole(number) => number as f64,
            Token::Float(number) if number.is_finite() => number,
            _ => return None,
        };
        (reader.at == text.len()).then_some(number)
    }

    /// Returns the next byte after white space, without reading it; 0, with which no token begins, at the end.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> u8 {
        let byte = self.here();
        if byte > b' ' { byte } else { self.after_space() }
    }

    #[inline(always)]
    fn here(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    #[cold]
    fn after_space(&mut self) -> u8 {
        while matches!(self.here(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.here()
    }

    /// Returns the error for a next byte that is not the expected one.
    #[cold]
    fn unexpected(&self) -> Box<Error> {
        Error::new(if self.at < self.text.len() { ErrorKind::Syntax } else { ErrorKind::End })
    }

    #[inline(always)]
    pub(crate) fn expect(&mut self, byte: u8) -> Result<()> {
        if self.peek() != byte {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(())
    }

    pub(crate) fn word<T>(&mut self, word: &str, meaning: T) -> Result<T> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(meaning);
        }
        Err(Error::new(if word.starts_with(rest) { ErrorKind::End } else { ErrorKind::Syntax }))
    }

    /// Reads a text, which is borrowed unless it contains an escape.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>> {
        self.expect(b'"')?;
        let plain = self.until_quote_or_escape();
        if self.here() == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        self.escaped_string(plain).map(Cow::Owned)
    }

    /// Reads the rest of a text that begins with `plain`. Returns the whole text.
    #[cold]
    fn escaped_string(&mut self, plain: &str) -> Result<String> {
        let mut text = plain.to_owned();
        loop {
            match self.here() {
                b'"' => break,
                b'\\' => self.at += 1,
                _ => return Err(self.unexpected()), // a control character, or the end
            }
            text.push(self.escaped()?);
            text.push_str(self.until_quote_or_escape());
        }
        self.at += 1;
        Ok(text)
    }

    /// Reads the text before the next quote, backslash or control character.
    #[inline(always)]
    fn until_quote_or_escape(&mut self) -> &'a str {
        let start = self.at;
        self.at += plain_length(self.text.as_bytes().get(start..).unwrap_or_default());
        self.since(start)
    }

    fn next_byte(&mut self) -> Result<u8> {
        let byte = self.text.as_bytes().get(self.at).ok_or_else(|| Error::new(ErrorKind::End))?;
        self.at += 1;
        Ok(*byte)
    }

    /// Reads the character that an escape stands for. Its backslash has been read already.
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
                    self.at = next; // a separate character
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

    /// Skips a byte if it comes next. Returns whether it did.
    #[inline(always)]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.here() == byte;
        self.at += usize::from(found);
        found
    }

    /// Reads digits. Returns how many there are, and their number, which is exact up to [`MAX_DIGITS`].
    #[inline(always)]
    fn digits(&mut self) -> (usize, u64) {
        let start = self.at;
        let mut number = 0_u64;
        while let digit @ b'0'..=b'9' = self.here() {
            number = number.wrapping_mul(10).wrapping_add((digit - b'0').into());
            self.at += 1;
        }
        (self.at - start, number)
    }

    /// Reads a number: whole if it is written as one and fits, otherwise a float.
    fn number(&mut self) -> Result<Token<'a>> {
        let start = self.at;
        let negative = self.take(b'-');
        let leading_zero = self.here() == b'0';
        let (digits, number) = self.digits();
        let padded = leading_zero && digits > 1;
        let mut well_formed = digits > 0 && !padded;
        let end_of_whole = self.at;
        if well_formed && self.take(b'.') {
            well_formed = self.digits().0 > 0;
        }
        if well_formed && (self.take(b'e') || self.take(b'E')) {
            let _sign = self.take(b'+') || self.take(b'-');
            well_formed = self.digits().0 > 0;
        }
        if !well_formed {
            let cut_short = self.at == self.text.len() && self.at > start && !padded;
            return Err(Error::new(if cut_short { ErrorKind::End } else { ErrorKind::Syntax }));
        }
        let whole = if negative { 0_i64.checked_sub_unsigned(number) } else { 0_i64.checked_add_unsigned(number) };
        Ok(match whole {
            Some(whole) if self.at == end_of_whole && digits <= MAX_DIGITS => Token::Whole(whole),
            _ => Token::Float(float(self.since(start))),
        })
    }

    pub(crate) fn token(&mut self) -> Result<Token<'a>> {
        Ok(match self.peek() {
            b'"' => Token::Text(self.string()?),
            byte @ (b'{' | b'[') => Token::Open(byte),
            b't' => self.word("true", Token::Bool(true))?,
            b'f' => self.word("false", Token::Bool(false))?,
            b'n' => self.word("null", Token::Null)?,
            0 => return Err(self.unexpected()),
            _ => self.number()?,
        })
    }

    /// Enters the object or list whose bracket is next.
    pub(crate) fn enter(&mut self) -> Result<Items> {
        let closing = if self.peek() == b'{' { b'}' } else { b']' };
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Error::new(ErrorKind::Syntax)) } else { Ok(Items { closing, first: true }) }
    }

    /// Whether there is another item. Reads the comma before it or, if there is none, the closing bracket.
    #[inline(always)]
    pub(crate) fn more(&mut self, items: &mut Items) -> Result<bool> {
        let next = self.peek();
        if next == items.closing {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !items.first {
            self.expect(b',')?;
            if self.peek() == items.closing {
                return Err(Error::new(ErrorKind::Syntax)); // a trailing comma is not allowed
            }
        }
        items.first = false;
        Ok(true)
    }

    /// Reads the name of the next entry, if there is one.
    pub(crate) fn key(&mut self, entries: &mut Items) -> Result<Option<Cow<'a, str>>> {
        if !self.more(entries)? {
            return Ok(None);
        }
        self.name().map(Some)
    }

    /// Reads the name of an entry, and its colon.
    pub(crate) fn name(&mut self) -> Result<Cow<'a, str>> {
        let name = self.string()?;
        self.expect(b':')?;
        Ok(name)
    }

    /// Skips `text` if it comes next. Returns whether it did.
    #[inline(always)]
    pub(crate) fn passes(&mut self, text: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let found = rest.get(..text.len()).is_some_and(|next| same(next, text.as_bytes()));
        if found {
            self.at += text.len();
        }
        found
    }

    /// Goes back to a position at which `depth` objects and lists were open.
    pub(crate) fn rewind(&mut self, at: usize, depth: u8) {
        (self.at, self.depth) = (at, depth);
    }

    /// Skips a value, which must be well-formed.
    pub(crate) fn skip(&mut self) -> Result<()> {
        self.skipped += 1;
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
        self.peek();
        if self.at < self.text.len() { Err(Error::new(ErrorKind::Syntax)) } else { Ok(()) }
    }
}

/// The platform reads floats as `JSON.parse` does. Rust's own parser would be larger than the rest of this file.
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
