//! The bytes that have arrived but have not been read yet.

/// Bytes, and their offset in the archive.
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

    /// Returns the first `length` bytes, if they have arrived.
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

    /// Returns the offset in the archive at which the bytes begin.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}
