//! A mesh file, whose format is recognized by its content.

use super::ply::Ply;
use super::stl::{self, AsciiStl, BinaryStl};
use super::{Fault, Format, Growing, Limits, Mesh};

/// A mesh file that is being read.
pub struct MeshReader {
    limits: Limits,
    seed: u64,
    state: State,
}

enum State {
    /// The first bytes.
    Start(Vec<u8>),
    Binary(Box<BinaryStl>),
    Ascii(Box<AsciiStl>),
    Ply(Box<Ply>),
}

impl MeshReader {
    /// `seed` should be random, so that nobody can prepare a file that is slow to weld. The result does not depend on it.
    pub fn new(limits: &Limits, seed: u64) -> Self {
        MeshReader { limits: *limits, seed, state: State::Start(Vec::new()) }
    }

    /// Reads the next bytes. After a fault, the reader returns nothing useful.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        if let State::Start(start) = &mut self.state {
            let (taken, rest) = bytes.split_at(bytes.len().min(stl::WINDOW - start.len()));
            start.extend_from_slice(taken);
            if start.len() < stl::WINDOW {
                return Ok(());
            }
            bytes = rest;
            self.decide()?;
        }
        self.feed_decided(bytes)
    }

    /// Returns what has been read so far.
    pub fn growing(&self) -> Growing<'_> {
        match &self.state {
            State::Start(_) => Growing { vertices: &[], colors: &[], index: &[] },
            State::Binary(stl) => stl.growing(),
            State::Ascii(stl) => stl.growing(),
            State::Ply(ply) => ply.growing(),
        }
    }

    /// Returns the file's format, once enough of the file has been read.
    pub fn format(&self) -> Option<Format> {
        match &self.state {
            State::Start(_) => None,
            State::Binary(_) | State::Ascii(_) => Some(Format::Stl),
            State::Ply(_) => Some(Format::Ply),
        }
    }

    /// Returns the mesh. Call this after the last byte.
    pub fn finish(mut self) -> Result<Mesh, Fault> {
        if matches!(self.state, State::Start(_)) {
            self.decide()?;
        }
        match self.state {
            State::Start(_) => Err(Fault::not_a_mesh("The file is neither STL nor PLY")),
            State::Binary(stl) => stl.finish(),
            State::Ascii(stl) => stl.finish(),
            State::Ply(ply) => ply.finish(),
        }
    }

    fn decide(&mut self) -> Result<(), Fault> {
        let State::Start(start) = &mut self.state else { return Ok(()) };
        let start = std::mem::take(start);
        let (limits, seed) = (&self.limits, self.seed);
        self.state = if matches!(start.as_slice(), [b'p', b'l', b'y', b'\n' | b'\r' | b' ' | b'\t', ..]) {
            State::Ply(Box::new(Ply::new(limits, seed)))
        } else if stl::is_ascii(&start) {
            State::Ascii(Box::new(AsciiStl::new(stl::byte_order(&start), limits, seed)))
        } else {
            State::Binary(Box::new(BinaryStl::new(limits, seed)))
        };
        self.feed_decided(&start)
    }

    fn feed_decided(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match &mut self.state {
            State::Start(_) => Ok(()),
            State::Binary(stl) => stl.feed(bytes),
            State::Ascii(stl) => stl.feed(bytes),
            State::Ply(ply) => ply.feed(bytes),
        }
    }
}
