//! The extra fields of a header: sizes of 64 bits, and a name in Unicode.

use super::record::{u16_at, u32_at, u64_at};

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

/// The largest value of a field of 32 bits, which means that the zip64 field has the actual value.
pub(super) const IN_ZIP64: u64 = 0xffff_ffff;

/// Returns the content of the first extra field with an id. A field that is cut off is ignored.
fn field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    loop {
        let length = usize::from(u16_at(extra, 2)?);
        let data = extra.get(4..4 + length)?;
        if u16_at(extra, 0)? == id {
            return Some(data);
        }
        extra = &extra[4 + length..];
    }
}

/// Replaces the values that are [`IN_ZIP64`] by those of the zip64 field, in this order. Returns whether it has all of them.
pub(super) fn widen(extra: &[u8], values: &mut [&mut u64]) -> bool {
    let mut field = field(extra, ZIP64).unwrap_or_default();
    for value in values.iter_mut().filter(|value| ***value == IN_ZIP64) {
        let Some(wide) = u64_at(field, 0) else { return false };
        **value = wide;
        field = &field[8..];
    }
    true
}

/// Returns the name in UTF-8, and the CRC of the header's name that it replaces.
pub(super) fn unicode_path(extra: &[u8]) -> Option<(u32, &[u8])> {
    let field = field(extra, UNICODE_PATH)?;
    if field.first() != Some(&1) {
        return None;
    }
    Some((u32_at(field, 1)?, field.get(5..)?))
}
