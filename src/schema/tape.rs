//! The content of a response on its way to JavaScript: all its texts joined into two, and a number for everything else. It
//! crosses over in two steps instead of tens of thousands, and JavaScript builds objects of one fixed shape from it.

use crate::json::same;

/// How much memory a cell takes.
pub(crate) const BYTES_PER_VALUE: usize = size_of::<f64>();

/// The values of a response. An object is a row of cells, in the places that its model gives them. In a cell,
///
/// - a text is its number among the ASCII texts, counted from 1, or, if negative, among the other texts,
/// - a number is itself, a flag is 0 or 1,
/// - a list is the place of the cell that holds its length, followed by the places of its rows,
/// - a missing value is NaN.
#[derive(Default, Debug)]
pub struct Tape {
    /// Separate from the others: a long text of ASCII alone is decoded quickly and takes half the memory, but a single other
    /// character in it would undo both.
    pub(crate) ascii: Texts,
    pub(crate) others: Texts,
    pub(crate) cells: Vec<f64>,
    pub(crate) ignored: Option<Box<Ignored>>,
}

/// Optional values that are not as documented and so count as missing.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Ignored {
    /// Where the first is.
    pub(crate) path: String,
    /// How many there are.
    pub(crate) count: u32,
}

/// Texts, joined into one.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) text: String,
    /// A 0, and where each text ends, in bytes.
    pub(crate) ends: Vec<u32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { text: String::new(), ends: vec![0] }
    }
}

impl Texts {
    /// Adds a text. Returns its number.
    #[inline(always)]
    fn add(&mut self, text: &str) -> f64 {
        let place = self.ends.len();
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        place as f64
    }

    #[inline(always)]
    fn get(&self, place: f64) -> Option<&str> {
        let place = place as usize;
        let start = place.checked_sub(1)?;
        self.text.get(*self.ends.get(start)? as usize..*self.ends.get(place)? as usize)
    }

    /// Returns a 0, and where each text ends, in UTF-16 units.
    pub(crate) fn utf16_ends(&self) -> Vec<u32> {
        // A character takes one unit, or two if its first byte says that three more follow.
        let units = |byte: &u8| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0);
        let (mut start, mut total) = (0, 0);
        let end = |&end: &u32| {
            let text = self.text.as_bytes().get(start as usize..end as usize).unwrap_or_default();
            total += text.iter().map(units).sum::<u32>();
            start = end;
            total
        };
        self.ends.iter().map(end).collect()
    }
}

impl Tape {
    /// Adds an empty row of `width` cells. Returns its place.
    pub(crate) fn add_row(&mut self, width: usize) -> usize {
        let row = self.cells.len();
        self.cells.resize(row + width, f64::NAN);
        row
    }

    /// Puts a text into a cell, unless the cell already holds the same text: an older key usually has the same value as the
    /// newer one.
    pub(crate) fn set_text(&mut self, cell: usize, text: &str) {
        if !self.text(cell).is_some_and(|there| same(there.as_bytes(), text.as_bytes())) {
            let place = self.add_text(text);
            self.set(cell, place);
        }
    }

    /// Adds a text. Returns the value of its cell.
    pub(crate) fn add_text(&mut self, text: &str) -> f64 {
        if text.is_ascii() { self.ascii.add(text) } else { -self.others.add(text) }
    }

    /// Puts a value into a cell.
    #[inline(always)]
    pub(crate) fn set(&mut self, cell: usize, value: f64) {
        if let Some(place) = self.cells.get_mut(cell) {
            *place = value;
        }
    }

    /// Makes a cell the list of `rows`.
    pub(crate) fn set_rows(&mut self, cell: usize, rows: &[usize]) {
        let length = self.cells.len();
        self.set(cell, length as f64);
        self.cells.push(rows.len() as f64);
        self.cells.extend(rows.iter().map(|row| *row as f64));
    }

    /// Copies a row of `width` cells to the cells from `to` on.
    pub(crate) fn copy_row(&mut self, row: usize, width: usize, to: usize) {
        if row + width <= self.cells.len() && to + width <= self.cells.len() {
            self.cells.copy_within(row..row + width, to);
        }
    }

    /// Returns the number in a cell.
    #[inline(always)]
    pub(crate) fn number(&self, cell: usize) -> Option<f64> {
        self.cells.get(cell).copied().filter(|value| !value.is_nan())
    }

