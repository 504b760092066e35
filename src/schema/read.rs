//! Reading JSON according to a model's table, directly onto the tape.

use std::borrow::Cow;

use super::keys::{self, Known, Meaning};
use super::kind::Kind;
use super::model::{Field, Model};
use super::tape::{BYTES_PER_VALUE, Tape};
use crate::json::{Error, ErrorKind, Items, Reader, Result, Token};
use crate::scalar::{Gender, Guid, Id, PlainDate, Timestamp};

/// A text that is being read onto a tape.
pub(super) struct Reading<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) tape: Tape,
    /// Where the first optional value is that is not as documented, and how many there are.
    pub(super) ignored: Option<(usize, u32)>,
    known: Known<'a>,
    max_cells: usize,
}

impl<'a> Reading<'a> {
    /// Returns a reading whose tape may take about `max_bytes`.
    pub(super) fn new(text: &'a str, max_bytes: usize) -> Self {
        let (reader, max_cells) = (Reader::new(text), max_bytes / BYTES_PER_VALUE);
        Self { reader, tape: Tape::default(), ignored: None, known: Known::default(), max_cells }
    }

    /// Reads a value into a cell. `null` leaves the cell as it is, but makes a list empty.
    pub(super) fn value(&mut self, kind: &Kind, cell: usize) -> Result<()> {
        let next = self.reader.peek();
        let at = self.reader.at;
        let read = match (kind, next) {
            (Kind::Text, b'"') => self.text(cell),
            (Kind::Object(model), b'{') => self.object(model, cell),
            (Kind::List(item) | Kind::NullableList(item), b'[') => self.list(item, cell),
            (Kind::List(_), b'n') => self.reader.skip().map(|()| self.tape.set_rows(cell, &[])),
            (Kind::Json, _) => self.json(cell),
            _ => self.scalar(kind, cell),
        };
        read.map_err(|error| error.found_at(at))
    }

    /// Reads a value that must not be `null`.
    pub(super) fn non_null(&mut self, kind: &Kind, cell: usize) -> Result<()> {
        let null = self.reader.peek() == b'n';
        let at = self.reader.at;
        if null { Err(self.refuse().found_at(at)) } else { self.value(kind, cell) }
    }

    /// Enters an object, or fails if the next value is not one.
    pub(super) fn enter_object(&mut self) -> Result<Items> {
        if self.reader.peek() == b'{' { self.reader.enter() } else { Err(self.refuse()) }
    }

    fn text(&mut self, cell: usize) -> Result<()> {
        match self.reader.string()? {
            Cow::Borrowed(text) => self.tape.set_text(cell, text),
            Cow::Owned(text) => self.tape.set_text(cell, &text),
        }
        Ok(())
    }

    fn object(&mut self, model: &'static Model, row: usize) -> Result<()> {
        self.entries(model, row, false)?;
        let missing = |field: &&Field| field.required && self.tape.number(row + field.cell).is_none();
        match model.fields.iter().find(missing) {
            Some(field) => Err(Error::new(ErrorKind::Missing(field.key))),
            None => Ok(()),
        }
    }

    /// Reads an object's entries into its row; those of the inner object, read with `flattened`, take precedence over the
    /// others.
    fn entries(&mut self, model: &'static Model, row: usize, flattened: bool) -> Result<()> {
        let mut entries = self.reader.enter()?;
        let mut known = std::mem::take(self.known.of(model));
        let wins = flattened || model.flattened.is_empty();
        let mut at = 0;
        while self.reader.more(&mut entries)? {
            match keys::read(&mut self.reader, model, &mut known, at)? {
                Meaning::Own(field) if field.required => {
                    self.fill(&field.kind, row + field.cell, wins).map_err(Error::strict)?
                }
                Meaning::Own(field) => self.lenient(|own| own.fill(&field.kind, row + field.cell, wins))?,
                Meaning::Alias(alias) => self.lenient(|own| own.fill(&alias.kind, row + alias.cell, false))?,
                Meaning::Flattened if !flattened => self.lenient(|own| own.flattened(model, row))?,
                _ => self.reader.skip()?,
            }
            at += 1;
        }
        *self.known.of(model) = known;
        Ok(())
    }

    /// Reads an optional value. A value that is not as documented counts as missing and is recorded, so that one odd value does
    /// not make the whole response fail.
    fn lenient(&mut self, read: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.reader.peek();
        let (start, depth) = (self.reader.at, self.reader.depth);
        match read(self) {
            Err(error) if error.kind == ErrorKind::Value => {
                self.ignored.get_or_insert((error.at, 0)).1 += 1;
                self.reader.rewind(start, depth);
                self.reader.skip()
            }
            read => read,
        }
    }

