//! The data of one file, up to and including its data descriptor.

use zlib_rs::crc32::crc32;

use super::buffer::Buffer;
use super::descriptor::{self, Expected, FORMS};
use super::inflate::{self, Inflater};
use super::record::{Header, METHOD_DEFLATE, METHOD_STORED, Signature};
use crate::scan::limits::is_bomb;
use crate::scan::{Fault, Kind, Limits};

pub(super) struct Body {
    method: Method,
    stage: Stage,
    /// How many bytes of data are left, if the local header says how long the data is.
    left: Option<u64>,
    /// The CRC and size, if the local header has them.
    declared: Option<(u32, u64)>,
    has_descriptor: bool,
    /// Whether the data cannot be read at all, because it is encrypted or its method is unknown. Then the records of another
    /// archive cannot appear in it by chance.
    is_opaque: bool,
    file_bytes: u64,
    pub crc: u32,
    /// How many bytes were read, and how many they became.
    pub compressed: u64,
    pub size: u64,
    pub fault: Option<Fault>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Stored,
    Deflate,
    /// The data, or the rest of it, cannot be read.
    Skip,
}

#[derive(Clone, Copy)]
enum Stage {
    Data,
    /// Looking for the end, whose place is not known. The first `searched` bytes of the buffer have been searched.
    Search {
        searched: usize,
    },
    /// The end was found: the buffer starts with `data` bytes of data and `descriptor` bytes of a descriptor.
    Found {
        data: usize,
        descriptor: usize,
    },
    Descriptor,
    End,
}

/// The outcome of a step with the bytes in the buffer.
pub(super) enum Step {
    NeedsInput,
    /// This number of bytes at the start of the buffer is data.
    Stored(usize),
    /// The inflater has a piece of data.
    Inflated,
    End,
}

impl Body {
    pub fn new(header: &Header, limits: &Limits) -> Self {
        let is_unknown = header.is_open_ended();
        let method = match header.method {
            METHOD_STORED => Method::Stored,
            METHOD_DEFLATE => Method::Deflate,
            _ => Method::Skip,
        };
        let mut body = Body {
            method,
            stage: Stage::Data,
            left: (!is_unknown).then_some(header.compressed),
            declared: (!header.has_descriptor()).then_some((header.crc, header.size)),
            has_descriptor: header.has_descriptor(),
            is_opaque: header.is_encrypted() || method == Method::Skip,
            file_bytes: limits.file_bytes,
            crc: 0,
            compressed: 0,
            size: 0,
            fault: None,
        };
        if header.is_encrypted() {
            body.fail(Fault::new(Kind::Encrypted, "The file is encrypted"));
        } else if method == Method::Skip {
            body.fail(Fault::new(Kind::Unsupported, "The file is compressed by a method other than deflate"));
        } else if !is_unknown && method == Method::Stored && header.compressed != header.size {
            body.fail(Fault::corrupt("The file is stored, but its two sizes differ"));
        } else if !is_unknown && (header.size > limits.file_bytes || is_bomb(header.size, header.compressed)) {
            body.fail(Fault::too_large("The file is larger than allowed"));
        } else if is_unknown {
            body.stage = Stage::Search { searched: 0 };
        }
        body
    }

