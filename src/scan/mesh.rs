//! A mesh in the form that a GPU needs, and one that grows while it is read.

use super::warnings::{Warning, Warnings};
use super::{Fault, normals};

/// The format of a mesh's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Binary or ASCII.
    Stl,
    /// Binary or ASCII.
    Ply,
}

/// A mesh that was read to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Mesh {
    /// The format of its file.
    pub format: Format,
    /// Three numbers a vertex, all finite.
    pub position: Vec<f32>,
    /// Four numbers a vertex: x, y and z times 127, and 0.
    pub normal: Vec<i8>,
    /// Four numbers a vertex: RGBA, sRGB.
    pub color: Option<Vec<u8>>,
    /// Two numbers a vertex.
    pub uv: Option<Vec<f32>>,
    /// The name of the texture's file, as the mesh gives it.
    pub texture: Option<String>,
    /// Three indices a triangle, each of a vertex that exists.
    pub index: Vec<u32>,
    /// The solids of an ASCII STL file.
    pub groups: Vec<Group>,
    /// The bounds of the vertices that triangles use; of all vertices if there are no triangles.
    pub bounds: Bounds,
    /// What was odd.
    pub warnings: Warnings,
}

/// A part of the triangles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name in the file.
    pub name: String,
    /// The first of its indices.
    pub start: u32,
    /// How many indices.
    pub count: u32,
}

/// The smallest box around the vertices; zeros if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The least x, y and z.
    pub min: [f32; 3],
    /// The greatest x, y and z.
    pub max: [f32; 3],
}

/// The part of a mesh that has been read so far. Its lists are only appended to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growing<'a> {
    /// The vertices.
    pub vertices: &'a [[f32; 3]],
    /// RGBA of each vertex as one little-endian number, 0 for none; empty while no vertex has one.
    pub colors: &'a [u32],
    /// Three indices a triangle.
    pub index: &'a [u32],
}

/// The parts of a mesh from which the rest is derived.
pub(super) struct Parts {
    pub format: Format,
    pub vertices: Vec<[f32; 3]>,
    /// The file's own normals, used instead of those computed from the triangles.
    pub normals: Option<Vec<[f32; 3]>>,
    pub colors: Option<Vec<u32>>,
    pub uv: Option<Vec<[f32; 2]>>,
    pub texture: Option<String>,
    pub index: Vec<u32>,
    pub groups: Vec<Group>,
    pub warnings: Warnings,
}

impl Parts {
    pub fn finish(mut self) -> Mesh {
        if self.index.is_empty() {
            self.warnings.add(Warning::Empty, 1);
        }
        let degenerate = self.index.as_chunks::<3>().0.iter().filter(|[a, b, c]| a == b || b == c || c == a).count();
        self.warnings.add(Warning::Degenerate, degenerate as u64);
        let normal = match self.normals {
            Some(normals) => normals::all_packed(&normals),
            None => normals::of_triangles(&self.vertices, &self.index),
        };
        Mesh {
            format: self.format,
            bounds: bounds(&self.vertices, &self.index),
            position: self.vertices.into_flattened(),
            normal,
            color: self
                .colors
                .map(|colors| colors.iter().map(|color| color.to_le_bytes()).collect::<Vec<_>>().into_flattened()),
            uv: self.uv.map(Vec::into_flattened),
            texture: self.texture,
            index: self.index,
            groups: self.groups,
            warnings: self.warnings,
        }
    }
}

/// Returns the box around the vertices that triangles use; around all vertices if there are no triangles.
fn bounds(vertices: &[[f32; 3]], index: &[u32]) -> Bounds {
    let mut is_used = vec![index.is_empty(); vertices.len()];
    for number in index {
        if let Some(is_used) = is_used.get_mut(*number as usize) {
            *is_used = true;
        }
    }
    let mut used = vertices.iter().zip(is_used).filter(|(_, is_used)| *is_used).map(|(vertex, _)| vertex);
    let Some(first) = used.next() else { return Bounds::default() };
    let mut bounds = Bounds { min: *first, max: *first };
    // Not `f32::min` and `max`, for which wasm has to call functions: these also handle NaN, which no coordinate is.
    let least = |a: f32, b: f32| if b < a { b } else { a };
    let greatest = |a: f32, b: f32| if b > a { b } else { a };
    for vertex in used {
        bounds.min = std::array::from_fn(|axis| least(bounds.min[axis], vertex[axis]));
        bounds.max = std::array::from_fn(|axis| greatest(bounds.max[axis], vertex[axis]));
    }
    bounds
}

/// Makes room for the declared number of items, once a quarter of them has been read. This saves copies, and memory for more
/// items than there are. Since it waits, a large number in a header alone costs no memory.
pub(super) fn make_room<T>(list: &mut Vec<T>, declared: u64) {
    let missing = usize::try_from(declared).unwrap_or(usize::MAX).saturating_sub(list.len());
    if missing / 3 <= list.len() {
        list.reserve_exact(missing);
    }
}

/// Adds a triangle, or fails if the limit has been reached.
pub(super) fn push_triangle(index: &mut Vec<u32>, triangle: [u32; 3], limit: u32) -> Result<(), Fault> {
    if index.len() / 3 >= limit as usize {
        return Err(Fault::too_large("The mesh has more triangles than limits.triangles allows"));
    }
    index.extend(triangle);
    Ok(())
}
