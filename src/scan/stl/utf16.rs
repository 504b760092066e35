//! Converts text from UTF-16 to UTF-8.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scan) enum ByteOrder {
    Little,
    Big,
}

/// Returns `None` for text that is not UTF-16.
pub(super) fn byte_order(start: &[u8]) -> Option<ByteOrder> {
    match start {
        [0xff, 0xfe, ..] | [b's' | b'S' | b'f' | b'F', 0, b'o' | b'O' | b'a' | b'A', 0, ..] => Some(ByteOrder::Little),
        [0xfe, 0xff, ..] | [0, b's' | b'S' | b'f' | b'F', 0, b'o' | b'O' | b'a' | b'A', ..] => Some(ByteOrder::Big),
        _ => None,
    }
}

/// Converts pieces of UTF-16 to UTF-8. Characters of two units become question marks; keywords and numbers contain none.
pub(super) struct Utf16 {
    order: ByteOrder,
    half: Option<u8>,
}

impl Utf16 {
    pub fn new(order: ByteOrder) -> Self {
        Utf16 { order, half: None }
    }

    pub fn decode(&mut self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        for byte in bytes {
            let Some(first) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let unit = match self.order {
                ByteOrder::Little => u16::from_le_bytes([first, *byte]),
                ByteOrder::Big => u16::from_be_bytes([first, *byte]),
            };
            match unit {
                0xfeff => {}
                _ => text.push(char::from_u32(u32::from(unit)).unwrap_or('?')),
            }
        }
        text
    }
}
