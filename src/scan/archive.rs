//! An archive with its meshes and its manifest, read while it arrives. A mesh is finished before it is known to be complete:
//! only [`Archive::finish`] says which meshes are complete.

use std::collections::VecDeque;

use super::manifest::{self, Manifest};
use super::role::{self, Arrangement, Role};
use super::zip::{Entry, Event, File, FileKind, ZipReader};
use super::{Fault, Format, Limits, Mesh, MeshReader, Preview};

/// The limit for the bytes of all manifests of an archive: beyond it, no manifest is read.
const MANIFEST_BYTES: usize = 4 << 20;

/// Which meshes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meshes {
    /// All, but of an arch that the archive has both as STL and as PLY, only the PLY, which has colours.
    Best,
    /// All.
    All,
    /// None.
    None,
}

/// What to read from an archive.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How large its content may be.
    pub limits: Limits,
    /// Which meshes are wanted.
    pub meshes: Meshes,
    /// How many triangles a preview has; `None` for no previews.
    pub preview: Option<u32>,
    /// Should be random; the result does not depend on it.
    pub seed: u64,
}

/// An archive that is being read.
pub struct Archive {
    options: Options,
    zip: ZipReader,
    reading: Option<Reading>,
    finished: VecDeque<FinishedMesh>,
    /// The outcomes of meshes, in the order of their entries.
    outcomes: Vec<(usize, Result<Format, Fault>)>,
    manifests: Vec<(usize, Manifest)>,
    manifest_bytes: usize,
    triangles: u64,
}

/// A mesh that was read to its end, but is not yet known to be complete.
#[derive(Debug)]
pub struct FinishedMesh {
    /// The number of its entry.
    pub entry: usize,
    /// The mesh.
    pub mesh: Mesh,
}

/// All that an archive contains.
#[derive(Debug)]
pub struct Contents {
    /// The files, without folders.
    pub files: Vec<ArchiveFile>,
    /// The manifest of the highest version.
    pub manifest: Option<Manifest>,
}

/// A file of an archive.
#[derive(Debug)]
pub struct ArchiveFile {
    /// The file in the zip. Its outcome also covers what is wrong with its mesh.
    pub file: File,
    /// Whether its mesh is complete and wanted.
    pub has_mesh: bool,
    /// Which jaw it shows.
    pub role: Option<Role>,
    /// How the jaws lie to each other in it.
    pub arrangement: Option<Arrangement>,
}

/// The file whose data is being read.
struct Reading {
    entry: Entry,
    content: Content,
}

enum Content {
    Mesh {
        reader: Box<MeshReader>,
        preview: Option<Box<Preview>>,
    },
    Manifest(Vec<u8>),
    /// Nothing, or nothing more, is read from it.
    Skipped,
}

impl Archive {
    /// Returns an archive of which nothing has been read.
    pub fn new(options: &Options) -> Self {
        Archive {
            options: *options,
            zip: ZipReader::new(&options.limits),
            reading: None,
            finished: VecDeque::new(),
            outcomes: Vec::new(),
            manifests: Vec::new(),
            manifest_bytes: 0,
            triangles: 0,
        }
    }

