//! Bytes, eight at a time: most of the time in reading a response is spent on finding quotes and comparing texts.

/// Returns how many bytes come before the first quote, backslash or control character. Most of a response is such text, so it
/// is tested a word at a time: each test sets the high bit of the bytes that match. This is exact up to the first match.
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & (ONES * 0x80);
    let mut at = 0;
    while let Some(word) = word_at(bytes, at) {
        let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslashes = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = quotes | backslashes | below(word, 0x20);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count()
}

/// Whether two texts are the same. `==` calls memcmp, which compares one byte at a time in WebAssembly.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while let (Some(word), Some(other)) = (word_at(one, at), word_at(other, at)) {
        if word != other {
            return false;
        }
        at += 8;
    }
    while let (Some(byte), Some(other)) = (one.get(at), other.get(at)) {
        if byte != other {
            return false;
        }
        at += 1;
    }
    true
}

#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map(|chunk| u64::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_at_the_first_special_byte_wherever_it_stands() {
        for special in [b'"', b'\\', 0, 0x1f] {
            for length in 0..40 {
                for (plain, rest) in [("a", "b"), ("é", "\u{7f}"), (" ", "!"), ("[", "]"), ("\u{80}", "#")] {
                    let mut bytes: Vec<u8> = plain.bytes().cycle().take(length).collect();
                    bytes.push(special);
                    bytes.extend(rest.bytes().cycle().take(20));
                    assert_eq!(plain_length(&bytes), length, "{bytes:?}");
                    assert_eq!(plain_length(&bytes[..length]), length);
                }
            }
        }
    }

    #[test]
    fn texts_are_the_same_if_every_byte_is() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).collect();
            assert!(same(&bytes, &bytes.clone()));
            assert!(!same(&bytes, &[&bytes[..], b"!"].concat()));
            for at in 0..bytes.len() {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                assert!(!same(&bytes, &other), "{length}: {at}");
            }
        }
    }
}
