//! The bytes that came and were not read yet.

/// Bytes, and where in the archive they begin.
#[derive(Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    offset: u64,
}

impl Buffer {
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// The first `length` bytes, if they have come.
    pub fn peek(&self, length: usize) -> Option<&[u8]> {
        self.bytes().get(..length)
    }

    pub fn consume(&mut self, length: usize) {
        let length = length.min(self.bytes.len() - self.start);
        self.start += length;
        self.offset += length as u64;
    }

    /// Consumes bytes and returns them.
    pub fn take(&mut self, length: usize) -> &[u8] {
        let start = self.start;
        self.consume(length);
        self.bytes.get(start..self.start).unwrap_or_default()
    }

    /// Where in the archive the bytes begin.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}
