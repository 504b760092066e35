//! ASCII STL, read word by word: lines and indentation do not matter, except that the name of a solid ends with its line.

use super::surface::Surface;
use super::utf16::{ByteOrder, Utf16};
use crate::scan::mesh::{Group, Growing};
use crate::scan::tokens::{Tokens, Words};
use crate::scan::warnings::Warning;
use crate::scan::{Fault, Limits, Mesh, number};

/// A longer name of a solid is cut off.
const LONGEST_NAME: usize = 256;

/// A file being read.
pub(in crate::scan) struct AsciiStl {
    tokens: Tokens,
    utf16: Option<Utf16>,
    grammar: Grammar,
}

impl AsciiStl {
    pub fn new(order: Option<ByteOrder>, limits: &Limits, seed: u64) -> Self {
        let grammar = Grammar {
            surface: Surface::new(limits, seed),
            line: Line::Words,
            name: Vec::new(),
            start: 0,
            is_stl: false,
            coordinates: None,
            polygon: Polygon::default(),
        };
        AsciiStl { tokens: Tokens::default(), utf16: order.map(Utf16::new), grammar }
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match &mut self.utf16 {
            None => self.tokens.feed(bytes, &mut self.grammar),
            Some(utf16) => self.tokens.feed(utf16.decode(bytes).as_bytes(), &mut self.grammar),
        }
    }

    pub fn growing(&self) -> Growing<'_> {
        self.grammar.surface.growing()
    }

    pub fn finish(mut self) -> Result<Mesh, Fault> {
        self.tokens.finish(&mut self.grammar)?;
        self.grammar.finish()
    }
}

struct Grammar {
    surface: Surface,
    line: Line,
    /// The current solid's name, and its first index.
    name: Vec<u8>,
    start: usize,
    /// Whether a word was found that only STL has.
    is_stl: bool,
    /// The coordinates of the vertex that is being read.
    coordinates: Option<([f32; 3], usize)>,
    polygon: Polygon,
}

/// How to read the words up to the end of the line.
#[derive(PartialEq, Eq)]
enum Line {
    Words,
    /// As a solid's name. In a file without any line break, `facet normal` follows it. `facet` is the length of the name before
    /// the word `facet`, if that was the last word.
    Name {
        facet: Option<usize>,
    },
    Ignored,
}

/// The loop that is being read.
#[derive(Default)]
struct Polygon {
    vertices: u64,
    first: [f32; 3],
    last: [f32; 3],
}

impl Words for Grammar {
    type Error = Fault;

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        match self.line {
            Line::Ignored => Ok(()),
            Line::Name { facet } => self.name_word(word, facet),
            Line::Words => match word.first() {
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'#' | 0xef) => self.keyword(word),
                _ => self.coordinate(word),
            },
        }
    }

    fn end_of_line(&mut self) -> Result<(), Fault> {
        self.line = Line::Words;
        Ok(())
    }
}

impl Grammar {
    fn keyword(&mut self, word: &[u8]) -> Result<(), Fault> {
        match word {
            b"vertex" => {
                self.end_vertex()?;
                self.coordinates = Some(([f32::NAN; 3], 0));
            }
            b"facet" | b"loop" | b"endloop" | b"endfacet" => {
                self.is_stl = true;
                self.end_polygon()?;
            }
            b"outer" | b"normal" => {}
            b"solid" => {
                self.end_solid()?;
                self.line = Line::Name { facet: None };
            }
            b"endsolid" => {
                self.is_stl = true;
                self.end_solid()?;
                self.line = Line::Ignored;
            }
            [b'#', ..] => self.line = Line::Ignored,
            [0xef, 0xbb, 0xbf, rest @ ..] => return self.keyword(rest), // a byte order mark
            _ if word.iter().any(u8::is_ascii_uppercase) => return self.keyword(&word.to_ascii_lowercase()),
            _ => return self.coordinate(word),
        }
        Ok(())
    }

    fn name_word(&mut self, word: &[u8], facet: Option<usize>) -> Result<(), Fault> {
        if let Some(length) = facet.filter(|_| word.eq_ignore_ascii_case(b"normal")) {
            self.name.truncate(length);
            self.line = Line::Words;
            self.is_stl = true;
            return Ok(());
        }
        self.line = Line::Name { facet: word.eq_ignore_ascii_case(b"facet").then_some(self.name.len()) };
        if self.name.len() < LONGEST_NAME {
            if !self.name.is_empty() {
                self.name.push(b' ');
            }
            self.name.extend_from_slice(word);
        }
        Ok(())
    }

    fn coordinate(&mut self, word: &[u8]) -> Result<(), Fault> {
        let Some((coordinates, at)) = &mut self.coordinates else { return Ok(()) };
        let number = number::parse(word);
        if let (Some(slot), Some(number)) = (coordinates.get_mut(*at), number) {
            *slot = number.value as f32;
            if number.has_comma {
                self.surface.warnings.add(Warning::DecimalComma, 1);
            }
        }
        *at += 1;
        if *at == 3 { self.end_vertex() } else { Ok(()) }
    }

    /// Adds the vertex that was being read. Its missing coordinates are NaN, so its triangles are dropped.
    fn end_vertex(&mut self) -> Result<(), Fault> {
        let Some((vertex, _)) = self.coordinates.take() else { return Ok(()) };
        let Polygon { vertices, first, last } = &mut self.polygon;
        *vertices += 1;
        match vertices {
            1 => *first = vertex,
            2 => {}
            _ => self.surface.triangle([*first, *last, vertex], 0)?,
        }
        *last = vertex;
        Ok(())
    }

    fn end_polygon(&mut self) -> Result<(), Fault> {
        self.end_vertex()?;
        if matches!(self.polygon.vertices, 1 | 2) {
            self.surface.warnings.add(Warning::PolygonSkipped, 1);
        }
        self.polygon.vertices = 0;
        Ok(())
    }

    fn end_solid(&mut self) -> Result<(), Fault> {
        self.end_polygon()?;
        let end = self.surface.indices();
        if end > self.start {
            self.name.truncate(LONGEST_NAME);
            let name = String::from_utf8_lossy(&self.name).into_owned();
            let (start, count) = (self.start as u32, (end - self.start) as u32);
            self.surface.groups.push(Group { name, start, count });
        }
        self.start = end;
        self.name.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Mesh, Fault> {
        if self.coordinates.take().is_some() || self.polygon.vertices > 0 {
            self.surface.warnings.add(Warning::Truncated, 1);
            self.polygon.vertices = 0;
        }
        if !self.is_stl {
            return Err(Fault::not_a_mesh("The file is neither STL nor PLY"));
        }
        self.end_solid()?;
        Ok(self.surface.finish(0))
    }
}
