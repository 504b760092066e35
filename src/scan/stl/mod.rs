//! STL, binary and ASCII. Its normals are ignored, for they are often zero or wrong.

mod ascii;
mod binary;
mod color;
mod surface;
mod utf16;

pub(super) use self::ascii::AsciiStl;
pub(super) use self::binary::BinaryStl;
pub(super) use self::utf16::ByteOrder;

/// How many of the first bytes decide what a file is.
pub(super) const WINDOW: usize = 512;

/// Whether a file that begins so is ASCII STL. The word `solid` alone does not say so, for binary files have it too: but in their first
/// bytes is always a control character, since a count beyond the most significant byte's first eight values is beyond any limit, and
/// text has none.
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

/// How the bytes of an ASCII file are to be read.
pub(super) fn byte_order(start: &[u8]) -> Option<ByteOrder> {
    utf16::byte_order(start)
}
