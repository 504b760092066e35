//! The boundary to JavaScript: bytes in, rows of cells and typed arrays out, which `pkg-template/lib/scan/rows.js` turns into objects.
//!
//! Objects are not made here. Making one can invalidate the optimized code of the JavaScript that called, if that code reads such objects.
//! When the call then returns a reference, V8 in Node 20 ends the process ("unreachable code"; not with
//! `--no-turbo-inline-js-wasm-calls`).

use js_sys::{Array, Float32Array, Int8Array, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::manifest::Manifest;
use super::role::{Arrangement, Role};
use super::zip::{Entry, Event, ZipReader};
use super::{
    Archive, ArchiveFile, Contents, Fault, FinishedMesh, Format, Kind, Limits, Mesh, MeshReader, Meshes, Options,
};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type { ScanArrangement, ScanError, ScanFile, ScanMesh, ScanRole } from "../../types/scan.js";

/** What is thrown for bytes that cannot be read. */
export type FaultRow = [kind: ScanError["kind"], message: string];

/** A file of an archive. `mesh` is the entry that its mesh was returned with, or null if the file has no mesh to show. */
export type FileRow = [
  name: string, path: string, kind: ScanFile["kind"], size: number, compressedSize: number, modified: string | null,
  fault: FaultRow | null, offset: number, mesh: number | null, role: ScanRole | null, arrangement: ScanArrangement | null,
];

/** A mesh. Three cells for each group: name, start and count; two for each warning: code and count. */
export type MeshRow = [
  format: ScanMesh["format"], position: Float32Array, normal: Int8Array, color: Uint8Array | null, uv: Float32Array | null,
  texture: string | null, index: Uint32Array, groups: (string | number)[], bounds: number[], warnings: (string | number)[],
];

/** A mesh that is being read, and what is known about its file. */
export type PreviewRow = [
  mesh: MeshRow, name: string, path: string, size: number | null, role: ScanRole | null, arrangement: ScanArrangement | null,
];

/** Four cells for each object: name, kind, role and tooth; seventeen for each transform: the role and sixteen numbers. */
export type ManifestRow = [
  version: number | null, arrangement: ScanArrangement | null, objects: (string | number | null)[],
  transforms: (string | number | null)[],
];
"#;

/// The largest whole number that JavaScript holds exactly.
const LARGEST_INTEGER: f64 = 9_007_199_254_740_991.0;

/// An archive that is being read.
#[wasm_bindgen]
pub struct ArchiveReader {
    archive: Archive,
}

#[wasm_bindgen]
impl ArchiveReader {
    /// `meshes` is as in `OpenScanOptions`; `preview` is a number of triangles, or missing for no previews. `seed` should be
    /// random.
    #[wasm_bindgen(constructor)]
    pub fn new(
        entries: f64,
        file_bytes: f64,
        total_bytes: f64,
        triangles: f64,
        meshes: &str,
        preview: Option<u32>,
        seed: f64,
    ) -> Self {
        let meshes = match meshes {
            "all" => Meshes::All,
            "none" => Meshes::None,
            _ => Meshes::Best,
        };
        let limits = limits(entries, file_bytes, total_bytes, triangles);
        ArchiveReader { archive: Archive::new(&Options { limits, meshes, preview, seed: seed.to_bits() }) }
    }

    /// Reads the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.archive.feed(bytes).map_err(thrown)
    }

    /// Returns the next mesh that was read to its end, after the number of its entry.
    #[wasm_bindgen(unchecked_return_type = "[entry: number, mesh: MeshRow] | undefined")]
    pub fn mesh(&mut self) -> Option<Array> {
        let FinishedMesh { entry, mesh } = self.archive.take_finished()?;
        Some(row(&[entry.into(), mesh_row(mesh).into()]))
    }

    /// Returns a preview of the mesh that is being read.
    #[wasm_bindgen(unchecked_return_type = "PreviewRow | undefined")]
    pub fn preview(&self) -> Option<Array> {
        let Entry { name, path, size, .. } = self.archive.current()?;
        let (mesh, role, arrangement) = self.archive.preview()?;
        let size = size.map(|size| size as f64);
        Some(row(&[
            mesh_row(mesh).into(),
            name.into(),
            path.into(),
            nullable(size),
            nullable(role.map(Role::as_str)),
            nullable(arrangement.map(Arrangement::as_str)),
        ]))
    }

    /// Returns the path of the file that is being read.
    pub fn current(&self) -> Option<String> {
        self.archive.current().map(|entry| entry.path.clone())
    }

    /// Returns how many triangles have been read.
    pub fn triangles(&self) -> f64 {
        self.archive.triangles() as f64
    }

    /// Returns the files and the manifest. Call this after the last byte.
    #[wasm_bindgen(unchecked_return_type = "[files: FileRow[], manifest: ManifestRow | null]")]
    pub fn finish(self) -> Result<Array, JsValue> {
        let Contents { files, manifest } = self.archive.finish().map_err(thrown)?;
        let rows = Array::new();
        for file in &files {
            rows.push(&file_row(file));
        }
        Ok(row(&[rows.into(), nullable(manifest.as_ref().map(manifest_row))]))
    }
}

/// A mesh file that is being read.
#[wasm_bindgen]
pub struct MeshFileReader {
    reader: MeshReader,
    left: u64,
}

