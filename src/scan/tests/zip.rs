//! Rules of the zip reader.

use super::write::{Entry, Zip, binary_stl};
use super::*;
use crate::scan::zip::{Event, File, FileKind, ZipReader};

/// What reading an archive gives: the content of each entry that was returned, with its outcome, and the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub entries: Vec<(String, Vec<u8>, Result<(), Fault>)>,
    pub files: Vec<File>,
}

impl Outcome {
    /// Returns the name of each file, and its content or what is wrong with it.
    pub fn contents(&self) -> Vec<(&str, Result<&[u8], Kind>)> {
        let content = |file: &File| match file.outcome {
            Ok(()) => Ok(self.entries[file.entry.expect("an entry")].1.as_slice()),
            Err(fault) => Err(fault.kind),
        };
        self.files.iter().map(|file| (file.name.as_str(), content(file))).collect()
    }
}

pub fn open_in(bytes: &[u8], piece: usize, limits: &Limits) -> Result<Outcome, Fault> {
    let mut reader = ZipReader::new(limits);
    let mut outcome = Outcome::default();
    for piece in bytes.chunks(piece) {
        reader.feed(piece);
        loop {
            match reader.next()? {
                Event::NeedsInput => break,
                Event::Entry(entry) => outcome.entries.push((entry.name, Vec::new(), Ok(()))),
                Event::Data(data) => outcome.entries.last_mut().expect("an entry").1.extend(data),
                Event::EntryEnd(end) => outcome.entries.last_mut().expect("an entry").2 = end,
            }
        }
    }
    outcome.files = reader.finish()?;
    Ok(outcome)
}

/// Opens an archive. The outcome must not depend on how the bytes are cut.
fn open(bytes: &[u8]) -> Result<Outcome, Fault> {
    let whole = open_in(bytes, bytes.len().max(1), &Limits::default());
    for piece in [1, 2, 3, 7, 64] {
        assert_eq!(open_in(bytes, piece, &Limits::default()), whole, "in pieces of {piece}");
    }
    whole
}

fn archive(bytes: &[u8]) -> Outcome {
    open(bytes).expect("an archive")
}

/// Reads an archive of this entry and one after it, which must be readable whatever is wrong with the first.
fn first_of(entry: Entry) -> Result<Vec<u8>, Kind> {
    let outcome = archive(&Zip::default().with(entry).with(Entry::deflated("last", b"last one")).finish());
    let contents = outcome.contents();
    assert_eq!(contents[1], ("last", Ok(&b"last one"[..])));
    contents[0].1.map(<[u8]>::to_vec)
}

fn text() -> Vec<u8> {
    b"Teeth are hard. ".repeat(300)
}

#[test]
fn stored_and_deflated_files_are_read_as_written() {
    for entry in [Entry::stored("a", &text()), Entry::deflated("a", &text())] {
        assert_eq!(first_of(entry), Ok(text()));
    }
    for entry in [Entry::stored("a", b""), Entry::deflated("a", b"")] {
        assert_eq!(first_of(entry), Ok(vec![]));
    }
}

#[test]
fn data_descriptors_of_every_form_are_read() {
    for (has_signature, is_wide) in [(true, false), (true, true), (false, false), (false, true)] {
        for data in [text(), vec![], b"PK\x07\x08PK\x03\x04PK\x01\x02".repeat(9)] {
            for entry in [Entry::stored("a", &data), Entry::deflated("a", &data)] {
                assert_eq!(first_of(entry.with_descriptor(has_signature, is_wide)), Ok(data.clone()));
            }
        }
    }
}

#[test]
fn a_zip_within_a_zip_does_not_end_it() {
    let inner = Zip::default()
        .with(Entry::stored("a", b"inner").with_descriptor(true, false))
        .with(Entry::stored("b", b"").with_descriptor(false, false))
        .finish();
    for has_signature in [true, false] {
        let entry = Entry::stored("inner.zip", &inner).with_descriptor(has_signature, false);
        assert_eq!(first_of(entry), Ok(inner.clone()));
    }
}

#[test]
fn zip64_is_read() {
    let entry = |name| Entry { is_zip64: true, ..Entry::deflated(name, &text()) };
    let outcome = archive(&Zip::default().with(entry("a")).with(entry("b")).finish_with(b"", true));
    assert_eq!(outcome.contents(), [("a", Ok(&text()[..])), ("b", Ok(&text()[..]))]);
}

