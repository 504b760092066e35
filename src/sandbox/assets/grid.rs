//! Distance fields, and how the surface in one becomes a mesh.

use glam::{FloatExt, Vec3, vec3};

use super::mesh::{Mesh, Vertex};

/// Beyond this distance from the surface, in its own cells, a grid is trusted to know on which side a point lies.
const TRUSTED_FROM: f32 = 2.0;

/// The points of a regular grid.
#[derive(Clone, Copy)]
pub struct Lattice {
    pub origin: Vec3,
    pub cell: f32,
    /// Number of points along x, y and z.
    pub size: [usize; 3],
}

impl Lattice {
    pub fn point(&self, x: usize, y: usize, z: usize) -> Vec3 {
        self.origin + vec3(x as f32, y as f32, z as f32) * self.cell
    }

    /// Returns the number of points that have the same x.
    fn layer(&self) -> usize {
        self.size[1] * self.size[2]
    }

    /// Returns the surface at distance zero, made with naive surface nets: one vertex in each cell that the surface crosses, at
    /// the mean of its crossings with the cell's edges, and two triangles around each edge that it crosses.
    ///
    /// `fill` gets an x and writes the distances of the points with this x, with z varying fastest: negative inside, positive
    /// outside. Only two layers are kept at a time, so that a fine lattice needs no more memory than its surface. The outermost
    /// points must lie outside, which closes the surface. Vertices have no colour yet.
    pub fn surface(&self, mut fill: impl FnMut(usize, &mut [f32])) -> Mesh {
        const NONE: u32 = u32::MAX;
        let [size_x, size_y, size_z] = self.size;
        let mut mesh = Mesh::default();
        // The points at x and at x + 1.
        let (mut low, mut high) = (vec![0.0; self.layer()], vec![0.0; self.layer()]);
        // The vertices of the cells that end at x, and of those that begin there.
        let (mut before, mut here) = (vec![NONE; self.layer()], vec![NONE; self.layer()]);
        fill(0, &mut low);
        for x in 0..size_x - 1 {
            fill(x + 1, &mut high);
            here.fill(NONE);
            for y in 0..size_y - 1 {
                for z in 0..size_z - 1 {
                    let at = y * size_z + z;
                    let corner = |n: usize| {
                        let layer = if n & 1 == 0 { &low } else { &high };
                        layer[at + (n >> 1 & 1) * size_z + (n >> 2 & 1)]
                    };
                    let values: [f32; 8] = std::array::from_fn(corner);
                    let inside = values.iter().filter(|value| **value < 0.0).count();
                    if inside == 0 || inside == 8 {
                        continue;
                    }
                    let place = vec3(x as f32, y as f32, z as f32) + mean_crossing(&values);
                    here[at] = mesh.vertices.len() as u32;
                    mesh.vertices.push(Vertex {
                        position: self.origin + place * self.cell,
                        normal: Vec3::ZERO,
                        colour: [0; 3],
                    });
                }
            }
            for y in 1..size_y - 1 {
                for z in 1..size_z - 1 {
                    let at = y * size_z + z;
                    let inside = low[at] < 0.0;
                    // For x, y and z: where the edge ends, and the four cells around it in order.
                    let edges = [
                        (high[at], [here[at - size_z - 1], here[at - 1], here[at], here[at - size_z]]),
                        (low[at + size_z], [before[at - 1], before[at], here[at], here[at - 1]]),
                        (low[at + 1], [before[at - size_z], here[at - size_z], here[at], before[at]]),
                    ];
                    for (end, ring) in edges {
                        if inside == (end < 0.0) || ring.contains(&NONE) {
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
            std::mem::swap(&mut low, &mut high);
            std::mem::swap(&mut before, &mut here);
        }
        mesh.find_normals();
        mesh
    }
}

/// The distances at the points of a lattice.
pub struct Grid {
    pub lattice: Lattice,
    /// z varies fastest, then y.
    pub distances: Vec<f32>,
}

impl Grid {
    /// Returns the distance anywhere inside the grid, interpolated between its points; infinity where there is no grid.
    pub fn distance(&self, at: Vec3) -> f32 {
        self.line(at.x, at.y).map_or(f32::INFINITY, |line| line.distance(at.z))
    }

    /// Returns the distances at the points of a vertical line; `None` where there is no grid.
    fn line(&self, x: f32, y: f32) -> Option<Line<'_>> {
        let Lattice { origin, cell, size } = self.lattice;
        let (layer, row) = (self.lattice.layer(), size[2]);
        let (at_x, at_y) = ((x - origin.x) / cell, (y - origin.y) / cell);
        let (low_x, low_y) = (at_x.floor(), at_y.floor());
        let inside = |low: f32, points: usize| low >= 0.0 && low + 1.0 < points as f32;
        if !(inside(low_x, size[0]) && inside(low_y, size[1])) {
            return None;
        }
        let base = low_x as usize * layer + low_y as usize * row;
        let columns = [0, row, layer, layer + row].map(|away| &self.distances[base + away..][..row]);
        Some(Line { columns, between: (at_x - low_x, at_y - low_y), origin: origin.z, cell })
    }

    /// Returns the surface in the grid.
    pub fn surface(&self) -> Mesh {
        let layer = self.lattice.layer();
        self.lattice.surface(|x, distances| distances.copy_from_slice(&self.distances[x * layer..][..layer]))
    }

    /// Returns the grid with a finer lattice.
    pub fn finer(&self, lattice: Lattice, exact: impl FnMut(Vec3) -> f32) -> Self {
        let mut distances = vec![0.0; lattice.size[0] * lattice.layer()];
        let mut fill = self.refined(&lattice, exact);
        for (x, layer) in distances.chunks_exact_mut(lattice.layer()).enumerate() {
            fill(x, layer);
        }
        drop(fill);
        Self { lattice, distances }
    }

    /// Returns the surface in a finer lattice.
    pub fn finer_surface(&self, lattice: &Lattice, exact: impl FnMut(Vec3) -> f32) -> Mesh {
        lattice.surface(self.refined(lattice, exact))
    }

    /// Returns what fills a layer of a finer lattice. `exact` returns the distance at a point. It is called only near the surface,
    /// so the work grows with the surface and not with the space around it, and for one column of points after the other.
    fn refined(&self, lattice: &Lattice, mut exact: impl FnMut(Vec3) -> f32) -> impl FnMut(usize, &mut [f32]) {
        let trusted_from = TRUSTED_FROM * self.lattice.cell;
        move |x, distances| {
            for (y, column) in distances.chunks_exact_mut(lattice.size[2]).enumerate() {
                let Vec3 { x: at_x, y: at_y, .. } = lattice.point(x, y, 0);
                let line = self.line(at_x, at_y);
                for (z, distance) in column.iter_mut().enumerate() {
                    let point = lattice.point(x, y, z);
                    let about = line.as_ref().map_or(f32::INFINITY, |line| line.distance(point.z));
                    *distance = if about.is_finite() && about.abs() > trusted_from { about } else { exact(point) };
                }
            }
        }
    }
}

/// The distances along a vertical line through a grid.
struct Line<'a> {
    /// Those of the four columns of points around it.
    columns: [&'a [f32]; 4],
    /// Where it is between them, along x and y.
    between: (f32, f32),
    /// Where the columns begin, and how far apart their points are.
    origin: f32,
    cell: f32,
}

impl Line<'_> {
    fn distance(&self, z: f32) -> f32 {
        let at = (z - self.origin) / self.cell;
        let low = at.floor();
        if !(low >= 0.0 && low + 1.0 < self.columns[0].len() as f32) {
            return f32::INFINITY;
        }
        let height = |z: usize| {
            let [a, b, c, d] = self.columns.map(|column| column[z]);
            f32::lerp(f32::lerp(a, b, self.between.1), f32::lerp(c, d, self.between.1), self.between.0)
        };
        f32::lerp(height(low as usize), height(low as usize + 1), at - low)
    }
}

/// Returns the mean of the points where the surface crosses the edges of a unit cell with these distances at its corners. Bit 0
/// of a corner's number is its x, bit 1 its y, bit 2 its z.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ball() -> Grid {
        const POINTS: usize = 24;
        let lattice = Lattice { origin: vec3(-1.5, -1.5, -1.5), cell: 1.0 / 8.0, size: [POINTS; 3] };
        let mut distances = Vec::new();
        for x in 0..POINTS {
            for y in 0..POINTS {
                for z in 0..POINTS {
                    distances.push(lattice.point(x, y, z).length() - 1.0);
                }
            }
        }
        Grid { lattice, distances }
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

    #[test]
    fn a_refined_surface_is_that_of_the_exact_distances_and_asks_for_few_of_them() {
        let ball = ball();
        let lattice = Lattice { cell: 1.0 / 40.0, size: [120; 3], ..ball.lattice };
        let mut asked = 0;
        let refined = ball.finer_surface(&lattice, |point| {
            asked += 1;
            point.length() - 1.0
        });
        let [_, size_y, size_z] = lattice.size;
        let whole = lattice.surface(|x, layer| {
            for (at, distance) in layer.iter_mut().enumerate() {
                *distance = lattice.point(x, at / size_y, at % size_z).length() - 1.0;
            }
        });
        let positions = |mesh: &Mesh| mesh.vertices.iter().map(|vertex| vertex.position.to_array()).collect::<Vec<_>>();
        assert_eq!(positions(&refined), positions(&whole));
        assert_eq!(refined.triangles, whole.triangles);
        assert!(asked < 120 * 120 * 120 / 2, "{asked}");
    }
}
