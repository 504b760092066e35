//! Binary STL: 80 bytes of anything, a count, and 50 bytes for each triangle.

use super::color::Colors;
use super::surface::Surface;
use crate::scan::mesh::Growing;
use crate::scan::warnings::Warning;
use crate::scan::{Fault, Limits, Mesh};

const HEADER: usize = 84;
const TRIANGLE: usize = 50;

/// Programs that do not know the number of triangles in advance write one of these.
const UNKNOWN: [u32; 2] = [0, u32::MAX];

/// How many triangles are checked to distinguish a file with a wrong count from one that is not STL.
const PROBED: u64 = 8;

/// A file being read.
pub(in crate::scan) struct BinaryStl {
    /// The bytes so far of an incomplete header or triangle.
    rest: Vec<u8>,
    header: Option<Header>,
    surface: Surface,
    read: u64,
    trailing: u64,
    is_plausible: bool,
}

#[derive(Clone, Copy)]
struct Header {
    declared: u32,
    colors: Colors,
}

impl BinaryStl {
    pub fn new(limits: &Limits, seed: u64) -> Self {
        BinaryStl {
            rest: Vec::new(),
            header: None,
            surface: Surface::new(limits, seed),
            read: 0,
            trailing: 0,
            is_plausible: true,
        }
    }

    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        let header = match self.header {
            Some(header) => header,
            None => {
                if !fill(&mut self.rest, HEADER, &mut bytes) {
                    return Ok(());
                }
                let header = Header::read(&self.rest);
                self.rest.clear();
                *self.header.insert(header)
            }
        };
        if !self.rest.is_empty() {
            if !fill(&mut self.rest, TRIANGLE, &mut bytes) {
                return Ok(());
            }
            let rest = std::mem::take(&mut self.rest);
            self.triangles(header, &rest)?;
        }
        let whole = bytes.len() - bytes.len() % TRIANGLE;
        self.triangles(header, &bytes[..whole])?;
        if self.read < header.expected() {
            self.rest.extend_from_slice(&bytes[whole..]);
        } else {
            self.trailing += (bytes.len() - whole) as u64;
        }
        Ok(())
    }

    /// Reads complete triangles. Those beyond the declared number count as trailing bytes.
    fn triangles(&mut self, header: Header, bytes: &[u8]) -> Result<(), Fault> {
        let (triangles, _) = bytes.as_chunks::<TRIANGLE>();
        let wanted = (header.expected() - self.read).min(triangles.len() as u64) as usize;
        let (triangles, beyond) = triangles.split_at(wanted);
        self.trailing += (beyond.len() * TRIANGLE) as u64;
        self.surface.make_room(header.expected());
        for triangle in triangles {
            let corners = corners(triangle);
            if self.read < PROBED {
                self.is_plausible &= corners.as_flattened().iter().copied().all(is_plausible);
            }
            self.read += 1;
            let bits = u16::from_le_bytes([triangle[48], triangle[49]]);
            self.surface.triangle(corners, header.colors.triangle(bits))?;
        }
        Ok(())
    }

    pub fn growing(&self) -> Growing<'_> {
        self.surface.growing()
    }

    pub fn finish(mut self) -> Result<Mesh, Fault> {
        let Some(header) = self.header else {
            return Err(Fault::not_a_mesh("The file is neither STL nor PLY"));
        };
        let is_exact = self.read == u64::from(header.declared) && self.rest.is_empty() && self.trailing == 0;
        if !is_exact && (self.read == 0 || !self.is_plausible) {
            return Err(Fault::not_a_mesh("The file is neither STL nor PLY"));
        }
        let warnings = &mut self.surface.warnings;
        if self.read != u64::from(header.declared) || self.trailing > 0 && self.trailing.is_multiple_of(TRIANGLE as u64)
        {
            warnings.add(Warning::CountMismatch, 1);
        }
        if !self.rest.is_empty() {
            warnings.add(Warning::Truncated, 1);
        }
        warnings.add(Warning::TrailingBytes, self.trailing);
        Ok(self.surface.finish(header.colors.plain()))
    }
}

impl Header {
    fn read(bytes: &[u8]) -> Self {
        let (header, count) = bytes.split_at(80);
        Header { declared: u32::from_le_bytes([count[0], count[1], count[2], count[3]]), colors: Colors::of(header) }
    }

    fn expected(self) -> u64 {
        if UNKNOWN.contains(&self.declared) { u64::MAX } else { u64::from(self.declared) }
    }
}

/// Moves bytes to `rest` until it has `length` bytes. Returns whether it has.
fn fill(rest: &mut Vec<u8>, length: usize, bytes: &mut &[u8]) -> bool {
    let (taken, left) = bytes.split_at(bytes.len().min(length - rest.len()));
    rest.extend_from_slice(taken);
    *bytes = left;
    rest.len() == length
}

fn corners(triangle: &[u8; TRIANGLE]) -> [[f32; 3]; 3] {
    let number = |at: usize| f32::from_le_bytes([triangle[at], triangle[at + 1], triangle[at + 2], triangle[at + 3]]);
    [12, 24, 36].map(|at| [number(at), number(at + 4), number(at + 8)])
}

/// Whether a number looks like a coordinate, which random bytes rarely do.
fn is_plausible(number: f32) -> bool {
    number == 0.0 || (1e-20..1e12).contains(&number.abs())
}
