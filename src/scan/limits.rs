//! How large the content of an archive may be.

/// The limits of `OpenScanOptions`, and others that are not an option.
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

/// How many times as large as its compressed data a file may be, once it is larger than `RATIO_FROM`.
const RATIO: u64 = 200;
const RATIO_FROM: u64 = 16 << 20;

/// Whether a file of `size` bytes with `compressed` bytes of data is a zip bomb.
pub(super) fn is_bomb(size: u64, compressed: u64) -> bool {
    size > RATIO_FROM && size / RATIO > compressed
}
