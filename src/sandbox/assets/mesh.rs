//! Triangle meshes.

use glam::{Mat4, Vec3};

/// A surface of triangles. Vertices have the colour that a scanner sees.
#[derive(Clone, Default)]
pub struct Mesh {
    pub vertices: Vec<Vertex>,
    /// Counter-clockwise as seen from outside; every index is a valid vertex index.
    pub triangles: Vec<[u32; 3]>,
}

#[derive(Clone, Copy)]
pub struct Vertex {
    pub position: Vec3,
    /// Points outwards and has length one.
    pub normal: Vec3,
    pub colour: [u8; 3],
}

impl Mesh {
    /// Returns the corners of each triangle.
    pub fn corners(&self) -> impl Iterator<Item = [&Vertex; 3]> {
        self.triangles.iter().map(|triangle| triangle.map(|at| &self.vertices[at as usize]))
    }

    /// Moves the mesh. The transform must keep lengths and angles.
    pub fn transform(&mut self, by: &Mat4) {
        for vertex in &mut self.vertices {
            vertex.position = by.transform_point3(vertex.position);
            vertex.normal = by.transform_vector3(vertex.normal);
        }
    }

    /// Returns the smallest and the largest coordinates.
    pub fn bounds(&self) -> (Vec3, Vec3) {
        let positions = self.vertices.iter().map(|vertex| vertex.position);
        positions.fold((Vec3::INFINITY, Vec3::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)))
    }

    /// Mixes each vertex's colour half and half with its neighbours'.
    pub fn blur_colours(&mut self) {
        let mut sums = vec![[0_u32; 4]; self.vertices.len()];
        for triangle in &self.triangles {
            let colours = triangle.map(|at| self.vertices[at as usize].colour.map(u32::from));
            for (nth, at) in triangle.iter().enumerate() {
                let sum = &mut sums[*at as usize];
                for colour in [colours[(nth + 1) % 3], colours[(nth + 2) % 3]] {
                    for (total, channel) in sum.iter_mut().zip(colour.into_iter().chain([1])) {
                        *total += channel;
                    }
                }
            }
        }
        for (vertex, [red, green, blue, count]) in self.vertices.iter_mut().zip(sums) {
            for (channel, sum) in vertex.colour.iter_mut().zip([red, green, blue]) {
                *channel = ((u32::from(*channel) + sum / count.max(1)) / 2) as u8;
            }
        }
    }

    /// Sets each vertex's normal to the mean of its triangles' normals, weighted by area.
    pub fn find_normals(&mut self) {
        for triangle in &self.triangles {
            let [a, b, c] = triangle.map(|at| self.vertices[at as usize].position);
            let area = (b - a).cross(c - a);
            for at in triangle {
                let vertex = &mut self.vertices[*at as usize];
                vertex.normal += area;
            }
        }
        for vertex in &mut self.vertices {
            vertex.normal = vertex.normal.normalize_or_zero();
        }
    }
}
