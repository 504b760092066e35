//! How much an archive may make of the bytes that it has.

/// The limits of `OpenScanOptions`, and those that are not an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files in an archive.
    pub entries: u32,
    /// Bytes of one file, unzipped.
    pub file_bytes: u64,
    /// Bytes of all files, unzipped.
    pub total_bytes: u64,
    /// Triangles of one mesh.
    pub triangles: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { entries: 10_000, file_bytes: 1 << 30, total_bytes: 4 << 30, triangles: 20_000_000 }
    }
}

/// How many times as many bytes as it takes a file may hold, once it holds more than `RATIO_FROM`.
const RATIO: u64 = 200;
const RATIO_FROM: u64 = 16 << 20;

/// Whether `size` bytes out of `compressed` are a zip bomb.
pub(super) fn is_bomb(size: u64, compressed: u64) -> bool {
    size > RATIO_FROM && size / RATIO > compressed
}