    /// Reads the next bytes. A fault that is returned concerns the whole archive.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.zip.feed(bytes);
        loop {
            match self.zip.next()? {
                Event::NeedsInput => break,
                Event::Entry(entry) => self.reading = Some(Reading::new(entry, &self.options)),
                Event::Data(bytes) => {
                    let Some(reading) = &mut self.reading else { continue };
                    let left = MANIFEST_BYTES - self.manifest_bytes;
                    if let Err(fault) = reading.feed(bytes, left) {
                        self.outcomes.push((reading.entry.number, Err(fault)));
                        reading.content = Content::Skipped;
                    }
                }
                Event::EntryEnd(outcome) => {
                    if let Some(reading) = self.reading.take()
                        && outcome.is_ok()
                    {
                        self.end(reading);
                    }
                }
            }
        }
        if let Some(Content::Mesh { reader, preview: Some(preview) }) =
            self.reading.as_mut().map(|reading| &mut reading.content)
        {
            preview.update(reader.growing());
        }
        Ok(())
    }

    fn end(&mut self, Reading { entry, content }: Reading) {
        match content {
            Content::Mesh { reader, .. } => {
                let outcome = reader.finish().map(|mesh| {
                    let format = mesh.format;
                    self.triangles += mesh.index.len() as u64 / 3;
                    self.finished.push_back(FinishedMesh { entry: entry.number, mesh });
                    format
                });
                self.outcomes.push((entry.number, outcome));
            }
            Content::Manifest(bytes) => {
                self.manifest_bytes += bytes.len();
                self.manifests.extend(Manifest::read(&entry.path, &bytes).map(|manifest| (entry.number, manifest)));
            }
            Content::Skipped => {}
        }
    }

    /// Returns the next mesh that was read to its end. Do not present any mesh as complete before `finish`.
    pub fn take_finished(&mut self) -> Option<FinishedMesh> {
        self.finished.pop_front()
    }

    /// The file whose data is being read.
    pub fn current(&self) -> Option<&Entry> {
        self.reading.as_ref().map(|reading| &reading.entry)
    }

    /// Returns a preview of the mesh that is being read, with its role and its arrangement as far as they are known.
    pub fn preview(&self) -> Option<(Mesh, Option<Role>, Option<Arrangement>)> {
        let Reading { entry, content: Content::Mesh { reader, preview: Some(preview) } } = self.reading.as_ref()?
        else {
            return None;
        };
        let mesh = preview.mesh(reader.format()?);
        let role =
            role(&entry.path, self.manifests.iter().map(|(_, manifest)| manifest).max_by_key(|each| each.version));
        (!mesh.index.is_empty()).then(|| (mesh, role, Arrangement::named(&entry.path)))
    }

    /// Returns how many triangles have been read.
    pub fn triangles(&self) -> u64 {
        let growing = match self.reading.as_ref().map(|reading| &reading.content) {
            Some(Content::Mesh { reader, .. }) => reader.growing().index.len() / 3,
            _ => 0,
        };
        self.triangles + growing as u64
    }

    /// Returns what the archive contains. Call this after its last byte.
    pub fn finish(self) -> Result<Contents, Fault> {
        let mut files = self.zip.finish()?;
        files.retain(|file| !file.is_folder);
        let outcome = |entry: Option<usize>| {
            let at = self.outcomes.binary_search_by_key(&entry?, |(entry, _)| *entry).ok()?;
            self.outcomes.get(at).map(|(_, outcome)| *outcome)
        };
        let manifest = files.iter().filter(|file| file.outcome.is_ok()).filter_map(|file| {
            let manifest = self.manifests.iter().find(|(entry, _)| Some(*entry) == file.entry);
            manifest.map(|(_, manifest)| manifest)
        });
        let manifest = manifest.max_by_key(|manifest| manifest.version).cloned();
        let mut plys = Vec::new();
        for file in &mut files {
            match outcome(file.entry) {
                Some(Ok(Format::Ply)) if file.outcome.is_ok() => plys.push(hash(&role::stem(&file.path))),
                Some(Err(fault)) => file.outcome = file.outcome.and(Err(fault)),
                _ => {}
            }
        }
        let is_wanted = |file: &File, format: Format| {
            self.options.meshes != Meshes::Best
                || format == Format::Ply
                || !plys.contains(&hash(&role::stem(&file.path)))
        };
        let files = files.into_iter().map(|file| ArchiveFile {
            has_mesh: file.outcome.is_ok()
                && outcome(file.entry).is_some_and(|mesh| mesh.is_ok_and(|format| is_wanted(&file, format))),
            role: role(&file.path, manifest.as_ref()),
            arrangement: Arrangement::named(&file.path),
            file,
        });
        Ok(Contents { files: files.collect(), manifest })
    }
}

/// FNV-1a. If names are made to collide, the only effect is that their own archive lacks an STL mesh.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Returns which jaw a file shows, according to the manifest or, failing that, to its name.
fn role(path: &str, manifest: Option<&Manifest>) -> Option<Role> {
    manifest.and_then(|manifest| manifest.role(path)).or_else(|| Role::named(path))
}

impl Reading {
    fn new(entry: Entry, options: &Options) -> Self {
        let content = match entry.kind {
            FileKind::Mesh if options.meshes != Meshes::None => Content::Mesh {
                reader: Box::new(MeshReader::new(&options.limits, options.seed)),
                preview: options.preview.map(|triangles| Box::new(Preview::new(triangles, options.seed))),
            },
            FileKind::Metadata if manifest::is_manifest(&entry.path) => Content::Manifest(Vec::new()),
            _ => Content::Skipped,
        };
        Reading { entry, content }
    }

    /// Reads data. A manifest may be `left` bytes long.
    fn feed(&mut self, bytes: &[u8], left: usize) -> Result<(), Fault> {
        match &mut self.content {
            Content::Mesh { reader, .. } => return reader.feed(bytes),
            Content::Manifest(text) if text.len() + bytes.len() <= left => text.extend_from_slice(bytes),
            content => *content = Content::Skipped,
        }
        Ok(())
    }
}
