//! The rows of binary PLY.

use super::body::Body;
use super::header::Element;
use super::scalar::Order;
use super::usual;
use crate::scan::mesh::Growing;
use crate::scan::warnings::Warning;
use crate::scan::{Fault, Mesh};

pub(super) struct Binary {
    body: Body,
    order: Order,
    /// The start of a row.
    rest: Vec<u8>,
    trailing: u64,
}

impl Binary {
    pub fn new(body: Body, order: Order) -> Self {
        Binary { body, order, rest: Vec::new(), trailing: 0 }
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.rest.is_empty() {
            let read = self.rows(bytes)?;
            self.rest.extend_from_slice(&bytes[read..]);
            return Ok(());
        }
        let mut bytes = bytes;
        while !self.rest.is_empty() && !bytes.is_empty() {
            let taken = self.missing()?.min(bytes.len());
            self.rest.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            let rest = std::mem::take(&mut self.rest);
            let read = self.rows(&rest)?;
            self.rest = rest;
            self.rest.drain(..read);
        }
        if bytes.is_empty() { Ok(()) } else { self.feed(bytes) }
    }

    /// Returns how many bytes of the row that has begun are missing, or a lower bound.
    fn missing(&mut self) -> Result<usize, Fault> {
        let Some(element) = self.body.current() else { return Ok(1) };
        let length = match length(&self.body.elements[element], &self.rest, self.order)? {
            Length::Whole(length) | Length::AtLeast(length) => length,
        };
        Ok(length.saturating_sub(self.rest.len()).max(1))
    }

    /// Reads all complete rows. Returns how many bytes they take.
    fn rows(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut at = 0;
        while let Some(current) = self.body.current() {
            // The element is taken out so that the body can be changed meanwhile.
            let element = std::mem::replace(&mut self.body.elements[current], Element::NONE);
            let outcome = self.rows_of(&element, &bytes[at..]);
            let count = element.count;
            self.body.elements[current] = element;
            at += outcome?;
            if self.body.rows < count {
                return Ok(at);
            }
        }
        self.trailing += (bytes.len() - at) as u64;
        Ok(bytes.len())
    }

    fn rows_of(&mut self, element: &Element, bytes: &[u8]) -> Result<usize, Fault> {
        let mut at = 0;
        while self.body.rows < element.count {
            at += usual::rows(&mut self.body, element, &bytes[at..], self.order)?;
            if self.body.rows == element.count {
                break;
            }
            let row = &bytes[at..];
            match length(element, row, self.order)? {
                Length::Whole(length) if length <= row.len() => {
                    self.row(element, row);
                    self.body.end_row(element.kind)?;
                    at += length;
                }
                _ => break,
            }
        }
        Ok(at)
    }

    fn row(&mut self, element: &Element, mut bytes: &[u8]) {
        for property in &element.properties {
            let mut count = 1;
            if let Some(length) = property.length {
                count = length.read(bytes, self.order) as usize;
                bytes = bytes.get(length.size()..).unwrap_or_default();
            }
            let size = property.scalar.size();
            for _ in 0..count {
                self.body.row.set(property, property.scalar.read(bytes, self.order));
                bytes = bytes.get(size..).unwrap_or_default();
            }
        }
    }

    pub fn growing(&self) -> Growing<'_> {
        self.body.growing()
    }

    pub fn finish(mut self) -> Result<Mesh, Fault> {
        if !self.rest.is_empty() {
            self.body.warnings.add(Warning::Truncated, 1);
        }
        self.body.warnings.add(Warning::TrailingBytes, self.trailing);
        self.body.finish()
    }
}

/// How long a row is.
enum Length {
    Whole(usize),
    /// The bytes end before the length of a list.
    AtLeast(usize),
}

fn length(element: &Element, row: &[u8], order: Order) -> Result<Length, Fault> {
    let mut at = 0usize;
    for property in &element.properties {
        let mut count = 1;
        if let Some(length) = property.length {
            let end = at.saturating_add(length.size());
            let Some(bytes) = row.get(at..end) else { return Ok(Length::AtLeast(end)) };
            let value = length.read(bytes, order);
            if !(0.0..=f64::from(u32::MAX)).contains(&value) || value.fract() != 0.0 {
                return Err(Fault::corrupt("The length of a list in PLY is none"));
            }
            count = value as usize;
            at = end;
        }
        at = at.saturating_add(count.saturating_mul(property.scalar.size()));
    }
    Ok(Length::Whole(at))
}
