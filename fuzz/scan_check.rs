//! What must hold for the readers of scans, whatever the bytes are and however they are cut. Shared by the fuzz targets and
//! tests/scan_fuzz.rs.

use itero_dpms::scan::zip::{Event, File, ZipReader};
use itero_dpms::scan::{Archive, Fault, Limits, Mesh, MeshReader, Meshes, Options};

/// Small limits, so that a bomb of a few bytes soon exceeds them.
const LIMITS: Limits = Limits { entries: 100, file_bytes: 1 << 20, total_bytes: 1 << 21, triangles: 10_000 };

/// Runs the check called `name`. Panics if a property does not hold.
pub fn scan(name: &str, bytes: &[u8]) {
    match name {
        "scan-zip" => zip(bytes),
        "scan-stl" => mesh(bytes),
        "scan-ply" => mesh(&[b"ply\nformat ", bytes].concat()),
        "scan-cuts" => cuts(bytes),
        _ => panic!("no check is called {name}"),
    }
}

fn mesh(bytes: &[u8]) {
    let whole = read_mesh(bytes, bytes.len().max(1));
    for piece in [1, 3, 61] {
        assert_eq!(read_mesh(bytes, piece), whole, "in pieces of {piece}");
    }
    if let Ok(mesh) = whole {
        is_sound(&mesh, bytes.len());
    }
}

fn read_mesh(bytes: &[u8], piece: usize) -> Result<Mesh, Fault> {
    let mut reader = MeshReader::new(&LIMITS, piece as u64);
    for piece in bytes.chunks(piece) {
        reader.feed(piece)?;
    }
    reader.finish()
}

fn is_sound(mesh: &Mesh, bytes: usize) {
    let vertices = mesh.position.len() / 3;
    assert!(mesh.position.iter().all(|each| each.is_finite()));
    assert!(mesh.index.iter().all(|number| (*number as usize) < vertices));
    assert_eq!((mesh.index.len() % 3, mesh.normal.len()), (0, vertices * 4));
    assert!(mesh.color.as_ref().is_none_or(|color| color.len() == vertices * 4));
    assert!(mesh.uv.as_ref().is_none_or(|uv| uv.len() == vertices * 2 && uv.iter().all(|each| each.is_finite())));
    assert!(mesh.index.len() <= 3 * bytes, "more triangles than bytes");
    assert!(vertices <= 3 * bytes.max(mesh.index.len()), "more vertices than bytes");
}

fn zip(bytes: &[u8]) {
    let whole = read_zip(bytes, bytes.len().max(1));
    for piece in [1, 3, 61] {
        assert_eq!(read_zip(bytes, piece), whole, "in pieces of {piece}");
    }
}

/// Returns the files, and the content of each entry.
fn read_zip(bytes: &[u8], piece: usize) -> Result<(Vec<File>, Vec<Vec<u8>>), Fault> {
    let mut reader = ZipReader::new(&LIMITS);
    let mut contents: Vec<Vec<u8>> = Vec::new();
    for piece in bytes.chunks(piece) {
        reader.feed(piece);
        loop {
            match reader.next()? {
                Event::NeedsInput => break,
                Event::Entry(_) => contents.push(Vec::new()),
                Event::Data(data) => contents.last_mut().expect("an entry").extend_from_slice(data),
                Event::EntryEnd(_) => {}
            }
        }
    }
    let files = reader.finish()?;
    for file in files.iter().filter(|file| file.outcome.is_ok()) {
        let content = file.entry.and_then(|entry| contents.get(entry)).expect("the content of a file that is complete");
        assert_eq!(content.len() as u64, file.size, "a file is as long as its directory says");
    }
    Ok((files, contents))
}

/// Reads an archive, cut as its own first bytes say: the number of cuts, and the length of each piece.
fn cuts(bytes: &[u8]) {
    let Some((count, rest)) = bytes.split_first() else { return };
    let (cuts, archive) = rest.split_at(rest.len().min(usize::from(*count)));
    let mut pieces = cuts.iter().map(|cut| usize::from(*cut) + 1).chain(std::iter::repeat(usize::MAX));
    assert_eq!(read_archive(archive, || pieces.next().unwrap_or(1)), read_archive(archive, || usize::MAX));
}

/// The name of each file, what is wrong with it and whether it has a mesh; and the meshes that are complete.
type Outcome = (Vec<(String, Option<Fault>, bool)>, Vec<Mesh>);

fn read_archive(mut bytes: &[u8], mut length: impl FnMut() -> usize) -> Result<Outcome, Fault> {
    let options = Options { limits: LIMITS, meshes: Meshes::All, preview: Some(50), seed: 7 };
    let mut archive = Archive::new(&options);
    let mut meshes = Vec::new();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(bytes.len().min(length()));
        archive.feed(piece)?;
        while let Some(finished) = archive.take_finished() {
            meshes.push(finished);
        }
        if let Some((preview, ..)) = archive.preview() {
            is_sound(&preview, usize::MAX / 3);
        }
        bytes = rest;
    }
    let contents = archive.finish()?;
    let given = contents.files.iter().filter(|file| file.has_mesh).map(|file| {
        let finished = meshes.iter().find(|mesh| Some(mesh.entry) == file.file.entry);
        finished.expect("the mesh of a file that has one").mesh.clone()
    });
    let given = given.collect();
    let files = contents.files.iter().map(|file| (file.file.name.clone(), file.file.outcome.err(), file.has_mesh));
    Ok((files.collect(), given))
}
