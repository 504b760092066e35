//! Binary PLY with a colour for each vertex.

use super::mesh::Mesh;

/// The mesh as a little-endian PLY file in millimetres.
pub fn ply(mesh: &Mesh) -> Vec<u8> {
    let header = format!(
        "ply\nformat binary_little_endian 1.0\ncomment itero-dpms sandbox, millimetres\n\
         element vertex {}\nproperty float x\nproperty float y\nproperty float z\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\n\
         element face {}\nproperty list uchar int vertex_indices\nend_header\n",
        mesh.vertices.len(),
        mesh.triangles.len(),
    );
    let mut file = Vec::with_capacity(header.len() + 15 * mesh.vertices.len() + 13 * mesh.triangles.len());
    file.extend(header.as_bytes());
    for vertex in &mesh.vertices {
        file.extend(vertex.position.to_array().into_iter().flat_map(f32::to_le_bytes));
        file.extend(vertex.colour);
    }
    for triangle in &mesh.triangles {
        file.push(3);
        file.extend(triangle.iter().flat_map(|at| at.to_le_bytes()));
    }
    file
}

#[cfg(test)]
mod tests {
    use super::super::arch::Arches;
    use super::*;

    #[test]
    fn the_header_counts_what_follows() {
        let mesh = Arches::new(1, &[]).in_bite();
        let file = ply(&mesh);
        let end = file.windows(11).position(|bytes| bytes == b"end_header\n").unwrap() + 11;
        let header = str::from_utf8(&file[..end]).unwrap();
        let count = |element: &str| -> usize {
            header.lines().find_map(|line| line.strip_prefix(element)).unwrap().trim().parse().unwrap()
        };
        assert_eq!(file.len() - end, 15 * count("element vertex") + 13 * count("element face"));
        assert_eq!(count("element face"), mesh.triangles.len());
    }

    #[test]
    fn teeth_are_ivory_and_gums_are_pink() {
        let mesh = Arches::new(1, &[]).lower;
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
