//! The state machine of an archive: prefix, files, central directory, end.

use super::body::{self, Body};
use super::buffer::Buffer;
use super::confirm::{self, File, Met};
use super::inflate::Inflater;
use super::kind::FileKind;
use super::name;
use super::record::{CentralHeader, End, Header, Signature};
use crate::scan::{Fault, Kind, Limits};

/// The most bytes before the first file, such as the program of a self-extracting archive.
const LONGEST_PREFIX: u64 = 64 << 20;
const LONGEST_ZIP64_END: u64 = 1 << 16;

/// An archive that is being read.
pub struct ZipReader {
    limits: Limits,
    buffer: Buffer,
    inflater: Inflater,
    state: State,
    met: Vec<Met>,
    total: u64,
    directory: Vec<CentralHeader>,
    directory_start: Option<u64>,
    directory_end: u64,
    zip64_end: Option<End>,
    end: Option<End>,
    is_ambiguous: bool,
}

enum State {
    /// Before the first record, or in a gap between two files.
    Gap,
    Record,
    File {
        body: Box<Body>,
        header: Box<Header>,
        offset: u64,
    },
    /// This number of bytes is skipped.
    Skip(u64),
    /// After the end record.
    Trailing {
        comment: usize,
    },
}

/// A file whose data follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the file, in the order of the data; `File::entry` refers to it.
    pub number: usize,
    /// The name to show.
    pub name: String,
    /// The path, which only leads down.
    pub path: String,
    /// What it is for, judging by its name.
    pub kind: FileKind,
    /// The size, if the local header has it.
    pub size: Option<u64>,
}

/// What comes next in the bytes.
#[derive(Debug)]
pub enum Event<'a> {
    /// Nothing until more bytes are fed.
    NeedsInput,
    /// A file begins.
    Entry(Entry),
    /// The next bytes of its content.
    Data(&'a [u8]),
    /// It ended. `Ok` if its CRC and sizes match, as far as the local header or the descriptor states them.
    EntryEnd(Result<(), Fault>),
}

impl ZipReader {
    /// Returns a reader of which nothing has been fed.
    pub fn new(limits: &Limits) -> Self {
        ZipReader {
            limits: *limits,
            buffer: Buffer::default(),
            inflater: Inflater::new(),
            state: State::Gap,
            met: Vec::new(),
            total: 0,
            directory: Vec::new(),
            directory_start: None,
            directory_end: 0,
            zip64_end: None,
            end: None,
            is_ambiguous: false,
        }
    }

