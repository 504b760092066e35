//! CRC-32, sixteen bytes at a time. The tables are made at run time: 16 KB of them in a module do not compress.

use std::sync::LazyLock;

static TABLES: LazyLock<Box<[[u32; 256]; 16]>> = LazyLock::new(|| {
    let mut tables = Box::new([[0u32; 256]; 16]);
    for byte in 0..256 {
        tables[0][byte] = (0..8).fold(byte as u32, |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 });
    }
    for table in 1..16 {
        for byte in 0..256 {
            let crc = tables[table - 1][byte];
            tables[table][byte] = (crc >> 8) ^ tables[0][(crc & 255) as usize];
        }
    }
    tables
});

/// The checksum of bytes in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crc(u32);

impl Crc {
    pub fn new() -> Self {
        Crc(!0)
    }

    pub fn value(self) -> u32 {
        !self.0
    }

    pub fn update(&mut self, bytes: &[u8]) {
        let tables = &**TABLES;
        let mut crc = self.0;
        let (blocks, rest) = bytes.as_chunks::<16>();
        for block in blocks {
            let mut block = *block;
            for (byte, of_crc) in block.iter_mut().zip(crc.to_le_bytes()) {
                *byte ^= of_crc;
            }
            crc = 0;
            for (at, byte) in block.iter().enumerate() {
                crc ^= tables[15 - at][*byte as usize];
            }
        }
        for byte in rest {
            crc = (crc >> 8) ^ tables[0][((crc ^ u32::from(*byte)) & 255) as usize];
        }
        self.0 = crc;
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_zlib_however_the_bytes_are_cut(bytes: Vec<u8>, cut: prop::sample::Index) {
            let (first, second) = bytes.split_at(cut.index(bytes.len() + 1));
            let mut crc = Crc::new();
            crc.update(first);
            crc.update(second);
            prop_assert_eq!(crc.value(), zlib_rs::crc32::crc32(0, &bytes));
        }
    }
}
