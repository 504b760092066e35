//! Inflates deflated data piece by piece.

use zlib_rs::{Inflate, InflateFlush, Status};

/// The size of a piece in bytes.
const PIECE: usize = 1 << 16;

/// A deflate stream that is being read. All pieces but the last are full, so they do not depend on how the input was cut.
pub(super) struct Inflater {
    inflate: Inflate,
    piece: Vec<u8>,
    filled: usize,
    ended: bool,
}

/// The outcome of reading some input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    NeedsInput,
    /// A piece is ready, and more may follow.
    Piece,
    /// The last piece is ready.
    End,
    Invalid,
}

impl Inflater {
    pub fn new() -> Self {
        Inflater { inflate: Inflate::new(false, 15), piece: vec![0; PIECE], filled: 0, ended: false }
    }

    /// Reads input. Returns how many bytes were read, and the outcome.
    pub fn read(&mut self, input: &[u8]) -> (usize, Step) {
        if self.ended {
            return (0, Step::End);
        }
        if self.filled == PIECE {
            self.filled = 0;
        }
        let before = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, &mut self.piece[self.filled..], InflateFlush::NoFlush);
        let read = (self.inflate.total_in() - before.0) as usize;
        self.filled += (self.inflate.total_out() - before.1) as usize;
        let step = match status {
            Err(_) => Step::Invalid,
            Ok(Status::StreamEnd) => {
                self.ended = true;
                Step::End
            }
            Ok(_) if self.filled == PIECE => Step::Piece,
            Ok(_) => Step::NeedsInput,
        };
        (read, step)
    }

    /// Returns what was inflated since the last piece.
    pub fn piece(&self) -> &[u8] {
        &self.piece[..self.filled]
    }

    /// Starts a stream for another file.
    pub fn reset(&mut self) {
        self.inflate.reset(false);
        self.filled = 0;
        self.ended = false;
    }
}
