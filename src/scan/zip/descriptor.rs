//! Data descriptors: the CRC and sizes after a file's data. Nothing says whether a descriptor begins with a signature, or
//! whether its sizes have 64 bits.

use super::record::{Signature, u32_at, u64_at};

/// The length of the longest descriptor and of the signature of the record after it.
pub(super) const LOOKAHEAD: usize = LONGEST + 4;
pub(super) const LONGEST: usize = 24;

const SIGNATURE: &[u8] = b"PK\x07\x08";

/// What a descriptor must say; `None` for a value that is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub crc: Option<u32>,
    pub compressed: u64,
    pub size: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    has_signature: bool,
    is_wide: bool,
}

/// All forms, the usual one first.
pub(super) const FORMS: [Form; 4] = [
    Form { has_signature: true, is_wide: false },
    Form { has_signature: true, is_wide: true },
    Form { has_signature: false, is_wide: false },
    Form { has_signature: false, is_wide: true },
];

impl Form {
    pub const fn length(self) -> usize {
        let signature = if self.has_signature { 4 } else { 0 };
        signature + if self.is_wide { 20 } else { 12 }
    }

    /// Whether the bytes start with a descriptor of this form that says what is expected.
    pub fn agrees(self, bytes: &[u8], expected: &Expected) -> bool {
        self.read(bytes).is_some_and(|(crc, compressed, size)| {
            expected.crc.is_none_or(|expected| crc == expected)
                && compressed == expected.compressed
                && expected.size.is_none_or(|expected| size == expected)
        })
    }

    fn read(self, bytes: &[u8]) -> Option<(u32, u64, u64)> {
        let bytes = if self.has_signature { bytes.strip_prefix(SIGNATURE)? } else { bytes };
        let (compressed, size) = if self.is_wide {
            (u64_at(bytes, 4)?, u64_at(bytes, 12)?)
        } else {
            (u32_at(bytes, 4)?.into(), u32_at(bytes, 8)?.into())
        };
        Some((u32_at(bytes, 0)?, compressed, size))
    }
}

/// Returns the length of the descriptor at the start of the bytes, and whether it says what is expected. The length is 0 if no
/// descriptor is recognized.
pub(super) fn find(bytes: &[u8], expected: &Expected) -> (usize, bool) {
    let is_followed = |form: &Form| bytes.get(form.length()..).and_then(Signature::read).is_some();
    let agrees = |form: &Form| form.agrees(bytes, expected);
    let form =
        FORMS.into_iter().find(|form| agrees(form) && is_followed(form)).or_else(|| FORMS.into_iter().find(agrees));
    if let Some(form) = form {
        return (form.length(), true);
    }
    let other = FORMS.into_iter().find(|form| form.has_signature == bytes.starts_with(SIGNATURE) && is_followed(form));
    (other.map_or(0, Form::length), false)
}
