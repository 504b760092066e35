//! What holds for all readers: whatever is written can be read, however it is cut, and any other bytes do no harm.

mod ascii_stl;
mod binary_stl;
mod cuts;
mod ply;
mod preview;
mod write;
mod zip;

use super::{Fault, Format, Kind, Limits, Mesh, MeshReader};

/// Reads a mesh in pieces of this size.
fn read_in(bytes: &[u8], piece: usize, limits: &Limits) -> Result<Mesh, Fault> {
    let mut reader = MeshReader::new(limits, piece as u64);
    for piece in bytes.chunks(piece) {
        reader.feed(piece)?;
    }
    reader.finish()
}

/// Reads a mesh. The result must not depend on how the bytes are cut.
fn read(bytes: &[u8]) -> Result<Mesh, Fault> {
    let whole = read_in(bytes, bytes.len().max(1), &Limits::default());
    for piece in [1, 2, 3, 7, 64] {
        assert_eq!(read_in(bytes, piece, &Limits::default()), whole, "in pieces of {piece}");
    }
    whole
}

/// Reads bytes that must be a valid mesh.
fn mesh(bytes: impl AsRef<[u8]>) -> Mesh {
    read(bytes.as_ref()).expect("a mesh")
}

fn kind<T>(outcome: Result<T, Fault>) -> Option<Kind> {
    outcome.err().map(|fault| fault.kind)
}

fn warnings(mesh: &Mesh) -> Vec<(&'static str, u64)> {
    mesh.warnings.iter().collect()
}

/// The vertices of each triangle.
fn triangles(mesh: &Mesh) -> Vec<[[f32; 3]; 3]> {
    let (vertices, _) = mesh.position.as_chunks::<3>();
    mesh.index.as_chunks::<3>().0.iter().map(|triangle| triangle.map(|number| vertices[number as usize])).collect()
}

/// A tetrahedron.
const SOLID: [[[f32; 3]; 3]; 4] = {
    let [o, x, y, z] = [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    [[o, y, x], [o, x, z], [o, z, y], [x, y, z]]
};
