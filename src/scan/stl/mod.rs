//! STL, binary and ASCII. Its normals are ignored, since they are often zero or wrong.

mod ascii;
mod binary;
mod color;
mod surface;
mod utf16;

pub(super) use self::ascii::AsciiStl;
pub(super) use self::binary::BinaryStl;
pub(super) use self::utf16::ByteOrder;

/// How many bytes at the start decide the format of a file.
pub(super) const WINDOW: usize = 512;

/// Whether a file with this start is ASCII STL. The word `solid` alone does not prove it, since binary files can begin with it
/// too. But the start of a binary file always contains a control character, and text never does: the most significant byte of
/// the count is at most 8, since a larger count would exceed any limit.
pub(super) fn is_ascii(start: &[u8]) -> bool {
    if utf16::byte_order(start).is_some() {
        return true;
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let word = text.trim_ascii_start();
    let begins_with =
        |prefix: &str| word.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
    let is_text = text.iter().all(|byte| *byte > 8);
    is_text && (begins_with("solid") || begins_with("facet") || begins_with("#"))
}

/// Returns the byte order of a file in UTF-16; `None` for any other file.
pub(super) fn byte_order(start: &[u8]) -> Option<ByteOrder> {
    utf16::byte_order(start)
}
