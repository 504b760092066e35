//! Binary STL: 80 bytes of header, the number of triangles, 50 bytes for each.

use std::io::{self, Write};

use super::mesh::Mesh;

/// Writes the meshes as one binary STL file in millimetres.
pub fn write_stl(meshes: &[Mesh], out: &mut impl Write) -> io::Result<()> {
    // Readers treat a file that starts with "solid" as ASCII STL.
    let mut header = *b"itero-dpms sandbox, binary STL, millimetres                                     ";
    header[79] = b'\n';
    out.write_all(&header)?;
    let triangles: usize = meshes.iter().map(|mesh| mesh.triangles.len()).sum();
    out.write_all(&(triangles as u32).to_le_bytes())?;
    for corners in meshes.iter().flat_map(Mesh::corners) {
        let [a, b, c] = corners.map(|vertex| vertex.position);
        for vector in [(b - a).cross(c - a).normalize_or_zero(), a, b, c] {
            for coordinate in vector.to_array() {
                out.write_all(&coordinate.to_le_bytes())?;
            }
        }
        out.write_all(&[0, 0])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::arch::Arches;
    use super::*;

    #[test]
    fn the_size_follows_from_the_number_of_triangles() {
        let Arches { upper, lower } = Arches::new(1, &[]);
        let meshes = [upper.mesh, lower.mesh];
        for meshes in [&meshes[..1], &meshes] {
            let triangles: usize = meshes.iter().map(|mesh| mesh.triangles.len()).sum();
            let mut file = Vec::new();
            write_stl(meshes, &mut file).unwrap();
            assert!(!file.starts_with(b"solid"));
            assert_eq!(file[80..84], (triangles as u32).to_le_bytes());
            assert_eq!(file.len(), 84 + 50 * triangles);
        }
    }
}
