//! The header of PLY: which elements there are, how many of each, with which properties.

use super::row::Role;
use super::scalar::{Order, Scalar};
use crate::scan::Fault;

/// A longer header is refused.
const LONGEST: usize = 1 << 20;
const LONGEST_TEXTURE: usize = 256;

#[derive(Debug)]
pub(super) struct Header {
    pub encoding: Encoding,
    pub elements: Vec<Element>,
    pub texture: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Ascii,
    Binary(Order),
}

#[derive(Debug)]
pub(super) struct Element {
    pub kind: ElementKind,
    pub count: u64,
    pub properties: Vec<Property>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElementKind {
    Vertex,
    Face,
    Strips,
    Other,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Property {
    pub role: Role,
    pub scalar: Scalar,
    /// For a list: the type of its length.
    pub length: Option<Scalar>,
}

/// Collects the bytes of the header.
#[derive(Default)]
pub(super) struct HeaderReader {
    bytes: Vec<u8>,
    /// How many bytes have been searched for the end.
    searched: usize,
}

impl HeaderReader {
    /// Returns the header and the first bytes after it, once it is complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Option<(Header, Vec<u8>)>, Fault> {
        self.bytes.extend_from_slice(bytes);
        let Some(newline) = newline(&self.bytes) else { return self.check_length() };
        while let Some(length) = self.bytes[self.searched..].iter().position(|byte| *byte == newline) {
            let line = &self.bytes[self.searched..self.searched + length];
            let is_last = line.trim_ascii() == b"end_header";
            self.searched += length + 1;
            if is_last {
                let start = self.bytes.split_off(self.searched);
                return Ok(Some((Header::parse(&self.bytes, newline)?, start)));
            }
        }
        self.check_length()
    }

    /// Returns the header if the file ended without a line break after it.
    pub fn end(&mut self) -> Result<Option<Header>, Fault> {
        let is_whole = self.bytes[self.searched..].trim_ascii() == b"end_header";
        is_whole.then(|| Header::parse(&self.bytes, newline(&self.bytes).unwrap_or(b'\n'))).transpose()
    }

    fn check_length(&self) -> Result<Option<(Header, Vec<u8>)>, Fault> {
        if self.bytes.len() > LONGEST { Err(Fault::corrupt("The header of PLY has no end")) } else { Ok(None) }
    }
}

/// Returns the byte that ends lines, once it is known: LF, with or without a CR before it, or CR alone. After a CR alone, the
/// next byte belongs to the data even if it is LF.
fn newline(bytes: &[u8]) -> Option<u8> {
    let first = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    match (bytes[first], bytes.get(first + 1)?) {
        (b'\r', b'\n') | (b'\n', _) => Some(b'\n'),
        _ => Some(b'\r'),
    }
}

impl Header {
    fn parse(bytes: &[u8], newline: u8) -> Result<Self, Fault> {
        let mut encoding = None;
        let mut elements: Vec<Element> = Vec::new();
        let mut texture = None;
        for line in bytes.split(|byte| *byte == newline).skip(1) {
            let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            match words.next() {
                Some(b"format") => encoding = Some(Encoding::named(words.next().unwrap_or_default())?),
                Some(b"element") => elements.push(Element::read(words, &elements)?),
                Some(b"property") => {
                    let element = elements.last_mut().ok_or(Fault::corrupt("A property in PLY has no element"))?;
                    element.properties.push(Property::read(words, element.kind)?);
                }
                Some(b"comment") if texture.is_none() => texture = texture_file(line),
                _ => {} // obj_info, and comments that some programs write without the word
            }
        }
        let encoding = encoding.ok_or(Fault::corrupt("The header of PLY has no format"))?;
        Ok(Header { encoding, elements, texture })
    }
}

impl Encoding {
    fn named(name: &[u8]) -> Result<Self, Fault> {
        match name {
            b"ascii" => Ok(Encoding::Ascii),
            b"binary_little_endian" => Ok(Encoding::Binary(Order::Little)),
            b"binary_big_endian" => Ok(Encoding::Binary(Order::Big)),
            _ => Err(Fault::corrupt("The format of PLY is unknown")),
        }
    }
}

impl Element {
    fn read<'a>(mut words: impl Iterator<Item = &'a [u8]>, before: &[Element]) -> Result<Self, Fault> {
        let kind = match words.next() {
            Some(b"vertex") => ElementKind::Vertex,
            Some(b"face") => ElementKind::Face,
            Some(b"tristrips") => ElementKind::Strips,
            _ => ElementKind::Other,
        };
        let is_again = before.iter().any(|element| element.kind == kind);
        let count = words.next().and_then(|word| str::from_utf8(word).ok()?.parse().ok());
        let count = count.ok_or(Fault::corrupt("The number of an element in PLY is none"))?;
        Ok(Element { kind: if is_again { ElementKind::Other } else { kind }, count, properties: Vec::new() })
    }
}

impl Property {
    fn read<'a>(mut words: impl Iterator<Item = &'a [u8]>, kind: ElementKind) -> Result<Self, Fault> {
        let scalar = |word: Option<&[u8]>| {
            word.and_then(Scalar::named).ok_or(Fault::corrupt("The type of a property in PLY is unknown"))
        };
        let first = words.next();
        let length = if first == Some(b"list") { Some(scalar(words.next())?) } else { None };
        let scalar = scalar(if length.is_some() { words.next() } else { first })?;
        let role = Role::named(kind, words.next().unwrap_or_default(), length.is_some());
        Ok(Property { role, scalar, length })
    }
}

/// Returns the name in `comment TextureFile <name>`.
fn texture_file(line: &[u8]) -> Option<String> {
    let line = line.trim_ascii().strip_prefix(b"comment")?.trim_ascii_start();
    let name = line.strip_prefix(b"TextureFile")?.trim_ascii_start();
    Some(String::from_utf8_lossy(name.get(..LONGEST_TEXTURE).unwrap_or(name)).into_owned())
}

impl Element {
    /// A placeholder for an element that is in use.
    pub const NONE: Element = Element { kind: ElementKind::Other, count: 0, properties: Vec::new() };
}