#[test]
fn what_is_before_and_after_the_archive_is_skipped() {
    let content = text();
    let entry = || Entry::deflated("a", &content);
    let prefix = b"#!/bin/sh PK unpacks itself\n";
    let counted = {
        let mut zip = Zip::default();
        zip.bytes.extend(prefix);
        zip.with(entry()).finish()
    };
    let uncounted = Zip::after(prefix).with(entry()).finish();
    let trailing = [&Zip::default().with(entry()).finish()[..], &[0; 70_000], b"PK"].concat();
    let comment = Zip::default().with(entry()).finish_with(b"a comment with PK\x05\x06 in it", false);
    for bytes in [counted, uncounted, trailing, comment] {
        assert_eq!(archive(&bytes).contents(), [("a", Ok(&content[..]))]);
    }
}

#[test]
fn names_are_decoded_and_paths_lead_nowhere() {
    let names: [(&[u8], &str, &str); 5] = [
        ("größe.stl".as_bytes(), "größe.stl", "größe.stl"),
        (b"gr\x94\xe1e.stl", "größe.stl", "größe.stl"),
        (b"..\\..\\a\\b.stl", "..\\..\\a\\b.stl", "a/b.stl"),
        (b"/etc/../x.ply", "/etc/../x.ply", "etc/x.ply"),
        (b"C:\\x.ply", "C:\\x.ply", "x.ply"),
    ];
    for (raw, name, path) in names {
        let entry = Entry { name: raw.to_vec(), ..Entry::stored("", b"x") };
        let outcome = archive(&Zip::default().with(entry).finish());
        let file = &outcome.files[0];
        assert_eq!((file.name.as_str(), file.path.as_str(), file.kind), (name, path, FileKind::Mesh));
        assert_eq!(file.outcome, Ok(()));
    }
}

#[test]
fn files_with_the_same_name_are_both_there() {
    let zip = Zip::default().with(Entry::stored("a", b"1")).with(Entry::stored("a", b"2")).finish();
    assert_eq!(archive(&zip).contents(), [("a", Ok(&b"1"[..])), ("a", Ok(&b"2"[..]))]);
}

