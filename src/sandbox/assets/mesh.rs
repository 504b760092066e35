//! Triangle meshes, and how one is drawn around a field of distances.

use glam::{FloatExt, Vec3, vec3};

/// A surface of triangles. Vertices carry what a colour scanner sees of them.
#[derive(Default)]
pub struct Mesh {
    pub vertices: Vec<Vertex>,
    /// Counter-clockwise seen from outside; every index is a vertex's.
    pub triangles: Vec<[u32; 3]>,
}

#[derive(Clone, Copy)]
pub struct Vertex {
    pub position: Vec3,
    /// Points outwards, length one.
    pub normal: Vec3,
    pub colour: [u8; 3],
}

impl Mesh {
    /// The corners of each triangle.
    pub fn corners(&self) -> impl Iterator<Item = [&Vertex; 3]> {
        self.triangles.iter().map(|triangle| triangle.map(|at| &self.vertices[at as usize]))
    }

    /// The mesh turned half around the axis that points to the front, then lifted by `height`: an upper jaw's place over
    /// the lower.
    pub fn turned_over(&self, height: f32) -> Self {
        let vertices = self.vertices.iter().map(|vertex| Vertex {
            position: vec3(-vertex.position.x, vertex.position.y, height - vertex.position.z),
            normal: vec3(-vertex.normal.x, vertex.normal.y, -vertex.normal.z),
            ..*vertex
        });
        Self { vertices: vertices.collect(), triangles: self.triangles.clone() }
    }
}

/// Distances to a surface at the points of a regular grid: negative inside, positive outside.
pub struct Grid {
    pub origin: Vec3,
    pub cell: f32,
    /// Number of points along x, y and z.
    pub size: [usize; 3],
    /// z runs fastest, then y.
    pub distances: Vec<f32>,
}

impl Grid {
    fn strides(&self) -> [usize; 3] {
        [self.size[1] * self.size[2], self.size[2], 1]
    }

    /// The distance anywhere inside the grid, straight between its points; far outside where there is no grid.
    pub fn distance(&self, at: Vec3) -> f32 {
        let local = (at - self.origin) * (1.0 / self.cell);
        let [x, y, z] = local.to_array().map(f32::floor);
        let inside = |low: f32, points: usize| low >= 0.0 && low + 1.0 < points as f32;
        if !(inside(x, self.size[0]) && inside(y, self.size[1]) && inside(z, self.size[2])) {
            return f32::INFINITY;
        }
        let [along_x, along_y, along_z] = self.strides();
        let base = x as usize * along_x + y as usize * along_y + z as usize;
        let value = |dx, dy, dz| self.distances[base + dx * along_x + dy * along_y + dz * along_z];
        let along_z_at = |dx, dy| f32::lerp(value(dx, dy, 0), value(dx, dy, 1), local.z - z);
        let along_y_at = |dx| f32::lerp(along_z_at(dx, 0), along_z_at(dx, 1), local.y - y);
        f32::lerp(along_y_at(0), along_y_at(1), local.x - x)
    }

