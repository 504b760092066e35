//! The files of an archive: what the central directory says, compared with what was read.

use super::body::Body;
use super::kind::FileKind;
use super::name;
use super::record::{CentralHeader, Header};
use crate::scan::{Fault, Limits};

/// A file of the central directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name to show.
    pub name: String,
    /// The path, which only leads down; without a final slash.
    pub path: String,
    /// What it is for, judging by its name.
    pub kind: FileKind,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// The number of bytes, unzipped.
    pub size: u64,
    /// The number of bytes in the archive.
    pub compressed_size: u64,
    /// The local time without a zone, such as `2025-01-02T03:04:06`; `None` if it is not a valid time.
    pub modified: Option<String>,
    /// The offset of its local header.
    pub offset: u64,
    /// The number of its entry, if it was read.
    pub entry: Option<usize>,
    /// `Ok` if it is complete, otherwise what is wrong with it.
    pub outcome: Result<(), Fault>,
}

/// A file that was read.
pub(super) struct Met {
    offset: u64,
    end: u64,
    raw_name: Vec<u8>,
    name: String,
    method: u16,
    is_encrypted: bool,
    crc: u32,
    compressed: u64,
    size: u64,
    fault: Option<Fault>,
}

impl Met {
    pub fn new(header: &Header, offset: u64, body: &Body) -> Self {
        let start = offset + 30 + header.name.len() as u64 + header.extra.len() as u64;
        Met {
            offset,
            end: start + body.compressed,
            raw_name: header.name.clone(),
            name: header.decoded_name(),
            method: header.method,
            is_encrypted: header.is_encrypted(),
            crc: body.crc,
            compressed: body.compressed,
            size: body.size,
            fault: body.fault,
        }
    }

    fn agrees(&self, CentralHeader { header, is_whole, .. }: &CentralHeader) -> bool {
        *is_whole
            && (self.raw_name == header.name || self.name == header.decoded_name()) // one of the two may lack the Unicode field
            && self.method == header.method
            && self.is_encrypted == header.is_encrypted()
            && (self.crc, self.compressed, self.size) == (header.crc, header.compressed, header.size)
    }
}

/// Returns the files of a directory. Its offsets are relative to `prefix`.
pub(super) fn files(
    met: &[Met],
    directory: Vec<CentralHeader>,
    prefix: u64,
    limits: &Limits,
) -> Result<Vec<File>, Fault> {
    let total = directory.iter().fold(0u64, |total, file| total.saturating_add(file.header.size));
    if total > limits.total_bytes {
        return Err(Fault::too_large("The archive's files are larger than limits.totalBytes allows"));
    }
    let met_at = |offset: u64| met.binary_search_by_key(&offset.saturating_add(prefix), |met| met.offset);
    let mut uses = vec![0u32; met.len()];
    for file in &directory {
        if let Ok(at) = met_at(file.offset) {
            uses[at] += 1;
        }
    }
    let file = |central: CentralHeader| {
        let offset = central.offset.saturating_add(prefix);
        let entry = met_at(central.offset);
        let is_shared = entry.is_ok_and(|at| uses[at] > 1);
        let is_within =
            entry.is_err_and(|at| at.checked_sub(1).and_then(|at| met.get(at)).is_some_and(|met| offset < met.end));
        let entry = entry.ok();
        let outcome = match entry.and_then(|at| met.get(at)) {
            _ if is_shared || is_within => Err(Fault::too_large("The file's bytes are another file's as well")),
            None => Err(Fault::corrupt("The file is not where the central directory says")),
            Some(Met { fault: Some(fault), .. }) => Err(*fault),
            Some(met) if !met.agrees(&central) => {
                Err(Fault::corrupt("The file's header and the central directory disagree"))
            }
            Some(_) => Ok(()),
        };
        let CentralHeader { header, modified, .. } = central;
        let name = header.decoded_name();
        let path = name::path(&name);
        File {
            kind: FileKind::of(&path),
            is_folder: name.ends_with(['/', '\\']),
            size: header.size,
            compressed_size: header.compressed,
            modified: time(modified),
            offset,
            entry,
            outcome,
            name,
            path,
        }
    };
    Ok(directory.into_iter().map(file).collect())
}

/// Returns a DOS time and date as text.
fn time((time, date): (u16, u16)) -> Option<String> {
    let (year, month, day) = (1980 + (date >> 9), date >> 5 & 15, date & 31);
    let (hour, minute, second) = (time >> 11, time >> 5 & 63, (time & 31) * 2);
    let is_time = (1..=12).contains(&month) && day >= 1 && hour < 24 && minute < 60 && second < 60;
    is_time.then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dos_times() {
        let date = 45 << 9 | 1 << 5 | 2;
        assert_eq!(time((3 << 11 | 4 << 5 | 3, date)).as_deref(), Some("2025-01-02T03:04:06"));
        assert_eq!(time((24 << 11, date)), None);
        assert_eq!(time((0, 0)), None);
    }
}
