//! Reading JSON by a model's table, straight onto the tape.

use super::json::{Error, ErrorKind, Items, Reader, Result, Token};
use super::model::{Field, Kind, Model};
use super::tape::Tape;
use super::{Gender, Guid, Id, PlainDate, Timestamp};

/// A text that is read onto a tape.
pub(super) struct Reading<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) tape: Tape,
}

impl Reading<'_> {
    /// Reads a value into a cell. `null` leaves the cell as it is, but makes a list empty.
    pub(super) fn value(&mut self, kind: &Kind, cell: usize) -> Result<()> {
        let next = self.reader.peek()?;
        let at = self.reader.at;
        let read = match (kind, next) {
            (Kind::Object(model), b'{') => self.object(model, cell),
            (Kind::List(item), b'[') => self.list(item, cell),
            (Kind::List(_), b'n') => self.reader.skip().map(|()| self.tape.set_rows(cell, &[])),
            (Kind::Json, _) => self.json(cell),
            _ => self.scalar(kind, cell),
        };
        read.map_err(|error| error.found_at(at))
    }

    /// Reads a value that must not be `null`.
    pub(super) fn there(&mut self, kind: &Kind, cell: usize) -> Result<()> {
        let null = self.reader.peek()? == b'n';
        let at = self.reader.at;
        if null { Err(self.refuse().found_at(at)) } else { self.value(kind, cell) }
    }

    /// Enters an object, and nothing else.
    pub(super) fn enter_object(&mut self) -> Result<Items> {
        if self.reader.peek()? == b'{' { self.reader.enter() } else { Err(self.refuse()) }
    }

    fn object(&mut self, model: &Model, row: usize) -> Result<()> {
        self.entries(model, row, false)?;
        let missing = |field: &&Field| field.required && self.tape.number(row + field.cell).is_none();
        match model.fields.iter().find(missing) {
            Some(field) => Err(Error::new(ErrorKind::Missing(field.key))),
            None => Ok(()),
        }
    }

    /// Reads an object's entries into its row; those of the object `within` win over the others.
    fn entries(&mut self, model: &Model, row: usize, within: bool) -> Result<()> {
        let mut entries = self.reader.enter()?;
        let mut next = 0; // as a rule, keys come in the order of the table
        while let Some(key) = self.reader.key(&mut entries)? {
            if let Some(at) = place(model, &key, next) {
                let field = &model.fields[at];
                next = at + 1;
                self.fill(&field.kind, row + field.cell, within || model.within.is_empty())?;
            } else if let Some(alias) = model.also.iter().find(|alias| alias.key == key) {
                self.fill(&alias.kind, row + alias.cell, false)?;
            } else if !within && !key.is_empty() && model.within == key {
                self.within(model, row)?;
            } else {
                self.reader.skip()?;
            }
        }
        Ok(())
    }

    /// Reads a value into a cell, unless it would replace another that wins.
    fn fill(&mut self, kind: &Kind, cell: usize, wins: bool) -> Result<()> {
        if wins || self.tape.number(cell).is_none() { self.value(kind, cell) } else { self.reader.skip() }
    }

    /// The object within, or, as the document also types it (R95), a list of such.
    fn within(&mut self, model: &Model, row: usize) -> Result<()> {
        let next = self.reader.peek()?;
        let at = self.reader.at;
        let read = match next {
            b'{' => self.entries(model, row, true),
            b'[' => {
                let mut items = self.reader.enter()?;
                while self.reader.more(&mut items)? {
                    self.within(model, row)?;
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
            self.there(item, row)?;
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
        let text = |tape: &mut Tape, text: &str| Some(tape.add_text(text));
        let tape = &mut self.tape;
        let value = match (kind, &token) {
            (Kind::Text | Kind::Scalar, Token::Text(value)) => text(tape, value),
            (Kind::Scalar, Token::Whole(_) | Token::Float(_)) => text(tape, self.reader.since(start)),
            (Kind::Guid, Token::Text(value)) => {
                let guid: Guid = value.parse().map_err(|_| wrong())?;
                text(tape, guid.write(&mut [0; 36]))
            }
            (Kind::Id, Token::Whole(number)) => Some(Id::try_from(*number).map_err(|_| wrong())?.as_f64()),
            (Kind::Id, Token::Float(number)) => Some(Id::try_from(*number).map_err(|_| wrong())?.as_f64()),
            (Kind::Id, Token::Text(digits)) => {
                let id: Id = digits.parse().map_err(|_| wrong())?;
                Some(id.as_f64())
            }
            (Kind::Number, Token::Whole(number)) => Some(*number as f64),
            (Kind::Number, Token::Float(number)) if number.is_finite() => Some(*number),
            (Kind::Number, Token::Text(digits)) => Some(Reader::number_of(digits).ok_or_else(wrong)?),
            (Kind::Flag, Token::Bool(flag)) => Some(f64::from(u8::from(*flag))),
            (Kind::Time, Token::Text(value)) => {
                let time = Timestamp::parse(value).map_err(|_| wrong())?;
                time.and_then(|time| text(tape, time.as_str()))
            }
            (Kind::Date, Token::Text(value)) => {
                let date = PlainDate::of_time(value).map_err(|_| wrong())?;
                date.and_then(|date| text(tape, date))
            }
            (Kind::LabType, Token::Text(value)) => {
                let restorative = value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("resto"));
                text(tape, if restorative { "Dental" } else { value })
            }
            (Kind::Gender, Token::Text(word)) => Gender::of_word(word).and_then(|gender| text(tape, gender.name())),
            (Kind::Gender, Token::Whole(code)) => Gender::of_code(*code).and_then(|gender| text(tape, gender.name())),
            _ => return Err(wrong()),
        };
        if let Some(value) = value {
            tape.set(cell, value);
        }
        Ok(())
    }

    /// Passes over a value of the wrong type, and fails for what is wrong first.
    #[cold]
    fn refuse(&mut self) -> Error {
        match self.reader.skip() {
            Ok(()) => Error::new(ErrorKind::Value),
            Err(malformed) => malformed,
        }
    }
}

/// Which field of the model has this key, looked for from `next` on and around.
fn place(model: &Model, key: &str, next: usize) -> Option<usize> {
    let fields = model.fields;
    if fields.get(next).is_some_and(|field| field.key == key) {
        return Some(next);
    }
    fields.iter().position(|field| field.key == key).filter(|_| !key.is_empty())
}
