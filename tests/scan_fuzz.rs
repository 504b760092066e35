//! Runs the readers of scans on the corpus in `fuzz/scan-corpus`, which `node tests/js/support/awkward-scans.mjs` generates,
//! and on truncated and changed forms of it; `make fuzz` searches further with libFuzzer.
#![cfg(all(feature = "scan", not(target_arch = "wasm32")))]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;

#[path = "../fuzz/scan_check.rs"]
mod scan_check;

const CHECKS: [&str; 4] = ["scan-cuts", "scan-ply", "scan-stl", "scan-zip"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn list(path: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// Returns the files of all checks, each with the name of its check.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let of_check = |folder: PathBuf| {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        list(&folder).into_iter().map(move |file| (name.clone(), fs::read(file).expect("a file")))
    };
    list(&folder().join("scan-corpus")).into_iter().flat_map(of_check).collect()
}

#[test]
fn every_check_has_a_corpus_and_a_target() {
    let mut names: Vec<_> = corpus().into_iter().map(|(name, _)| name).collect();
    names.dedup();
    assert_eq!(names, CHECKS);
    let manifest = include_str!("../fuzz/Cargo.toml");
    for name in CHECKS {
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
        let target = fs::read_to_string(folder().join(format!("fuzz_targets/{name}.rs"))).expect("a target");
        assert!(target.contains(&format!("scan(\"{name}\", bytes)")), "{name}");
    }
}

#[test]
fn no_file_of_the_corpus_breaks_a_check() {
    for (_, bytes) in corpus() {
        for name in CHECKS {
            scan_check::scan(name, &bytes);
        }
    }
}

proptest! {
    #[test]
    fn no_change_to_a_file_breaks_its_check(
        at: Index,
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..5),
        end: Index,
        is_cut: bool,
    ) {
        let corpus = corpus();
        let (name, bytes) = at.get(&corpus);
        let mut bytes = bytes.clone();
        if bytes.is_empty() {
            return Ok(());
        }
        for (at, byte) in changes {
            let length = bytes.len();
            bytes[at.index(length)] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        scan_check::scan(name, &bytes);
    }
}
