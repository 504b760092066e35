//! A simplified mesh that grows: vertices in the same cell of a grid become one, which is their mean. When there are more
//! triangles than wanted, the size of the cells is doubled. So one pass is enough, and the bounds do not have to be known in
//! advance.

use super::Mesh;
use super::mesh::{Format, Growing, Parts};
use super::warnings::Warnings;
use super::weld::Weld;

/// The cells are at first smaller than the first triangle by this power of two.
const DETAIL: i32 = 6;
/// The numbers of cells have 32 bits.
const FARTHEST: f64 = (1u32 << 30) as f64;
/// Cells of this power of two are larger than any coordinate, so there are only eight, around the origin.
const COARSEST: i32 = 128;

/// A preview of a mesh that is being read.
pub struct Preview {
    triangles_wanted: usize,
    seed: u64,
    /// How many indices of the mesh have been processed.
    taken: usize,
    /// The size of a cell as a power of two; `None` before the first triangle that has a size.
    exponent: Option<i32>,
    /// The numbers of the cells, as bits.
    cells: Weld,
    sums: Vec<Sum>,
    /// The cells of the corners, as bits, the smallest first, so that equal triangles become one.
    triangles: Weld,
}

/// The vertices of a cell.
#[derive(Clone, Copy, Default)]
struct Sum {
    position: [f64; 3],
    color: [u64; 4],
    count: u64,
}

impl Preview {
    /// Returns a preview of at most this number of triangles, or of the few that the coarsest grid has. `seed` should be
    /// random; the result does not depend on it.
    pub fn new(triangles: u32, seed: u64) -> Self {
        Preview {
            triangles_wanted: triangles.max(1) as usize,
            seed,
            taken: 0,
            exponent: None,
            cells: Weld::new(seed),
            sums: Vec::new(),
            triangles: Weld::new(seed),
        }
    }

    /// Adds the triangles that were appended to a mesh.
    pub fn update(&mut self, mesh: Growing<'_>) {
        let (triangles, _) = mesh.index.get(self.taken..).unwrap_or_default().as_chunks::<3>();
        for triangle in triangles {
            let corners = triangle.map(|number| mesh.vertices.get(number as usize).copied().unwrap_or_default());
            let colors = triangle.map(|number| mesh.colors.get(number as usize).copied().unwrap_or(0));
            self.add(corners, colors);
        }
        self.taken += triangles.len() * 3;
    }

    /// Returns the preview of the triangles so far.
    pub fn mesh(&self, format: Format) -> Mesh {
        let has_colors = self.sums.iter().any(|sum| sum.color != [0; 4]);
        let parts = Parts {
            format,
            vertices: self.sums.iter().map(Sum::position).collect(),
            normals: None,
            colors: has_colors.then(|| self.sums.iter().map(Sum::color).collect()),
            uv: None,
            texture: None,
            index: self.triangles.vertices().iter().flatten().map(|cell| cell.to_bits()).collect(),
            groups: Vec::new(),
            warnings: Warnings::default(),
        };
        parts.finish()
    }

    fn add(&mut self, corners: [[f32; 3]; 3], colors: [u32; 3]) {
        let Some(mut exponent) = self.exponent.or_else(|| first_exponent(corners)) else { return };
        self.exponent = Some(exponent);
        while corners.as_flattened().iter().any(|each| cell(*each, exponent).abs() >= FARTHEST) {
            self.coarsen();
            exponent += 1;
        }
        let mut triangle = [0; 3];
        for (at, (corner, color)) in corners.iter().zip(colors).enumerate() {
            let cell = corner.map(|each| f32::from_bits(cell(each, exponent) as i32 as u32));
            triangle[at] = self.cells.insert(cell, 0);
            self.sum(triangle[at]).add(&Sum::of(*corner, color));
        }
        self.add_triangle(triangle);
        while self.is_over() {
            self.coarsen();
        }
    }

    /// Whether there are more triangles or vertices than wanted, and they can be reduced.
    fn is_over(&self) -> bool {
        self.triangles.vertices().len().max(self.sums.len()) > self.triangles_wanted
            && self.exponent.is_some_and(|exponent| exponent < COARSEST)
    }

    fn sum(&mut self, cell: u32) -> &mut Sum {
        let length = self.sums.len().max(cell as usize + 1);
        self.sums.resize(length, Sum::default());
        &mut self.sums[cell as usize]
    }

    /// Adds a triangle, unless it has become a line or a point.
    fn add_triangle(&mut self, [a, b, c]: [u32; 3]) {
        if a != b && b != c && c != a {
            let least = a.min(b).min(c);
            let triangle = if a == least {
                [a, b, c]
            } else if b == least {
                [b, c, a]
            } else {
                [c, a, b]
            };
            self.triangles.insert(triangle.map(f32::from_bits), 0);
        }
    }

    /// Makes the cells twice as large. This removes every second plane between them, so whole cells are merged and no vertex is
    /// needed.
    fn coarsen(&mut self) {
        self.exponent = self.exponent.map(|exponent| exponent + 1);
        let cells = std::mem::replace(&mut self.cells, Weld::new(self.seed));
        let sums = std::mem::take(&mut self.sums);
        let triangles = std::mem::replace(&mut self.triangles, Weld::new(self.seed));
        let mut numbers = Vec::with_capacity(sums.len());
        for (cell, sum) in cells.vertices().iter().zip(&sums) {
            let number = self.cells.insert(cell.map(|each| f32::from_bits((each.to_bits() as i32 >> 1) as u32)), 0);
            self.sum(number).add(sum);
            numbers.push(number);
        }
        for triangle in triangles.vertices() {
            self.add_triangle(triangle.map(|cell| numbers.get(cell.to_bits() as usize).copied().unwrap_or(0)));
        }
    }
}

/// Returns the number of the cell that a coordinate is in.
fn cell(coordinate: f32, exponent: i32) -> f64 {
    (f64::from(coordinate) * 2.0f64.powi(-exponent)).floor()
}

fn first_exponent([a, b, c]: [[f32; 3]; 3]) -> Option<i32> {
    let length = |from: [f32; 3], to: [f32; 3]| {
        from.iter().zip(to).fold(0.0f64, |length, (from, to)| length.max((f64::from(to) - f64::from(*from)).abs()))
    };
    let longest = length(a, b).max(length(b, c)).max(length(c, a));
    let exponent = (longest.to_bits() >> 52) as i32 - 1023;
    (longest > 0.0).then_some(exponent - DETAIL)
}

impl Sum {
    fn of(position: [f32; 3], color: u32) -> Self {
        Sum { position: position.map(f64::from), color: color.to_le_bytes().map(u64::from), count: 1 }
    }

    fn add(&mut self, other: &Sum) {
        self.position = std::array::from_fn(|axis| self.position[axis] + other.position[axis]);
        self.color = std::array::from_fn(|channel| self.color[channel] + other.color[channel]);
        self.count += other.count;
    }

    fn position(&self) -> [f32; 3] {
        self.position.map(|sum| (sum / self.count.max(1) as f64) as f32)
    }

    fn color(&self) -> u32 {
        u32::from_le_bytes(self.color.map(|sum| (sum / self.count.max(1)) as u8))
    }
}
