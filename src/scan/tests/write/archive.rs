//! Writes zips, with everything that can be odd about one.

use zlib_rs::{Deflate, DeflateFlush};

/// What is written for a file.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    /// The data as it is in the archive, and what the local header and the descriptor say about it.
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    pub compressed: u64,
    pub size: u64,
    pub extra: Vec<u8>,
    pub descriptor: Option<Descriptor>,
    pub is_zip64: bool,
    /// What the central directory says instead of the actual CRC, compressed size and unzipped size.
    pub central: Option<(u32, u64, u64)>,
    pub central_name: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    pub has_signature: bool,
    pub is_wide: bool,
}

impl Entry {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Entry {
            name: name.into(),
            data: data.to_vec(),
            method: 0,
            flags: 0,
            crc: zlib_rs::crc32::crc32(0, data),
            compressed: data.len() as u64,
            size: data.len() as u64,
            extra: Vec::new(),
            descriptor: None,
            is_zip64: false,
            central: None,
            central_name: None,
        }
    }

    pub fn deflated(name: &str, data: &[u8]) -> Self {
        let compressed = compress(data);
        Entry { method: 8, compressed: compressed.len() as u64, data: compressed, ..Entry::stored(name, data) }
    }

    pub fn with_descriptor(self, has_signature: bool, is_wide: bool) -> Self {
        Entry { flags: self.flags | 8, descriptor: Some(Descriptor { has_signature, is_wide }), ..self }
    }
}

fn compress(data: &[u8]) -> Vec<u8> {
    let mut deflate = Deflate::new(6, false, 15);
    let mut bytes = vec![0; data.len() + data.len() / 10 + 100];
    deflate.compress(data, &mut bytes, DeflateFlush::Finish).expect("compressed data");
    bytes.truncate(deflate.total_out() as usize);
    bytes
}

/// An archive that is being written.
#[derive(Default)]
pub struct Zip {
    pub bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u64,
    /// How many bytes before the archive are not included in its offsets.
    prefix: u64,
}

impl Zip {
    pub fn after(prefix: &[u8]) -> Self {
        Zip { bytes: prefix.to_vec(), prefix: prefix.len() as u64, ..Zip::default() }
    }

    pub fn with(mut self, entry: Entry) -> Self {
        let offset = self.bytes.len() as u64 - self.prefix;
        self.local(&entry);
        self.central(&entry, offset);
        self
    }

    pub fn local(&mut self, entry: &Entry) {
        let is_later = entry.descriptor.is_some();
        let later = |value: u64| if is_later { 0 } else { value };
        let (crc, compressed, size) = (later(entry.crc.into()), later(entry.compressed), later(entry.size));
        let mut extra = entry.extra.clone();
        if entry.is_zip64 && !is_later {
            extra.extend(zip64(&[size, compressed]));
        }
        let narrow = |value: u64| if entry.is_zip64 && !is_later { u32::MAX } else { value as u32 };
        self.bytes.extend(b"PK\x03\x04\x14\0");
        self.bytes.extend([entry.flags, entry.method, 0, 0].iter().flat_map(|each| each.to_le_bytes()));
        self.bytes.extend([crc as u32, narrow(compressed), narrow(size)].iter().flat_map(|each| each.to_le_bytes()));
        self.bytes.extend([entry.name.len() as u16, extra.len() as u16].iter().flat_map(|each| each.to_le_bytes()));
        self.bytes.extend(&entry.name);
        self.bytes.extend(extra);
        self.bytes.extend(&entry.data);
        if let Some(Descriptor { has_signature, is_wide }) = entry.descriptor {
            self.bytes.extend(if has_signature { &b"PK\x07\x08"[..] } else { b"" });
            self.bytes.extend(entry.crc.to_le_bytes());
            for size in [entry.compressed, entry.size] {
                self.bytes.extend(&size.to_le_bytes()[..if is_wide { 8 } else { 4 }]);
            }
        }
    }

    pub fn central(&mut self, entry: &Entry, offset: u64) {
        let (crc, compressed, size) = entry.central.unwrap_or((entry.crc, entry.compressed, entry.size));
        let mut extra = entry.extra.clone();
        if entry.is_zip64 {
            extra.extend(zip64(&[size, compressed, offset]));
        }
        let narrow = |value: u64| if entry.is_zip64 { u32::MAX } else { value as u32 };
        let name = entry.central_name.as_ref().unwrap_or(&entry.name);
        let out = &mut self.directory;
        out.extend(b"PK\x01\x02\x14\0\x14\0");
        out.extend([entry.flags, entry.method, 0, 0].iter().flat_map(|each| each.to_le_bytes()));
        out.extend([crc, narrow(compressed), narrow(size)].iter().flat_map(|each| each.to_le_bytes()));
        out.extend([name.len() as u16, extra.len() as u16, 0, 0, 0].iter().flat_map(|each| each.to_le_bytes()));
        out.extend([0, narrow(offset)].iter().flat_map(|each| each.to_le_bytes()));
        out.extend(name);
        out.extend(extra);
        self.entries += 1;
    }

    pub fn finish(self) -> Vec<u8> {
        self.finish_with(b"", false)
    }

    pub fn finish_with(self, comment: &[u8], is_zip64: bool) -> Vec<u8> {
        let Zip { mut bytes, directory, entries, prefix } = self;
        let (offset, size) = (bytes.len() as u64 - prefix, directory.len() as u64);
        bytes.extend(directory);
        if is_zip64 {
            let end = bytes.len() as u64 - prefix;
            bytes.extend(b"PK\x06\x06");
            bytes.extend(
                [44, 0, 0, entries, entries, size, offset]
                    .iter()
                    .enumerate()
                    .flat_map(|(at, each): (_, &u64)| each.to_le_bytes().into_iter().take(if at == 1 { 4 } else { 8 })),
            );
            bytes.extend(b"PK\x06\x07\0\0\0\0");
            bytes.extend(end.to_le_bytes());
            bytes.extend(1u32.to_le_bytes());
        }
        let (short, long) =
            if is_zip64 { (u16::MAX, [u32::MAX; 2]) } else { (entries as u16, [size as u32, offset as u32]) };
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([short, short].iter().flat_map(|each| each.to_le_bytes()));
        bytes.extend(long.iter().flat_map(|each| each.to_le_bytes()));
        bytes.extend((comment.len() as u16).to_le_bytes());
        bytes.extend(comment);
        bytes
    }
}

fn zip64(values: &[u64]) -> Vec<u8> {
    let mut field = vec![1, 0, values.len() as u8 * 8, 0];
    field.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    field
}
