//! Opening a scan while it is downloaded: the zip that `downloadScan` returns, and the STL and PLY files in it. Pure and
//! sans-IO: readers are fed bytes in pieces of any size, return the same however the bytes are divided, and use memory only in
//! proportion to the bytes received.
//!
//! ```text
//! zip.feed(bytes);
//! loop {
//!     match zip.next()? {
//!         Event::NeedsInput => break,                         // feed more, or zip.finish()?
//!         Event::Entry(entry) => mesh = MeshReader::new(..),
//!         Event::Data(bytes) => mesh.feed(bytes)?,
//!         Event::EntryEnd(outcome) => mesh.finish()?,         // not complete before the central directory confirms it
//!     }
//! }
//! ```

mod archive;
mod error;
mod limits;
mod manifest;
mod mesh;
mod normals;
mod number;
mod ply;
mod preview;
mod read;
mod role;
mod shell;
mod stl;
mod tokens;
mod warnings;
mod weld;
pub mod zip;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use self::archive::{Archive, ArchiveFile, Contents, FinishedMesh, Meshes, Options};
pub use self::error::{Fault, Kind};
pub use self::limits::Limits;
pub use self::manifest::{Manifest, Object, ObjectKind, Transform};
pub use self::mesh::{Bounds, Format, Group, Growing, Mesh};
pub use self::preview::Preview;
pub use self::read::MeshReader;
pub use self::role::{Arrangement, Role};
pub use self::warnings::{Warning, Warnings};