    /// The surface at distance zero, by naive surface nets: one vertex in each cell that the surface crosses, at the
    /// mean of its crossings with the cell's edges, and two triangles around each edge that it crosses.
    /// The grid's outermost points must lie outside, which closes the surface. Vertices have no colour yet.
    pub fn surface(&self) -> Mesh {
        const NONE: u32 = u32::MAX;
        let strides = self.strides();
        let [along_x, along_y, along_z] = strides;
        let corner = |n: usize| (n & 1) * along_x + (n >> 1 & 1) * along_y + (n >> 2 & 1) * along_z;
        let corner_offset: [usize; 8] = std::array::from_fn(corner);

        let mut mesh = Mesh::default();
        let mut vertex_of_cell = vec![NONE; self.distances.len()];
        for x in 0..self.size[0] - 1 {
            for y in 0..self.size[1] - 1 {
                for z in 0..self.size[2] - 1 {
                    let base = x * along_x + y * along_y + z;
                    let values = corner_offset.map(|offset| self.distances[base + offset]);
                    let inside = values.iter().filter(|value| **value < 0.0).count();
                    if inside == 0 || inside == 8 {
                        continue;
                    }
                    let place = vec3(x as f32, y as f32, z as f32) + mean_crossing(&values);
                    vertex_of_cell[base] = mesh.vertices.len() as u32;
                    mesh.vertices.push(Vertex {
                        position: self.origin + place * self.cell,
                        normal: Vec3::ZERO,
                        colour: [0; 3],
                    });
                }
            }
        }

        for x in 1..self.size[0] - 1 {
            for y in 1..self.size[1] - 1 {
                for z in 1..self.size[2] - 1 {
                    let base = x * along_x + y * along_y + z;
                    let inside = self.distances[base] < 0.0;
                    for axis in 0..3 {
                        if inside == (self.distances[base + strides[axis]] < 0.0) {
                            continue;
                        }
                        // The four cells around the edge, in turn.
                        let (u, v) = (strides[(axis + 1) % 3], strides[(axis + 2) % 3]);
                        let ring = [base - u - v, base - v, base, base - u].map(|cell| vertex_of_cell[cell]);
                        if ring.contains(&NONE) {
                            continue;
                        }
                        let [a, b, c, d] = ring;
                        if inside {
                            mesh.triangles.extend([[a, b, c], [a, c, d]]);
                        } else {
                            mesh.triangles.extend([[a, c, b], [a, d, c]]);
                        }
                    }
                }
            }
        }
        mesh.find_normals();
        mesh
    }
}

/// Where the surface crosses the edges of a unit cell with these distances at its corners, on average.
/// Bit 0 of a corner's number is its x, bit 1 its y, bit 2 its z.
fn mean_crossing(values: &[f32; 8]) -> Vec3 {
    let mut sum = Vec3::ZERO;
    let mut crossings = 0.0;
    for low in 0..8 {
        for axis in [1, 2, 4] {
            let high = low | axis;
            if high == low || (values[low] < 0.0) == (values[high] < 0.0) {
                continue;
            }
            let at = values[low] / (values[low] - values[high]);
            let along = |bit: usize| {
                let start = if low & bit != 0 { 1.0 } else { 0.0 };
                if axis == bit { at } else { start }
            };
            sum += vec3(along(1), along(2), along(4));
            crossings += 1.0;
        }
    }
    sum * (1.0 / crossings)
}

impl Mesh {
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

    /// Each vertex's normal is the mean of its triangles', by area.
    fn find_normals(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ball() -> Grid {
        const POINTS: usize = 24;
        let cell = 1.0 / 8.0;
        let origin = vec3(-1.5, -1.5, -1.5);
        let mut distances = Vec::new();
        for x in 0..POINTS {
            for y in 0..POINTS {
                for z in 0..POINTS {
                    let at = origin + vec3(x as f32, y as f32, z as f32) * cell;
                    distances.push(at.dot(at).sqrt() - 1.0);
                }
            }
        }
        Grid { origin, cell, size: [POINTS; 3], distances }
    }

    #[test]
    fn the_surface_lies_where_the_distance_is_zero() {
        let mesh = ball().surface();
        for vertex in &mesh.vertices {
            let radius = vertex.position.dot(vertex.position).sqrt();
            assert!((radius - 1.0).abs() < 0.02, "{radius}");
        }
    }

    #[test]
    fn the_surface_is_closed_and_faces_outwards() {
        let mesh = ball().surface();
        let mut edges = std::collections::HashMap::new();
        for [a, b, c] in &mesh.triangles {
            for (from, to) in [(a, b), (b, c), (c, a)] {
                *edges.entry((*from.min(to), *from.max(to))).or_insert(0) += if from < to { 1 } else { -1 };
            }
        }
        assert!(edges.values().all(|balance| *balance == 0), "every edge is walked once each way");
        for vertex in &mesh.vertices {
            assert!(vertex.normal.dot(vertex.position) > 0.9);
        }
        let volume: f32 = mesh.corners().map(|[a, b, c]| a.position.dot(b.position.cross(c.position)) / 6.0).sum();
        assert!((volume - 4.19).abs() < 0.1, "{volume}");
    }

    #[test]
    fn distances_between_grid_points_are_interpolated() {
        let grid = ball();
        assert!((grid.distance(vec3(1.03, 0.02, 0.01)) - 0.03).abs() < 0.02);
        assert_eq!(grid.distance(vec3(9.0, 0.0, 0.0)), f32::INFINITY);
    }
}
