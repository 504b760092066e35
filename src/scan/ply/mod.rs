//! PLY: ASCII, and binary in either byte order.

mod ascii;
mod binary;
mod body;
mod corners;
mod header;
mod row;
mod scalar;
mod usual;

use self::ascii::Ascii;
use self::binary::Binary;
use self::header::{Encoding, Header, HeaderReader};
use super::{Fault, Growing, Kind, Limits, Mesh};

/// A file being read.
pub(super) struct Ply {
    limits: Limits,
    seed: u64,
    state: State,
}

enum State {
    Header(HeaderReader),
    Ascii(Box<Ascii>),
    Binary(Box<Binary>),
}

impl Ply {
    pub fn new(limits: &Limits, seed: u64) -> Self {
        Ply { limits: *limits, seed, state: State::Header(HeaderReader::default()) }
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match &mut self.state {
            State::Header(reader) => {
                let Some((header, start)) = reader.feed(bytes)? else { return Ok(()) };
                self.state = self.body(header)?;
                self.feed(&start)
            }
            State::Ascii(ascii) => ascii.feed(bytes),
            State::Binary(binary) => binary.feed(bytes),
        }
    }

    fn body(&self, header: Header) -> Result<State, Fault> {
        let encoding = header.encoding;
        let body = body::Body::new(header, &self.limits, self.seed)?;
        Ok(match encoding {
            Encoding::Ascii => State::Ascii(Box::new(Ascii::new(body))),
            Encoding::Binary(order) => State::Binary(Box::new(Binary::new(body, order))),
        })
    }

    pub fn growing(&self) -> Growing<'_> {
        match &self.state {
            State::Header(_) => Growing { vertices: &[], colors: &[], index: &[] },
            State::Ascii(ascii) => ascii.growing(),
            State::Binary(binary) => binary.growing(),
        }
    }

    pub fn finish(mut self) -> Result<Mesh, Fault> {
        if let State::Header(reader) = &mut self.state
            && let Some(header) = reader.end()?
        {
            self.state = self.body(header)?;
        }
        match self.state {
            State::Header(_) => Err(Fault::new(Kind::Truncated, "The file ends within the header of PLY")),
            State::Ascii(ascii) => ascii.finish(),
            State::Binary(binary) => binary.finish(),
        }
    }
}