    pub fn step(&mut self, buffer: &mut Buffer, inflater: &mut Inflater) -> Step {
        loop {
            let step = match self.stage {
                Stage::Data => match self.method {
                    Method::Stored => self.stored(buffer),
                    Method::Deflate => self.deflate(buffer, inflater, usize::MAX),
                    Method::Skip => self.skip(buffer),
                },
                Stage::Search { searched } => self.search(buffer, inflater, searched),
                Stage::Found { data, descriptor } => self.found(buffer, inflater, data, descriptor),
                Stage::Descriptor => self.descriptor(buffer),
                Stage::End => return Step::End,
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    fn stored(&mut self, buffer: &mut Buffer) -> Option<Step> {
        let left = self.left.unwrap_or(0);
        let length = left.min(buffer.bytes().len() as u64) as usize;
        if left == 0 {
            self.end_data();
            return None;
        }
        if length == 0 {
            return Some(Step::NeedsInput);
        }
        if self.give_stored(buffer, length) {
            return Some(Step::Stored(length));
        }
        buffer.consume(length);
        None
    }

    fn give_stored(&mut self, buffer: &Buffer, length: usize) -> bool {
        self.read(length);
        self.give(buffer.bytes().get(..length).unwrap_or_default())
    }

    /// Inflates at most `length` bytes.
    fn deflate(&mut self, buffer: &mut Buffer, inflater: &mut Inflater, length: usize) -> Option<Step> {
        let input = buffer.bytes();
        let length = self.left.map_or(length, |left| left.min(length as u64) as usize).min(input.len());
        let (read, step) = inflater.read(&input[..length]);
        buffer.consume(read);
        self.read(read);
        let rest = match self.stage {
            Stage::Found { data, .. } => Some(data as u64),
            _ => self.left,
        };
        match step {
            inflate::Step::NeedsInput if rest == Some(0) => {
                self.fail(Fault::corrupt("The file's compressed data ends too soon"));
                None
            }
            inflate::Step::NeedsInput => Some(Step::NeedsInput),
            inflate::Step::Invalid => {
                self.fail(Fault::corrupt("The file's compressed data is invalid"));
                None
            }
            inflate::Step::Piece => self.give(inflater.piece()).then_some(Step::Inflated),
            inflate::Step::End => {
                let is_given = self.give(inflater.piece());
                if self.left.is_some_and(|left| left > 0) {
                    self.fail(Fault::corrupt("The file's compressed data ends before its compressed size"));
                } else if is_given {
                    self.end_data();
                }
                is_given.then_some(Step::Inflated)
            }
        }
    }

    fn skip(&mut self, buffer: &mut Buffer) -> Option<Step> {
        let left = self.left.unwrap_or(0);
        let length = left.min(buffer.bytes().len() as u64);
        buffer.consume(length as usize);
        self.read(length as usize);
        if length == left {
            self.end_data();
            return None;
        }
        Some(Step::NeedsInput)
    }

    /// Looks for the header of the next file, or the central directory, directly after a descriptor that matches the data. Some
    /// programs that encrypt files announce a descriptor but leave it out.
    fn search(&mut self, buffer: &mut Buffer, inflater: &mut Inflater, searched: usize) -> Option<Step> {
        let bytes = buffer.bytes();
        let last = bytes.len().saturating_sub(3);
        for at in searched..last {
            let is_record = bytes[at] == b'P'
                && matches!(Signature::read(&bytes[at..]), Some(Signature::Local | Signature::Central));
            if !is_record {
                continue;
            }
            let descriptor = self.descriptor_before(&bytes[..at]);
            if let Some(descriptor) = descriptor.or_else(|| self.is_opaque.then_some(0)) {
                self.stage = Stage::Found { data: at - descriptor, descriptor };
                return None;
            }
        }
        let data = last.saturating_sub(descriptor::LONGEST);
        self.stage = Stage::Search { searched: last.max(searched) };
        if data == 0 && self.method != Method::Deflate {
            return Some(Step::NeedsInput);
        }
        self.data(buffer, inflater, data)
    }

    /// Returns the length of the descriptor at the end of the bytes, if it agrees with the data before it.
    fn descriptor_before(&self, bytes: &[u8]) -> Option<usize> {
        let agrees = |length: &usize| {
            let Some(data) = bytes.len().checked_sub(*length) else { return false };
            let compressed = self.compressed + data as u64;
            let is_stored = self.method == Method::Stored;
            let expected = Expected { crc: None, compressed, size: is_stored.then_some(compressed) };
            let form = FORMS.into_iter().find(|form| form.length() == *length);
            let Some(form) = form.filter(|form| form.agrees(&bytes[data..], &expected)) else { return false };
            if !is_stored {
                return true;
            }
            let crc = crc32(self.crc, &bytes[..data]);
            form.agrees(&bytes[data..], &Expected { crc: Some(crc), ..expected })
        };
        FORMS.into_iter().map(descriptor::Form::length).find(agrees)
    }

    fn found(&mut self, buffer: &mut Buffer, inflater: &mut Inflater, data: usize, descriptor: usize) -> Option<Step> {
        if data > 0 || self.method == Method::Deflate {
            return self.data(buffer, inflater, data);
        }
        buffer.consume(descriptor);
        self.stage = Stage::End;
        None
    }

    /// Inflates, returns or skips bytes of data.
    fn data(&mut self, buffer: &mut Buffer, inflater: &mut Inflater, length: usize) -> Option<Step> {
        match self.method {
            Method::Deflate => return self.deflate(buffer, inflater, length),
            Method::Stored => {
                if self.give_stored(buffer, length) {
                    return Some(Step::Stored(length));
                }
            }
            Method::Skip => self.read(length),
        }
        buffer.consume(length);
        None
    }

    fn descriptor(&mut self, buffer: &mut Buffer) -> Option<Step> {
        let Some(bytes) = buffer.peek(descriptor::LOOKAHEAD) else { return Some(Step::NeedsInput) };
        let is_read = self.fault.is_none();
        let expected = Expected {
            crc: is_read.then_some(self.crc),
            compressed: self.compressed,
            size: is_read.then_some(self.size),
        };
        let (length, agrees) = descriptor::find(bytes, &expected);
        let is_missing = length == 0 && Signature::read(bytes).is_some();
        buffer.consume(length);
        self.stage = Stage::End;
        if is_read && !agrees && !is_missing {
            let fault = Fault::corrupt("The file's data descriptor says otherwise than its data");
            self.fault = Some(fault);
            if length == 0 && self.left.is_none() {
                self.fail(fault); // the data ended too soon: the descriptor comes later
            }
        }
        None
    }

    fn read(&mut self, length: usize) {
        self.compressed += length as u64;
        self.left = self.left.map(|left| left.saturating_sub(length as u64));
        match &mut self.stage {
            Stage::Search { searched: ahead } | Stage::Found { data: ahead, .. } => {
                *ahead = ahead.saturating_sub(length)
            }
            _ => {}
        }
    }

    /// Adds data to the CRC and the size. Returns whether it may be passed on.
    fn give(&mut self, data: &[u8]) -> bool {
        self.crc = crc32(self.crc, data);
        self.size += data.len() as u64;
        if self.declared.is_some_and(|(_, size)| self.size > size) {
            self.fail(Fault::corrupt("The file is longer than its size says"));
        } else if self.size > self.file_bytes || is_bomb(self.size, self.compressed) {
            self.fail(Fault::too_large("The file is larger than allowed"));
        }
        self.fault.is_none()
    }

    fn end_data(&mut self) {
        if self.has_descriptor {
            self.stage = Stage::Descriptor;
            return;
        }
        let is_other = self.declared.is_some_and(|declared| declared != (self.crc, self.size));
        if self.fault.is_none() && is_other {
            self.fault = Some(Fault::corrupt("The file's data does not match its CRC or its size"));
        }
        self.stage = Stage::End;
    }

    /// Records a fault and skips to the end of the data without reading it.
    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
        self.method = Method::Skip;
        self.stage = if self.left.is_some() { Stage::Data } else { Stage::Search { searched: 0 } };
    }
}
