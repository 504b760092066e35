//! Binary PLY with a colour for each vertex.

use std::io::{self, Write};

use super::mesh::Mesh;

/// Writes the meshes as one little-endian PLY file in millimetres.
pub fn write_ply(meshes: &[Mesh], out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "ply\nformat binary_little_endian 1.0\ncomment itero-dpms sandbox, millimetres\n\
         element vertex {}\nproperty float x\nproperty float y\nproperty float z\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\n\
         element face {}\nproperty list uchar int vertex_indices\nend_header\n",
        meshes.iter().map(|mesh| mesh.vertices.len()).sum::<usize>(),
        meshes.iter().map(|mesh| mesh.triangles.len()).sum::<usize>(),
    )?;
    for vertex in meshes.iter().flat_map(|mesh| &mesh.vertices) {
        for coordinate in vertex.position.to_array() {
            out.write_all(&coordinate.to_le_bytes())?;
        }
        out.write_all(&vertex.colour)?;
    }
    let mut first = 0;
    for mesh in meshes {
        for triangle in &mesh.triangles {
            out.write_all(&[3])?;
            for at in triangle {
                out.write_all(&(first + at).to_le_bytes())?;
            }
        }
        first += mesh.vertices.len() as u32;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::arch::Arches;
    use super::*;

    #[test]
    fn the_header_counts_what_follows_and_indices_stay_in_range() {
        let Arches { upper, lower } = Arches::new(1, &[]);
        let meshes = [upper.mesh, lower.mesh];
        for meshes in [&meshes[1..], &meshes] {
            let mut file = Vec::new();
            write_ply(meshes, &mut file).unwrap();
            let end = file.windows(11).position(|bytes| bytes == b"end_header\n").unwrap() + 11;
            let header = str::from_utf8(&file[..end]).unwrap();
            let count = |element: &str| -> usize {
                header.lines().find_map(|line| line.strip_prefix(element)).unwrap().trim().parse().unwrap()
            };
            let (vertices, faces) = (count("element vertex"), count("element face"));
            assert_eq!(file.len() - end, 15 * vertices + 13 * faces);
            assert_eq!(faces, meshes.iter().map(|mesh| mesh.triangles.len()).sum::<usize>());
            let indices = file[end + 15 * vertices..].chunks(13).flat_map(|face| face[1..].chunks(4));
            let highest = indices.map(|index| u32::from_le_bytes(index.try_into().unwrap())).max();
            assert_eq!(highest, Some(vertices as u32 - 1), "the last mesh's vertices are used");
        }
    }

    #[test]
    fn teeth_are_ivory_and_gums_are_pink() {
        let mesh = Arches::new(1, &[]).lower.mesh;
        let colour = |higher_than: f32, lower_than: f32| {
            let seen = mesh.vertices.iter().filter(|v| (higher_than..lower_than).contains(&v.position.z));
            let (mut red, mut green) = (0, 0);
            for vertex in seen {
                red += u32::from(vertex.colour[0]);
                green += u32::from(vertex.colour[1]);
            }
            f64::from(green) / f64::from(red)
        };
        assert!(colour(6.0, 9.0) > 0.9, "enamel has nearly as much green as red");
        assert!(colour(-6.0, -2.0) < 0.7, "gum has much more red than green");
    }
}
