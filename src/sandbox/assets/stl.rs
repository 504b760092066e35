//! Binary STL: 80 bytes of header, the number of triangles, 50 bytes for each.

use super::mesh::Mesh;

/// The mesh as a binary STL file in millimetres.
pub fn stl(mesh: &Mesh) -> Vec<u8> {
    // Readers take a file that starts with "solid" for the text form.
    let mut header = *b"itero-dpms sandbox, binary STL, millimetres                                     ";
    header[79] = b'\n';
    let mut file = Vec::with_capacity(84 + 50 * mesh.triangles.len());
    file.extend(header);
    file.extend((mesh.triangles.len() as u32).to_le_bytes());
    for corners in mesh.corners() {
        let [a, b, c] = corners.map(|vertex| vertex.position);
        for vector in [(b - a).cross(c - a).normalize_or_zero(), a, b, c] {
            file.extend(vector.to_array().into_iter().flat_map(f32::to_le_bytes));
        }
        file.extend([0, 0]);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::super::arch::Arches;
    use super::*;

    #[test]
    fn the_size_follows_from_the_number_of_triangles() {
        let mesh = Arches::new(1, &[]).lower;
        let file = stl(&mesh);
        assert!(!file.starts_with(b"solid"));
        assert_eq!(file[80..84], (mesh.triangles.len() as u32).to_le_bytes());
        assert_eq!(file.len(), 84 + 50 * mesh.triangles.len());
    }
}
