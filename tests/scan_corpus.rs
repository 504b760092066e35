//! Reads a folder of meshes and zips from public test suites, which is not part of the repository: `SCAN_CORPUS=<folder> cargo
//! test --features scan --test scan_corpus`. For each file, the table has the result of reading it, or the kind of the refusal;
//! `BLESS=1` rewrites it. Without the folder, the test does nothing.
#![cfg(all(feature = "scan", not(target_arch = "wasm32")))]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use itero_dpms::scan::zip::{Event, ZipReader};
use itero_dpms::scan::{Fault, Limits, Mesh, MeshReader};

#[test]
fn each_file_is_read_or_refused_as_the_table_says() {
    let Some(corpus) = env::var_os("SCAN_CORPUS").map(PathBuf::from) else { return };
    let mut files = Vec::new();
    collect(&corpus, &mut files);
    files.sort();
    let mut rows = String::new();
    for file in files {
        let name = file.strip_prefix(&corpus).expect("a file of the corpus").to_str().expect("a name in UTF-8");
        let bytes = fs::read(&file).expect("a file");
        let outcomes = [usize::MAX, 4096, 61, 1].map(|piece| match name.starts_with("mesh/") {
            _ if piece == 1 && bytes.len() > 300_000 => None,
            true => Some(mesh(&bytes, piece).map_or_else(|fault| refused(&fault), |mesh| describe(&mesh))),
            false => Some(archive(&bytes, piece)),
        });
        let [Some(whole), rest @ ..] = &outcomes else { panic!("{name}") };
        assert!(
            rest.iter().flatten().all(|outcome| outcome == whole),
            "{name} depends on how it is cut: {outcomes:#?}"
        );
        writeln!(rows, "{name}\t{whole}").expect("a string");
    }
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scan-corpus/table.tsv");
    if env::var_os("BLESS").is_some() {
        fs::write(&table, &rows).expect("the table");
    }
    let expected = fs::read_to_string(&table).expect("the table");
    for (row, expected) in rows.lines().zip(expected.lines()) {
        assert_eq!(row, expected);
    }
    assert_eq!(rows.lines().count(), expected.lines().count());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.extension() {
            _ if path.is_dir() => collect(&path, files),
            Some(extension) if extension == "tsv" => {}
            _ => files.push(path),
        }
    }
}

fn mesh(bytes: &[u8], piece: usize) -> Result<Mesh, Fault> {
    let mut reader = MeshReader::new(&Limits::default(), piece as u64);
    for piece in bytes.chunks(piece) {
        reader.feed(piece)?;
    }
    reader.finish()
}

fn archive(bytes: &[u8], piece: usize) -> String {
    let mut reader = ZipReader::new(&Limits::default());
    let mut files = Vec::new();
    let mut read = || {
        for piece in bytes.chunks(piece) {
            reader.feed(piece);
            while !matches!(reader.next()?, Event::NeedsInput) {}
        }
        Ok(())
    };
    let outcome = read().and_then(|()| reader.finish()).map(|all| files = all);
    match outcome {
        Err(fault) => refused(&fault),
        Ok(()) => {
            let mut faults: Vec<_> =
                files.iter().filter_map(|file| file.outcome.err()).map(|fault| fault.kind.as_str()).collect();
            faults.sort_unstable();
            let mut text = format!("{} of {} files", files.len() - faults.len(), files.len());
            for group in faults.chunk_by(|a, b| a == b) {
                write!(text, ", {} {}", group.len(), group[0]).expect("a string");
            }
            text
        }
    }
}

fn refused(fault: &Fault) -> String {
    format!("refused: {}", fault.kind.as_str())
}

fn describe(mesh: &Mesh) -> String {
    let vertices = mesh.position.len() / 3;
    let mut text = format!("{:?}, {} triangles, {vertices} vertices", mesh.format, mesh.index.len() / 3);
    if mesh.color.is_some() {
        text.push_str(", colours");
    }
    if mesh.uv.is_some() {
        text.push_str(", uv");
    }
    for (code, count) in mesh.warnings.iter() {
        write!(text, ", {code} {count}").expect("a string");
    }
    assert!(mesh.position.iter().all(|each| each.is_finite()));
    assert!(mesh.index.iter().all(|number| (*number as usize) < vertices));
    assert_eq!(mesh.normal.len(), vertices * 4);
    text
}