    /// Reads a value into a cell, unless the cell has a value that takes precedence.
    fn fill(&mut self, kind: &Kind, cell: usize, wins: bool) -> Result<()> {
        if wins || self.tape.number(cell).is_none() { self.value(kind, cell) } else { self.reader.skip() }
    }

    /// Reads the inner object or, as the document also types it (R95), a list of such objects.
    fn flattened(&mut self, model: &'static Model, row: usize) -> Result<()> {
        let next = self.reader.peek();
        let at = self.reader.at;
        let read = match next {
            b'{' => self.entries(model, row, true),
            b'[' => {
                let mut items = self.reader.enter()?;
                while self.reader.more(&mut items)? {
                    self.flattened(model, row)?;
                }
                Ok(())
            }
            b'n' => self.reader.skip(),
            _ => Err(self.refuse()),
        };
        read.map_err(|error| error.found_at(at))
    }

    fn list(&mut self, item: &Kind, cell: usize) -> Result<()> {
        let mut items = self.reader.enter()?;
        let mut rows = Vec::new();
        while self.reader.more(&mut items)? {
            let row = self.tape.add_row(item.width());
            // Only lists make the tape longer than a model's width. Each item takes its own cells and one in the list.
            if self.tape.cells.len() + rows.len() > self.max_cells {
                return Err(Error::new(ErrorKind::TooLarge));
            }
            self.non_null(item, row)?;
            rows.push(row);
        }
        self.tape.set_rows(cell, &rows);
        Ok(())
    }

    fn json(&mut self, cell: usize) -> Result<()> {
        let start = self.reader.at;
        self.reader.skip()?;
        let text = self.tape.add_text(self.reader.since(start));
        self.tape.set(cell, text);
        Ok(())
    }

    fn scalar(&mut self, kind: &Kind, cell: usize) -> Result<()> {
        let start = self.reader.at;
        let token = match self.reader.token()? {
            Token::Null => return Ok(()),
            Token::Open(_) => return Err(self.refuse()),
            token => token,
        };
        let wrong = || Error::new(ErrorKind::Value);
        let tape = &mut self.tape;
        match (kind, &token) {
            (Kind::TextOrNumber, Token::Text(value)) => tape.set_text(cell, value),
            (Kind::TextOrNumber, Token::Whole(_) | Token::Float(_)) => tape.set_text(cell, self.reader.since(start)),
            (Kind::Guid, Token::Text(value)) => {
                let guid: Guid = value.parse().map_err(|_| wrong())?;
                tape.set_text(cell, guid.write(&mut [0; 36]));
            }
            (Kind::Id, Token::Whole(number)) => tape.set(cell, Id::try_from(*number).map_err(|_| wrong())?.as_f64()),
            (Kind::Id, Token::Float(number)) => tape.set(cell, Id::try_from(*number).map_err(|_| wrong())?.as_f64()),
            (Kind::Id, Token::Text(digits)) => {
                let id: Id = digits.parse().map_err(|_| wrong())?;
                tape.set(cell, id.as_f64());
            }
            (Kind::Number, Token::Whole(number)) => tape.set(cell, *number as f64),
            (Kind::Number, Token::Float(number)) if number.is_finite() => tape.set(cell, *number),
            (Kind::Number, Token::Text(digits)) => tape.set(cell, Reader::number_of(digits).ok_or_else(wrong)?),
            (Kind::Flag, Token::Bool(flag)) => tape.set(cell, f64::from(u8::from(*flag))),
            (Kind::Time, Token::Text(value)) => {
                if let Some(time) = Timestamp::parse(value).map_err(|_| wrong())? {
                    tape.set_text(cell, time.as_str());
                }
            }
            (Kind::Date, Token::Text(value)) => {
                if let Some(date) = PlainDate::of_time(value).map_err(|_| wrong())? {
                    tape.set_text(cell, date);
                }
            }
            (Kind::LabType, Token::Text(value)) => {
                let restorative = value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("resto"));
                tape.set_text(cell, if restorative { "Dental" } else { value });
            }
            (Kind::Gender, Token::Text(word)) => self.gender(cell, Gender::from_word(word)),
            (Kind::Gender, Token::Whole(code)) => self.gender(cell, Gender::from_code(*code)),
            _ => return Err(wrong()),
        }
        Ok(())
    }

    fn gender(&mut self, cell: usize, gender: Option<Gender>) {
        if let Some(gender) = gender {
            self.tape.set_text(cell, gender.name());
        }
    }

    /// Skips a value of the wrong type. Returns the error to report: a syntax error within the value comes first.
    #[cold]
    fn refuse(&mut self) -> Box<Error> {
        match self.reader.skip() {
            Ok(()) => Error::new(ErrorKind::Value),
            Err(malformed) => malformed,
        }
    }
}
