//! Colours by face and texture coordinates by corner. A GPU takes one of each for a vertex, so vertices whose corners differ
//! are split.

use super::body::Faces;
use crate::scan::mesh::Parts;
use crate::scan::weld::Weld;

/// Adds the triangles to a mesh. If faces have colours or texture coordinates, vertices are numbered by first use.
pub(super) fn split(parts: Parts, faces: Faces, has_colors: bool, has_uv: bool, seed: u64) -> Parts {
    if !has_colors && !has_uv || faces.index.is_empty() {
        return Parts { index: faces.index, ..parts };
    }
    let mut corners = Weld::new(seed);
    let index = faces.index.iter().enumerate().map(|(at, number)| {
        let [u, v] = faces.uv.get(at / 3).and_then(|corners| corners.get(at % 3)).copied().unwrap_or_default();
        corners.insert([f32::from_bits(*number), u, v], faces.colors.get(at / 3).copied().unwrap_or(0))
    });
    let index = index.collect();
    let (corners, mut colors) = corners.into_parts();
    colors.resize(corners.len(), 0);
    let vertex = |corner: &[f32; 3]| corner[0].to_bits() as usize;
    Parts {
        vertices: gather(&parts.vertices, corners.iter().map(vertex)),
        normals: parts.normals.map(|normals| gather(&normals, corners.iter().map(vertex))),
        colors: if has_colors {
            Some(colors)
        } else {
            parts.colors.map(|old| gather(&old, corners.iter().map(vertex)))
        },
        uv: if has_uv {
            Some(corners.iter().map(|[_, u, v]| [*u, *v]).collect())
        } else {
            parts.uv.map(|old| gather(&old, corners.iter().map(vertex)))
        },
        index,
        ..parts
    }
}

fn gather<T: Copy + Default>(values: &[T], numbers: impl Iterator<Item = usize>) -> Vec<T> {
    numbers.map(|number| values.get(number).copied().unwrap_or_default()).collect()
}