    /// Returns the text in a cell.
    pub(crate) fn text(&self, cell: usize) -> Option<&str> {
        let place = self.number(cell)?;
        if place < 0.0 { self.others.get(-place) } else { self.ascii.get(place) }
    }

    /// Returns the rows of the list in a cell.
    pub(crate) fn rows(&self, cell: usize) -> Vec<usize> {
        let rows = || {
            let list = self.number(cell)? as usize;
            let length = self.number(list)? as usize;
            self.cells.get(list + 1..list + 1 + length)
        };
        rows().unwrap_or_default().iter().map(|row| *row as usize).collect()
    }
}

#[cfg(test)]
impl Tape {
    /// Returns how much memory the values take.
    pub(crate) fn memory(&self) -> usize {
        let texts = |texts: &Texts| texts.text.len() + size_of_val(&*texts.ends);
        size_of_val(&*self.cells) + texts(&self.ascii) + texts(&self.others)
    }
}

#[cfg(any(test, not(target_arch = "wasm32")))]
mod json {
    use serde_json::{Map, Number, Value};

    use super::Tape;
    use crate::schema::kind::Kind;

    impl Tape {
        /// Returns the value as JavaScript gets it, for tests.
        pub fn json(&self, kind: &Kind, cell: usize) -> Value {
            match kind {
                Kind::Object(model) => {
                    let field = |field: &crate::schema::model::Field| {
                        (camel_case(field.name), self.json(&field.kind, cell + field.cell))
                    };
                    Value::Object(model.fields.iter().map(field).collect::<Map<_, _>>())
                }
                Kind::NullableList(_) if self.number(cell).is_none() => Value::Null,
                Kind::List(item) | Kind::NullableList(item) => {
                    self.rows(cell).into_iter().map(|row| self.json(item, row)).collect()
                }
                Kind::Id | Kind::Number => self.number(cell).map_or(Value::Null, number),
                Kind::Flag => self.number(cell).map_or(Value::Null, |flag| (flag == 1.0).into()),
                Kind::Json => self
                    .text(cell)
                    .map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| text.into())),
                _ => self.text(cell).into(),
            }
        }
    }

    fn number(number: f64) -> Value {
        let whole = number.fract() == 0.0 && number.abs() < (1u64 << 53) as f64;
        if whole { (number as i64).into() } else { Number::from_f64(number).map_or(Value::Null, Value::Number) }
    }

    /// Returns a name such as `rx_id` as JavaScript spells it.
    pub(crate) fn camel_case(name: &str) -> String {
        let mut words = name.trim_start_matches("r#").split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (head, tail) = word.split_at(1);
            name + &head.to_ascii_uppercase() + tail
        })
    }
}

#[cfg(all(test, feature = "client"))]
pub(crate) use json::camel_case;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_in_utf16_units_and_what_is_missing_is_nan() {
        let mut tape = Tape::default();
        let row = tape.add_row(4);
        let tooth = tape.add_text("Zoë 🦷");
        tape.set(row, tooth);
        let blank = tape.add_text("");
        tape.set(row + 2, blank);
        let plain = tape.add_text("Zoe");
        tape.set(row + 3, plain);
        assert_eq!((tape.others.ends.as_slice(), tape.others.utf16_ends().as_slice()), (&[0, 9][..], &[0, 6][..]));
        assert_eq!(tape.ascii.ends, [0, 0, 3]);
        assert_eq!(tape.text(row), Some("Zoë 🦷"));
        assert_eq!(tape.text(row + 1), None);
        assert!(tape.cells[row + 1].is_nan());
        assert_eq!(tape.text(row + 2), Some(""));
        assert_eq!(tape.text(row + 3), Some("Zoe"));
    }

    #[test]
    fn a_text_that_is_there_already_is_not_added_again() {
        let mut tape = Tape::default();
        let row = tape.add_row(2);
        for text in ["a", "a", "é", "é"] {
            tape.set_text(row, text);
            assert_eq!(tape.text(row), Some(text));
        }
        assert_eq!((tape.ascii.text.as_str(), tape.others.text.as_str()), ("a", "é"));
    }

    #[test]
    fn a_list_holds_the_places_of_its_rows_and_can_be_replaced() {
        let mut tape = Tape::default();
        let list = tape.add_row(1);
        assert!(tape.rows(list).is_empty());
        let rows = [tape.add_row(2), tape.add_row(2)];
        tape.set_rows(list, &rows);
        assert_eq!(tape.rows(list), rows);
        tape.set_rows(list, &rows[1..]);
        assert_eq!(tape.rows(list), rows[1..]);
    }
}
