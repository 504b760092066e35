//! The rows of ASCII PLY. A row may take several lines; anything after it on its last line is ignored.

use super::body::Body;
use super::header::Property;
use crate::scan::mesh::Growing;
use crate::scan::tokens::{Tokens, Words};
use crate::scan::warnings::Warning;
use crate::scan::{Fault, Mesh, number};

pub(super) struct Ascii {
    tokens: Tokens,
    rows: Rows,
}

impl Ascii {
    pub fn new(body: Body) -> Self {
        let rows = Rows { body, property: 0, left: None, line: Line::Start, trailing: 0 };
        Ascii { tokens: Tokens::default(), rows }
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.tokens.feed(bytes, &mut self.rows)
    }

    pub fn growing(&self) -> Growing<'_> {
        self.rows.body.growing()
    }

    pub fn finish(mut self) -> Result<Mesh, Fault> {
        self.tokens.finish(&mut self.rows)?;
        let Rows { mut body, property, left, trailing, .. } = self.rows;
        if property > 0 || left.is_some() {
            body.warnings.add(Warning::Truncated, 1);
        }
        body.warnings.add(Warning::TrailingBytes, trailing);
        body.finish()
    }
}

struct Rows {
    body: Body,
    /// The property whose value comes next and, if it is a list, how many of its values are left.
    property: usize,
    left: Option<u64>,
    line: Line,
    /// Bytes of words that belong to no row.
    trailing: u64,
}

#[derive(PartialEq, Eq)]
enum Line {
    Start,
    /// Within a row.
    Row,
    /// After a row's end.
    AfterRow,
    Comment,
}

impl Words for Rows {
    type Error = Fault;

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        match self.line {
            Line::Comment => return Ok(()),
            Line::Start if self.property == 0 && matches!(word, b"comment" | b"obj_info") => {
                self.line = Line::Comment;
                return Ok(());
            }
            Line::AfterRow => {
                self.trailing += word.len() as u64;
                return Ok(());
            }
            Line::Start | Line::Row => self.line = Line::Row,
        }
        let Some(element) = self.body.current() else {
            self.trailing += word.len() as u64;
            return Ok(());
        };
        let Some(property) = self.body.elements[element].properties.get(self.property).copied() else { return Ok(()) };
        self.value(property, word)?;
        self.end_row(element)
    }

    fn end_of_line(&mut self) -> Result<(), Fault> {
        self.line = Line::Start;
        Ok(())
    }
}

impl Rows {
    fn value(&mut self, property: Property, word: &[u8]) -> Result<(), Fault> {
        let number = number::parse(word);
        let value = number.map_or(f64::NAN, |number| number.value);
        if number.is_some_and(|number| number.has_comma) {
            self.body.warnings.add(Warning::DecimalComma, 1);
        }
        match (property.length, self.left) {
            (Some(_), None) => {
                if !(0.0..=f64::from(u32::MAX)).contains(&value) || value.fract() != 0.0 {
                    return Err(Fault::corrupt("The length of a list in PLY is none"));
                }
                self.left = Some(value as u64);
            }
            (_, left) => {
                self.body.row.set(&property, value);
                self.left = left.map(|left| left - 1);
            }
        }
        if matches!(self.left, None | Some(0)) {
            self.left = None;
            self.property += 1;
        }
        Ok(())
    }

    fn end_row(&mut self, element: usize) -> Result<(), Fault> {
        let Some(element) = self.body.elements.get(element) else { return Ok(()) };
        if self.property < element.properties.len() {
            return Ok(());
        }
        let kind = element.kind;
        self.property = 0;
        self.line = Line::AfterRow;
        self.body.end_row(kind)
    }
}
