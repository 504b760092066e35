//! A mesh as a GPU takes it, and one that grows.

use super::warnings::{Warning, Warnings};
use super::{Fault, normals};

/// What a mesh came as.
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
    /// What it came as.
    pub format: Format,
    /// Three numbers a vertex, all finite.
    pub position: Vec<f32>,
    /// Four numbers a vertex: x, y, z by 127, and 0.
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
    /// Of the vertices that triangles use; of all if there are no triangles.
    pub bounds: Bounds,
    /// What was odd.
    pub warnings: Warnings,
}

/// A part of the triangles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// As the file gives it.
    pub name: String,
    /// The first of its indices.
    pub start: u32,
    /// How many indices.
    pub count: u32,
}

/// The least box around vertices; zeros around none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The least x, y and z.
    pub min: [f32; 3],
    /// The greatest x, y and z.
    pub max: [f32; 3],
}

/// What has been read of a mesh. Both lists are only ever appended to.
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
    /// A file's own, in place of those that follow from the triangles.
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

/// The box around the vertices that triangles use; around all if there are no triangles.
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
    // Not `f32::min` and `max`, which wasm has to call functions for: no coordinate is NaN.
    let least = |a: f32, b: f32| if b < a { b } else { a };
    let greatest = |a: f32, b: f32| if b > a { b } else { a };
    for vertex in used {
        bounds.min = std::array::from_fn(|axis| least(bounds.min[axis], vertex[axis]));
        bounds.max = std::array::from_fn(|axis| greatest(bounds.max[axis], vertex[axis]));
    }
    bounds
}

/// Makes room for as many as are declared, once a quarter of them is there: growing copies them, and ends with room for more than
/// there are. A count alone costs nothing.
pub(super) fn make_room<T>(list: &mut Vec<T>, declared: u64) {
    let missing = usize::try_from(declared).unwrap_or(usize::MAX).saturating_sub(list.len());
    if missing / 3 <= list.len() {
        list.reserve_exact(missing);
    }
}

/// Adds a triangle, unless there are as many as allowed.
pub(super) fn push_triangle(index: &mut Vec<u32>, triangle: [u32; 3], limit: u32) -> Result<(), Fault> {
    if index.len() / 3 >= limit as usize {
        return Err(Fault::too_large("The mesh has more triangles than limits.triangles allows"));
    }
    index.extend(triangle);
    Ok(())
}