#[wasm_bindgen]
impl MeshFileReader {
    /// `seed` should be random.
    #[wasm_bindgen(constructor)]
    pub fn new(file_bytes: f64, triangles: f64, seed: f64) -> Self {
        let limits = limits(1.0, file_bytes, file_bytes, triangles);
        MeshFileReader { reader: MeshReader::new(&limits, seed.to_bits()), left: limits.file_bytes }
    }

    /// Reads the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or_else(|| thrown(Fault::too_large("The file is larger than limits.fileBytes allows")))?;
        self.reader.feed(bytes).map_err(thrown)
    }

    /// Returns how many triangles have been read.
    pub fn triangles(&self) -> f64 {
        self.reader.growing().index.len() as f64 / 3.0
    }

    /// Returns the mesh. Call this after the last byte.
    #[wasm_bindgen(unchecked_return_type = "MeshRow")]
    pub fn finish(self) -> Result<Array, JsValue> {
        self.reader.finish().map(mesh_row).map_err(thrown)
    }
}

/// Unzips one file of an archive that was read before, and checks its CRC.
#[wasm_bindgen]
pub struct EntryReader {
    zip: ZipReader,
    is_at_end: bool,
}

#[wasm_bindgen]
impl EntryReader {
    /// Feed the archive's bytes from the file's local header on.
    #[wasm_bindgen(constructor)]
    pub fn new(file_bytes: f64) -> Self {
        EntryReader { zip: ZipReader::new(&limits(1.0, file_bytes, file_bytes, 0.0)), is_at_end: false }
    }

    /// Returns the part of the file that the next bytes contain.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array[]")]
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Array, JsValue> {
        let pieces = Array::new();
        self.zip.feed(bytes);
        while !self.is_at_end {
            match self.zip.next().map_err(thrown)? {
                Event::NeedsInput => break,
                Event::Entry(_) => {}
                Event::Data(bytes) => {
                    pieces.push(&Uint8Array::from(bytes));
                }
                Event::EntryEnd(outcome) => {
                    outcome.map_err(thrown)?;
                    self.is_at_end = true;
                }
            }
        }
        Ok(pieces)
    }

    /// Whether the file has ended.
    #[wasm_bindgen(js_name = isAtEnd)]
    pub fn is_at_end(&self) -> bool {
        self.is_at_end
    }
}

fn limits(entries: f64, file_bytes: f64, total_bytes: f64, triangles: f64) -> Limits {
    Limits {
        entries: entries as u32,
        file_bytes: file_bytes.min(LARGEST_INTEGER) as u64,
        total_bytes: total_bytes.min(LARGEST_INTEGER) as u64,
        triangles: triangles as u32,
    }
}

fn file_row(ArchiveFile { file, has_mesh, role, arrangement }: &ArchiveFile) -> Array {
    row(&[
        file.name.as_str().into(),
        file.path.as_str().into(),
        file.kind.as_str().into(),
        (file.size as f64).into(),
        (file.compressed_size as f64).into(),
        nullable(file.modified.as_deref()),
        nullable(file.outcome.err().map(fault_row)),
        (file.offset as f64).into(),
        nullable(file.entry.filter(|_| *has_mesh).map(|entry| entry as f64)),
        nullable(role.map(Role::as_str)),
        nullable(arrangement.map(Arrangement::as_str)),
    ])
}

/// The arrays are copies in JavaScript's memory, each with a buffer of its own, so that they can be transferred.
fn mesh_row(mesh: Mesh) -> Array {
    let format = match mesh.format {
        Format::Stl => "stl",
        Format::Ply => "ply",
    };
    let groups = Array::new();
    for group in &mesh.groups {
        groups.push(&group.name.as_str().into());
        groups.push(&group.start.into());
        groups.push(&group.count.into());
    }
    let bounds = Array::new();
    for number in [mesh.bounds.min, mesh.bounds.max].as_flattened() {
        bounds.push(&JsValue::from(*number));
    }
    let warnings = Array::new();
    for (code, count) in mesh.warnings.iter() {
        warnings.push(&code.into());
        warnings.push(&(count as f64).into());
    }
    row(&[
        format.into(),
        Float32Array::from(mesh.position.as_slice()).into(),
        Int8Array::from(mesh.normal.as_slice()).into(),
        nullable(mesh.color.as_deref().map(Uint8Array::from)),
        nullable(mesh.uv.as_deref().map(Float32Array::from)),
        nullable(mesh.texture.as_deref()),
        Uint32Array::from(mesh.index.as_slice()).into(),
        groups.into(),
        bounds.into(),
        warnings.into(),
    ])
}

fn manifest_row(manifest: &Manifest) -> Array {
    let objects = Array::new();
    for object in &manifest.objects {
        objects.push(&object.name.as_str().into());
        objects.push(&object.kind.as_str().into());
        objects.push(&nullable(object.role.map(Role::as_str)));
        objects.push(&nullable(object.tooth));
    }
    let transforms = Array::new();
    for transform in &manifest.transforms {
        transforms.push(&nullable(transform.role.map(Role::as_str)));
        for number in transform.matrix {
            transforms.push(&number.into());
        }
    }
    row(&[
        nullable(manifest.version),
        nullable(manifest.arrangement().map(Arrangement::as_str)),
        objects.into(),
        transforms.into(),
    ])
}

fn row(cells: &[JsValue]) -> Array {
    let row = Array::new();
    for cell in cells {
        row.push(cell);
    }
    row
}

fn nullable(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}

fn fault_row(Fault { kind, message }: Fault) -> Array {
    row(&[Kind::as_str(kind).into(), message.into()])
}

fn thrown(fault: Fault) -> JsValue {
    fault_row(fault).into()
}