#[test]
fn folders_are_marked() {
    let outcome = archive(&Zip::default().with(Entry::stored("a/", b"")).with(Entry::stored("a/b", b"")).finish());
    assert_eq!(outcome.files.iter().map(|file| file.is_folder).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn encrypted_files_and_other_methods_are_refused_and_the_others_read() {
    for descriptor in [false, true] {
        let with = |entry: Entry| if descriptor { entry.with_descriptor(true, false) } else { entry };
        assert_eq!(first_of(with(Entry { flags: 1, ..Entry::stored("a", &text()) })), Err(Kind::Encrypted));
        assert_eq!(first_of(with(Entry { method: 99, ..Entry::stored("a", &text()) })), Err(Kind::Encrypted));
        for method in [1, 6, 9, 12, 14, 93, 95, 98, 200] {
            assert_eq!(first_of(with(Entry { method, ..Entry::stored("a", &text()) })), Err(Kind::Unsupported));
        }
    }
}

#[test]
fn an_encrypted_file_without_the_descriptor_that_it_promises_ends_at_the_next_record() {
    let Entry { crc, size, .. } = Entry::stored("a", &text());
    for method in [8, 99] {
        let central = Some((crc, size, size));
        let entry = Entry { flags: 9, method, compressed: 0, size: 0, central, ..Entry::stored("a", &text()) };
        assert_eq!(first_of(entry), Err(Kind::Encrypted));
    }
}

#[test]
fn a_wrong_crc_or_size_is_corrupt() {
    for entry in [Entry::stored("a", &text()), Entry::deflated("a", &text())] {
        let Entry { crc, size, compressed, .. } = entry;
        for wrong in [
            Entry { crc: crc ^ 1, ..entry.clone() },
            Entry { size: size - 1, ..entry.clone() },
            Entry { size: size + 1, ..entry.clone() },
        ] {
            assert_eq!(first_of(wrong.clone()), Err(Kind::Corrupt));
            assert_eq!(first_of(Entry { central: Some((crc, compressed, size)), ..wrong }), Err(Kind::Corrupt));
        }
    }
    let entry = Entry::deflated("a", &text()).with_descriptor(true, false);
    assert_eq!(first_of(Entry { crc: entry.crc ^ 1, ..entry }), Err(Kind::Corrupt));
}

#[test]
fn a_header_and_a_directory_that_disagree_are_corrupt() {
    for entry in [Entry::stored("a", &text()), Entry::deflated("a", &text()).with_descriptor(true, false)] {
        let Entry { crc, size, compressed, .. } = entry;
        for central in [(crc ^ 1, compressed, size), (crc, compressed + 1, size), (crc, compressed, size + 1)] {
            assert_eq!(first_of(Entry { central: Some(central), ..entry.clone() }), Err(Kind::Corrupt));
        }
        let outcome = archive(&Zip::default().with(Entry { central_name: Some(b"b".to_vec()), ..entry }).finish());
        assert_eq!(outcome.contents(), [("b", Err(Kind::Corrupt))]);
    }
}

#[test]
fn what_the_directory_does_not_list_is_no_file() {
    let mut zip = Zip::default().with(Entry::stored("a", b"listed"));
    zip.local(&Entry::stored("deleted", b"not listed"));
    assert_eq!(
        archive(&zip.with(Entry::stored("b", b"too")).finish()).contents(),
        [("a", Ok(&b"listed"[..])), ("b", Ok(&b"too"[..]))]
    );
}

#[test]
fn what_only_the_directory_lists_is_corrupt() {
    let mut zip = Zip::default().with(Entry::stored("a", b"here"));
    zip.central(&Entry::stored("ghost", b"boo"), 7_000);
    assert_eq!(archive(&zip.finish()).contents(), [("a", Ok(&b"here"[..])), ("ghost", Err(Kind::Corrupt))]);
}

#[test]
fn damaged_data_is_corrupt_and_the_files_behind_it_are_read() {
    let entry = Entry::deflated("a", &text());
    for at in 0..entry.data.len() {
        for descriptor in [false, true] {
            let mut entry = entry.clone();
            entry.data[at] ^= 0x55;
            assert_eq!(
                first_of(if descriptor { entry.with_descriptor(true, false) } else { entry }),
                Err(Kind::Corrupt)
            );
        }
    }
    for data in [&entry.data[..entry.data.len() - 1], &[&entry.data[..], b"more"].concat()] {
        let entry = Entry { data: data.to_vec(), compressed: data.len() as u64, ..entry.clone() };
        assert_eq!(first_of(entry), Err(Kind::Corrupt));
    }
}

#[test]
fn an_archive_that_ends_too_soon_is_truncated() {
    let bytes = Zip::default()
        .with(Entry::deflated("a", &text()))
        .with(Entry::stored("b", b"b"))
        .finish_with(b"comment", false);
    for end in 4..bytes.len() {
        assert_eq!(kind(open_in(&bytes[..end], 1000, &Limits::default())), Some(Kind::Truncated), "{end}");
    }
}

#[test]
fn what_is_no_zip_is_not_a_zip() {
    let page = b"<!DOCTYPE html><title>Sign in</title>".to_vec();
    for bytes in [vec![], page, b"PK".to_vec(), vec![0x50; 3_000], binary_stl(&SOLID)] {
        assert_eq!(kind(open(&bytes)), Some(Kind::NotAZip));
    }
    assert_eq!(
        kind(open_in(&vec![0; 2 << 20], 1 << 16, &Limits::default())),
        Some(Kind::NotAZip),
        "before it has all come"
    );
}

#[test]
fn an_empty_archive_has_no_files() {
    assert_eq!(archive(&Zip::default().finish()), Outcome::default());
}

#[test]
fn a_directory_that_contradicts_its_end_breaks_the_archive() {
    let bytes = Zip::default().with(Entry::stored("a", b"a")).finish();
    let end = bytes.len() - 22;
    for at in [8, 10, 12, 16] {
        let mut bytes = bytes.clone();
        bytes[end + at] ^= 0x40;
        let expected = if at == 8 { None } else { Some(Kind::Corrupt) };
        assert_eq!(kind(open(&bytes)), expected, "{at}");
    }
    let mut parts = bytes.clone();
    parts[end + 4] = 1;
    assert_eq!(kind(open(&parts)), Some(Kind::Unsupported), "several parts");
    let mut signature = bytes;
    signature[end + 1] ^= 1;
    assert_eq!(kind(open(&signature)), Some(Kind::Corrupt));
}

#[test]
fn two_archives_in_one_are_corrupt() {
    let archive = |content: &[u8]| Zip::default().with(Entry::stored("a", content)).finish();
    assert_eq!(kind(open(&[archive(b"1"), archive(b"2")].concat())), Some(Kind::Corrupt));
}

/// Returns an entry with this number of zero bytes, compressed.
fn zeros(length: usize) -> Entry {
    Entry::deflated("bomb", &vec![0; length])
}

#[test]
fn a_bomb_is_too_large_whatever_it_declares() {
    let bomb = zeros(20 << 20);
    let lying = Entry { size: 5, ..bomb.clone() };
    let hidden = bomb.clone().with_descriptor(true, false);
    for (entry, expected) in [(bomb, Kind::TooLarge), (hidden, Kind::TooLarge), (lying, Kind::Corrupt)] {
        let bytes = Zip::default().with(entry).with(Entry::stored("last", b"x")).finish();
        for piece in [100, 4_096, bytes.len()] {
            let outcome = open_in(&bytes, piece, &Limits::default()).expect("an archive");
            assert_eq!(outcome.contents(), [("bomb", Err(expected)), ("last", Ok(&b"x"[..]))]);
            assert!(outcome.entries[0].1.len() <= 16 << 20, "given out {}", outcome.entries[0].1.len());
        }
    }
}

#[test]
fn below_16_mib_any_ratio_is_allowed() {
    let bytes = Zip::default().with(zeros(8 << 20)).finish();
    assert_eq!(
        open_in(&bytes, 4_096, &Limits::default()).expect("an archive").contents(),
        [("bomb", Ok(&vec![0; 8 << 20][..]))]
    );
}

#[test]
fn files_that_share_bytes_are_too_large() {
    let entry = Entry::deflated("a", &text());
    let mut shared = Zip::default().with(entry.clone());
    shared.central(&entry, 0);
    assert_eq!(archive(&shared.finish()).contents(), [("a", Err(Kind::TooLarge)), ("a", Err(Kind::TooLarge))]);

    let mut inner = Zip::default();
    inner.local(&entry);
    let mut within = Zip::default().with(Entry::stored("outer", &inner.bytes));
    within.central(&entry, 30 + 5);
    assert_eq!(archive(&within.finish()).contents(), [("outer", Ok(&inner.bytes[..])), ("a", Err(Kind::TooLarge))]);
}

#[test]
fn limits_hold_before_the_bytes_come() {
    let limits = Limits { entries: 2, file_bytes: 1_000, total_bytes: 2_500, triangles: 1 };
    let zip = |sizes: &[usize]| {
        let names = ["a", "b", "c"].iter().zip(sizes);
        names.fold(Zip::default(), |zip, (name, size)| zip.with(Entry::deflated(name, &text()[..*size]))).finish()
    };
    let open = |bytes: &[u8]| open_in(bytes, 10, &limits);
    assert_eq!(kind(open(&zip(&[1, 1, 1]))), Some(Kind::TooLarge), "entries");
    let files = open(&zip(&[1_001, 1_000])).expect("an archive");
    assert_eq!(files.contents(), [("a", Err(Kind::TooLarge)), ("b", Ok(&text()[..1_000]))], "file");
    assert!(files.entries[0].1.is_empty(), "nothing is given out of what says that it is too large");
    let limits = Limits { total_bytes: 1_500, ..limits };
    assert_eq!(kind(open_in(&zip(&[1_000, 600]), 10, &limits)), Some(Kind::TooLarge), "total");
}

#[test]
fn sizes_that_are_only_declared_are_summed_up() {
    let huge = Entry { central: Some((0, 1, 3 << 30)), is_zip64: true, ..Entry::stored("a", b"a") };
    let bytes = Zip::default().with(huge.clone()).with(Entry { name: b"b".to_vec(), ..huge }).finish();
    assert_eq!(kind(open(&bytes)), Some(Kind::TooLarge));
}
