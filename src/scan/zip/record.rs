//! The records of a zip.

use super::{extra, name};

/// The start of a record, which says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    Local,
    Central,
    /// A block that may come before or after the central directory: a signature, and a length of this many bytes.
    Block(usize),
    Zip64End,
    Zip64Locator,
    End,
}

impl Signature {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Some(match bytes.get(..4)? {
            b"PK\x03\x04" => Signature::Local,
            b"PK\x01\x02" => Signature::Central,
            b"PK\x05\x05" => Signature::Block(2),
            b"PK\x06\x08" => Signature::Block(4),
            b"PK\x06\x06" => Signature::Zip64End,
            b"PK\x06\x07" => Signature::Zip64Locator,
            b"PK\x05\x06" => Signature::End,
            _ => return None,
        })
    }
}

/// What both the local header and the central directory say about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub compressed: u64,
    pub size: u64,
    pub name: Vec<u8>,
    pub extra: Vec<u8>,
}

const FLAG_ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const METHOD_AES: u16 = 99;
pub(super) const METHOD_STORED: u16 = 0;
pub(super) const METHOD_DEFLATE: u16 = 8;

impl Header {
    /// Returns a local header and its length, once it is complete.
    pub fn local(bytes: &[u8]) -> Option<(Self, usize)> {
        let name = usize::from(u16_at(bytes, 26)?);
        let extra = usize::from(u16_at(bytes, 28)?);
        let mut header = Header::read(bytes, 6, 30, name, extra)?;
        extra::widen(&header.extra, &mut [&mut header.size, &mut header.compressed]);
        Some((header, 30 + name + extra))
    }

    fn read(bytes: &[u8], at: usize, fixed: usize, name: usize, extra: usize) -> Option<Self> {
        Some(Header {
            flags: u16_at(bytes, at)?,
            method: u16_at(bytes, at + 2)?,
            crc: u32_at(bytes, at + 8)?,
            compressed: u32_at(bytes, at + 12)?.into(),
            size: u32_at(bytes, at + 16)?.into(),
            name: bytes.get(fixed..fixed + name)?.to_vec(),
            extra: bytes.get(fixed + name..fixed + name + extra)?.to_vec(),
        })
    }

    /// Returns the name to show.
    pub fn decoded_name(&self) -> String {
        name::decode(&self.name, self.flags, &self.extra)
    }

    pub fn is_encrypted(&self) -> bool {
        self.flags & FLAG_ENCRYPTED != 0 || self.method == METHOD_AES
    }

    /// Whether the CRC and sizes follow the data.
    pub fn has_descriptor(&self) -> bool {
        self.flags & FLAG_DESCRIPTOR != 0
    }

    /// Whether only the descriptor says how long the data is. In this case some programs write 0, some the unzipped size but
    /// not the compressed one, and some the largest value, but without the zip64 field that it announces.
    pub fn is_open_ended(&self) -> bool {
        self.has_descriptor() && matches!(self.compressed, 0 | extra::IN_ZIP64)
    }
}

/// A file in the central directory.
#[derive(Clone, Debug)]
pub(super) struct CentralHeader {
    pub header: Header,
    pub offset: u64,
    pub disk: u16,
    /// The time and date in DOS format.
    pub modified: (u16, u16),
    /// Whether the zip64 field has all the values that the header refers to it for.
    pub is_whole: bool,
}

impl CentralHeader {
    /// Returns a header and its length, once it is complete.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let name = usize::from(u16_at(bytes, 28)?);
        let extra = usize::from(u16_at(bytes, 30)?);
        let comment = usize::from(u16_at(bytes, 32)?);
        let length = 46 + name + extra + comment;
        bytes.get(..length)?;
        let mut header = Header::read(bytes, 8, 46, name, extra)?;
        let mut offset = u32_at(bytes, 42)?.into();
        let is_whole = extra::widen(&header.extra, &mut [&mut header.size, &mut header.compressed, &mut offset]);
        let modified = (u16_at(bytes, 12)?, u16_at(bytes, 14)?);
        Some((CentralHeader { header, offset, disk: u16_at(bytes, 34)?, modified, is_whole }, length))
    }
}

/// What the end of the archive says about the central directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub disks: u32,
    pub entries: u64,
    pub size: u64,
    pub offset: u64,
}

impl End {
    /// Returns the end of the central directory and the length of the comment after it.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = End {
            disks: u32::from(u16_at(bytes, 4)? | u16_at(bytes, 6)?),
            entries: u16_at(bytes, 10)?.into(),
            size: u32_at(bytes, 12)?.into(),
            offset: u32_at(bytes, 16)?.into(),
        };
        Some((end, u16_at(bytes, 20)?.into()))
    }

    /// Returns the zip64 end of the central directory and its length.
    pub fn zip64(bytes: &[u8]) -> Option<(Self, u64)> {
        let end = End {
            disks: u32_at(bytes, 16)? | u32_at(bytes, 20)?,
            entries: u64_at(bytes, 32)?,
            size: u64_at(bytes, 40)?,
            offset: u64_at(bytes, 48)?,
        };
        Some((end, u64_at(bytes, 4)?.saturating_add(12)))
    }

    /// Returns the end with the values that do not fit into it taken from the zip64 end.
    pub fn widened(self, zip64: Option<Self>) -> Self {
        let Some(wide) = zip64 else { return self };
        End {
            disks: if self.disks == 0xffff { wide.disks } else { self.disks },
            entries: if self.entries == 0xffff { wide.entries } else { self.entries },
            size: if self.size == 0xffff_ffff { wide.size } else { self.size },
            offset: if self.offset == 0xffff_ffff { wide.offset } else { self.offset },
        }
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}
