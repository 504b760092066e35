//! The boundary to JavaScript: bytes in, objects and typed arrays out. The other side is `pkg-template/lib/scan/engine.js`.

use js_sys::{Array, Float32Array, Int8Array, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::manifest::{self, Manifest};
use super::role::{Arrangement, Role};
use super::zip::{Entry, Event, ZipReader};
use super::{
    Archive, ArchiveFile, Contents, Fault, FinishedMesh, Format, Group, Kind, Limits, Mesh, MeshReader, Meshes,
    Options, Transform,
};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type { ScanError, ScanFile, ScanManifest, ScanMesh } from "../../types/scan.js";

/** What is thrown about bytes that cannot be read. */
export type Fault = Pick<ScanError, "kind" | "message">;

/** What is known of a mesh by its own file. */
export type MeshData = Omit<ScanMesh, "file" | "complete" | "role" | "arrangement">;

/** What an archive says of a mesh. */
type Place = Pick<ScanMesh, "role" | "arrangement">;

/** A file of an archive. */
export interface ArchivedFile extends Omit<ScanFile, "error">, Place {
  fault: Fault | null;
  /** Where its local header is in the archive. */
  offset: number;
  /** The entry that its mesh came as; null if it is not to be shown. */
  mesh: number | null;
}

/** A mesh that is arriving, and what is known of its file. */
export interface GrowingMesh extends Pick<ScanFile, "name" | "path">, Place {
  size: number | null;
  mesh: MeshData;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// An object as it is written in JavaScript.
    #[wasm_bindgen(js_name = Object)]
    type Plain;

    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> Plain;

    #[wasm_bindgen(method, indexing_setter)]
    fn set(this: &Plain, key: &str, value: JsValue);
}

/// The largest number that is a whole number for certain in JavaScript.
const LARGEST_INTEGER: f64 = 9_007_199_254_740_991.0;

/// An archive that is being read.
#[wasm_bindgen]
pub struct ArchiveReader {
    archive: Archive,
}

#[wasm_bindgen]
impl ArchiveReader {
    /// `meshes` is as in `OpenScanOptions`, `preview` a number of triangles or nothing. `seed` should be random.
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

    /// The next mesh that came whole, and the entry that it came as.
    #[wasm_bindgen(unchecked_return_type = "{ entry: number, mesh: MeshData } | undefined")]
    pub fn mesh(&mut self) -> Option<JsValue> {
        let FinishedMesh { entry, mesh } = self.archive.take_finished()?;
        Some(object([("entry", entry.into()), ("mesh", mesh_data(mesh))]))
    }

    /// A preview of the mesh that is arriving.
    #[wasm_bindgen(unchecked_return_type = "GrowingMesh | undefined")]
    pub fn preview(&self) -> Option<JsValue> {
        let Entry { name, path, size, .. } = self.archive.current()?;
        let (mesh, role, arrangement) = self.archive.preview()?;
        Some(object([
            ("name", name.into()),
            ("path", path.into()),
            ("size", nullable(size.map(|size| size as f64))),
            ("role", nullable(role.map(Role::as_str))),
            ("arrangement", nullable(arrangement.map(Arrangement::as_str))),
            ("mesh", mesh_data(mesh)),
        ]))
    }

    /// The path of the file that is coming.
    pub fn current(&self) -> Option<String> {
        self.archive.current().map(|entry| entry.path.clone())
    }

    /// How many triangles came.
    pub fn triangles(&self) -> f64 {
        self.archive.triangles() as f64
    }

    /// The files, and the manifest, after the last byte.
    #[wasm_bindgen(unchecked_return_type = "{ files: ArchivedFile[], manifest: ScanManifest | null }")]
    pub fn finish(self) -> Result<JsValue, JsValue> {
        let Contents { files, manifest } = self.archive.finish().map_err(thrown)?;
        let manifest = nullable(manifest.as_ref().map(scan_manifest));
        Ok(object([("files", list(files, archived_file)), ("manifest", manifest)]))
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

    /// How many triangles came.
    pub fn triangles(&self) -> f64 {
        self.reader.growing().index.len() as f64 / 3.0
    }

    /// The mesh, after the last byte.
    #[wasm_bindgen(unchecked_return_type = "MeshData")]
    pub fn finish(self) -> Result<JsValue, JsValue> {
        self.reader.finish().map(mesh_data).map_err(thrown)
    }
}

/// One file of an archive that was read before: unzipped, its CRC checked.
#[wasm_bindgen]
pub struct EntryReader {
    zip: ZipReader,
    is_at_end: bool,
}

#[wasm_bindgen]
impl EntryReader {
    /// The archive's bytes are to be fed from the file's local header on.
    #[wasm_bindgen(constructor)]
    pub fn new(file_bytes: f64) -> Self {
        EntryReader { zip: ZipReader::new(&limits(1.0, file_bytes, file_bytes, 0.0)), is_at_end: false }
    }

    /// Returns what the next bytes hold of the file.
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

fn archived_file(ArchiveFile { file, has_mesh, role, arrangement }: ArchiveFile) -> JsValue {
    object([
        ("name", file.name.into()),
        ("path", file.path.into()),
        ("kind", file.kind.as_str().into()),
        ("size", (file.size as f64).into()),
        ("compressedSize", (file.compressed_size as f64).into()),
        ("modified", nullable(file.modified)),
        ("fault", nullable(file.outcome.err().map(thrown))),
        ("offset", (file.offset as f64).into()),
        ("mesh", nullable(file.entry.filter(|_| has_mesh).map(|entry| entry as f64))),
        ("role", nullable(role.map(Role::as_str))),
        ("arrangement", nullable(arrangement.map(Arrangement::as_str))),
    ])
}

/// The arrays are copies in JavaScript's memory, each with a buffer of its own, so that they can be transferred.
fn mesh_data(mesh: Mesh) -> JsValue {
    let format = match mesh.format {
        Format::Stl => "stl",
        Format::Ply => "ply",
    };
    let group = |Group { name, start, count }: Group| {
        object([("name", name.into()), ("start", start.into()), ("count", count.into())])
    };
    let warning = |(code, count): (&str, u64)| object([("code", code.into()), ("count", (count as f64).into())]);
    let corner = |numbers: [f32; 3]| list(numbers, JsValue::from);
    object([
        ("format", format.into()),
        ("position", Float32Array::from(mesh.position.as_slice()).into()),
        ("normal", Int8Array::from(mesh.normal.as_slice()).into()),
        ("color", nullable(mesh.color.as_deref().map(Uint8Array::from))),
        ("uv", nullable(mesh.uv.as_deref().map(Float32Array::from))),
        ("texture", nullable(mesh.texture)),
        ("index", Uint32Array::from(mesh.index.as_slice()).into()),
        ("groups", list(mesh.groups, group)),
        ("bounds", object([("min", corner(mesh.bounds.min)), ("max", corner(mesh.bounds.max))])),
        ("warnings", list(mesh.warnings.iter(), warning)),
    ])
}

fn scan_manifest(manifest: &Manifest) -> JsValue {
    let named = |file: &manifest::Object| {
        object([
            ("name", file.name.as_str().into()),
            ("kind", file.kind.as_str().into()),
            ("role", nullable(file.role.map(Role::as_str))),
            ("tooth", nullable(file.tooth)),
        ])
    };
    let transform = |Transform { role, matrix }: &Transform| {
        object([("role", nullable(role.map(Role::as_str))), ("matrix", list(*matrix, JsValue::from))])
    };
    object([
        ("version", nullable(manifest.version)),
        ("arrangement", nullable(manifest.arrangement().map(Arrangement::as_str))),
        ("objects", list(&manifest.objects, named)),
        ("transforms", list(&manifest.transforms, transform)),
    ])
}

fn thrown(Fault { kind, message }: Fault) -> JsValue {
    object([("kind", Kind::as_str(kind).into()), ("message", message.into())])
}

fn object<const N: usize>(properties: [(&str, JsValue); N]) -> JsValue {
    let object = Plain::new();
    for (key, value) in properties {
        object.set(key, value);
    }
    object.into()
}

fn list<T>(items: impl IntoIterator<Item = T>, to_js: impl Fn(T) -> JsValue) -> JsValue {
    items.into_iter().map(to_js).collect::<Array>().into()
}

fn nullable(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}