    /// Adds the next bytes. `next` returns what they contain.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.feed(bytes);
    }

    /// Returns what comes next in the bytes. A fault concerns the whole archive and ends the reading.
    #[allow(clippy::should_implement_trait, reason = "the event borrows the reader")]
    pub fn next(&mut self) -> Result<Event<'_>, Fault> {
        loop {
            let progress = match self.state {
                State::Gap => self.gap()?,
                State::Record => self.record()?,
                State::File { .. } => return self.file(),
                State::Skip(length) => self.skip(length),
                State::Trailing { comment } => self.trailing(comment),
            };
            match progress {
                Progress::NeedsInput => return Ok(Event::NeedsInput),
                Progress::Moves => {}
                Progress::Begins(entry) => return Ok(Event::Entry(entry)),
            }
        }
    }

    /// Returns the files of the central directory, each complete or with what is wrong with it. Call this after the last byte.
    pub fn finish(self) -> Result<Vec<File>, Fault> {
        let Some(end) = self.end else {
            let is_zip = !self.met.is_empty() || !matches!(self.state, State::Gap);
            return Err(if is_zip {
                Fault::new(Kind::Truncated, "The archive ends before its central directory does")
            } else {
                Fault::new(Kind::NotAZip, "There is no zip in the bytes")
            });
        };
        if let State::Trailing { comment: 1.. } = self.state {
            return Err(Fault::new(Kind::Truncated, "The archive ends within its comment"));
        }
        if self.is_ambiguous {
            return Err(Fault::corrupt("The archive has two ends"));
        }
        let end = end.widened(self.zip64_end);
        let start = self.directory_start.unwrap_or(self.directory_end);
        if end.disks != 0 || self.directory.iter().any(|file| file.disk != 0 && file.disk != 0xffff) {
            return Err(Fault::new(Kind::Unsupported, "The archive has several parts"));
        }
        let is_whole = end.entries == self.directory.len() as u64 && end.size == self.directory_end - start;
        let Some(prefix) = start.checked_sub(end.offset).filter(|_| is_whole) else {
            return Err(Fault::corrupt("The archive's end and its central directory disagree"));
        };
        confirm::files(&self.met, self.directory, prefix, &self.limits)
    }

    /// Looks for the next record in bytes that belong to no record.
    fn gap(&mut self) -> Result<Progress, Fault> {
        let is_prefix = self.met.is_empty();
        let bytes = self.buffer.bytes();
        let is_record = |at: &usize| {
            let signature = bytes[*at..].first_chunk::<4>().and_then(|four| Signature::read(four));
            match signature {
                Some(Signature::Local | Signature::End | Signature::Zip64End) => true,
                Some(Signature::Central) => !is_prefix,
                _ => false,
            }
        };
        let last = bytes.len().saturating_sub(3);
        let found = (0..last).find(is_record);
        self.buffer.consume(found.unwrap_or(last));
        if is_prefix && self.buffer.offset() > LONGEST_PREFIX {
            return Err(Fault::new(Kind::NotAZip, "There is no zip in the bytes"));
        }
        if found.is_none() {
            return Ok(Progress::NeedsInput);
        }
        self.state = State::Record;
        Ok(Progress::Moves)
    }

    fn record(&mut self) -> Result<Progress, Fault> {
        let Some(start) = self.buffer.peek(4) else { return Ok(Progress::NeedsInput) };
        match Signature::read(start) {
            Some(Signature::Local) if self.directory_start.is_none() => self.local(),
            Some(Signature::Central) => self.central(),
            Some(Signature::Block(size)) => Ok(self.block(size)),
            Some(Signature::Zip64End) => self.zip64_end(),
            Some(Signature::Zip64Locator) => Ok(self.skip_to_record(20)),
            Some(Signature::End) => Ok(self.end()),
            _ if self.directory_start.is_some() => Err(Fault::corrupt("The archive's central directory is invalid")),
            _ => {
                self.state = State::Gap;
                Ok(Progress::Moves)
            }
        }
    }

    fn local(&mut self) -> Result<Progress, Fault> {
        let Some((header, length)) = Header::local(self.buffer.bytes()) else { return Ok(Progress::NeedsInput) };
        if self.met.len() >= self.limits.entries as usize {
            return Err(Fault::too_large("The archive has more files than limits.entries allows"));
        }
        let offset = self.buffer.offset();
        self.buffer.consume(length);
        self.inflater.reset();
        let name = header.decoded_name();
        let path = name::path(&name);
        let entry = Entry {
            number: self.met.len(),
            kind: FileKind::of(&path),
            size: (!header.has_descriptor()).then_some(header.size),
            name,
            path,
        };
        let body = Box::new(Body::new(&header, &self.limits));
        self.state = State::File { body, header: Box::new(header), offset };
        Ok(Progress::Begins(entry))
    }

    fn file(&mut self) -> Result<Event<'_>, Fault> {
        let State::File { body, header, offset } = &mut self.state else { return Ok(Event::NeedsInput) };
        let before = body.size;
        let step = body.step(&mut self.buffer, &mut self.inflater);
        self.total += body.size - before;
        if self.total > self.limits.total_bytes {
            return Err(Fault::too_large("The archive's files are larger than limits.totalBytes allows"));
        }
        match step {
            body::Step::NeedsInput => Ok(Event::NeedsInput),
            body::Step::Stored(length) => Ok(Event::Data(self.buffer.take(length))),
            body::Step::Inflated => Ok(Event::Data(self.inflater.piece())),
            body::Step::End => {
                let outcome = body.fault.map_or(Ok(()), Err);
                self.met.push(Met::new(header, *offset, body));
                self.state = State::Record;
                Ok(Event::EntryEnd(outcome))
            }
        }
    }

    fn central(&mut self) -> Result<Progress, Fault> {
        let Some((header, length)) = CentralHeader::read(self.buffer.bytes()) else { return Ok(Progress::NeedsInput) };
        if self.directory.len() >= self.limits.entries as usize {
            return Err(Fault::too_large("The archive has more files than limits.entries allows"));
        }
        self.directory_start.get_or_insert(self.buffer.offset());
        self.buffer.consume(length);
        self.directory_end = self.buffer.offset();
        self.directory.push(header);
        Ok(Progress::Moves)
    }

    fn block(&mut self, size: usize) -> Progress {
        let Some(bytes) = self.buffer.peek(4 + size) else { return Progress::NeedsInput };
        let length = bytes[4..].iter().rev().fold(0u64, |length, byte| length << 8 | u64::from(*byte));
        self.skip_to_record(4 + size as u64 + length)
    }

    fn zip64_end(&mut self) -> Result<Progress, Fault> {
        let Some((end, length)) = self.buffer.peek(56).and_then(End::zip64) else { return Ok(Progress::NeedsInput) };
        if length > LONGEST_ZIP64_END {
            return Err(Fault::corrupt("The archive's zip64 end is invalid"));
        }
        if self.directory_start.is_none() {
            self.directory_end = self.buffer.offset();
            self.directory_start = Some(self.directory_end);
        }
        self.zip64_end = Some(end);
        Ok(self.skip_to_record(length))
    }

    fn end(&mut self) -> Progress {
        let Some((end, comment)) = self.buffer.peek(22).and_then(End::read) else { return Progress::NeedsInput };
        if self.directory_start.is_none() {
            self.directory_end = self.buffer.offset();
        }
        self.buffer.consume(22);
        self.end = Some(end);
        self.state = State::Trailing { comment };
        Progress::Moves
    }

    fn skip_to_record(&mut self, length: u64) -> Progress {
        self.state = State::Skip(length);
        Progress::Moves
    }

    fn skip(&mut self, length: u64) -> Progress {
        let skipped = length.min(self.buffer.bytes().len() as u64);
        self.buffer.consume(skipped as usize);
        if skipped < length {
            self.state = State::Skip(length - skipped);
            return Progress::NeedsInput;
        }
        self.state = State::Record;
        Progress::Moves
    }

    /// Ignores bytes after the archive, unless another archive could end there: then it is not clear which one is meant.
    fn trailing(&mut self, comment: usize) -> Progress {
        let length = comment.min(self.buffer.bytes().len());
        self.buffer.consume(length);
        self.state = State::Trailing { comment: comment - length };
        if comment == length {
            let bytes = self.buffer.bytes();
            self.is_ambiguous |= bytes.windows(4).any(|four| Signature::read(four) == Some(Signature::End));
            let seen = bytes.len().saturating_sub(3);
            self.buffer.consume(seen);
        }
        Progress::NeedsInput
    }
}

enum Progress {
    NeedsInput,
    Moves,
    Begins(Entry),
}
