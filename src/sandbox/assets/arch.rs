//! A jaw as a scanner sees it: teeth along a horseshoe, the gum around them, and in the upper jaw the palate.
//!
//! The jaw is described by a function that gives the distance to its surface anywhere; `Grid` draws the triangles.
//! Coordinates are millimetres: y to the front, z up to the bite, the midline at x = 0.

use std::f32::consts::TAU;

use glam::{FloatExt, Mat4, Vec3, vec3};

use super::curve::{Curve, Nearest};
use super::grid::{Grid, Lattice};
use super::mesh::{Mesh, Vertex};
use super::tooth::{Crown, Jaw, Kind, Preparation, quadrant, smooth_max};

/// Fine enough for 100,000 triangles in a pair of jaws, coarse enough to be drawn quickly.
const CELL: f32 = 0.52;

/// How much room there is around the teeth.
const MARGIN: f32 = 11.0;

/// The height at which the upper jaw's gum line lies above the lower one's when the teeth meet.
const BITE_HEIGHT: f32 = 16.0;

/// Both jaws of one patient, each with its teeth up.
pub struct Arches {
    pub upper: Arch,
    pub lower: Arch,
}

/// A jaw, and its mesh at the usual detail.
pub struct Arch {
    pub mesh: Mesh,
    shape: Shape,
    grid: Grid,
}

impl Arches {
    /// The arches of a patient whose teeth differ from others' by `seed`. `preparations` name teeth by their universal
    /// number: 1 to 16 in the upper jaw from the patient's right, 17 to 32 in the lower from the left.
    pub fn new(seed: u64, preparations: &[(u8, Preparation)]) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let looks = Looks {
            scale: f32::lerp(0.96, 1.04, random.f32()),
            crowding: random.f32() * random.f32(),
            shade: random.f32(),
        };
        let mut arch = |jaw| Arch::new(Shape::new(jaw, &looks, preparations, &mut random));
        Self { upper: arch(Jaw::Upper), lower: arch(Jaw::Lower) }
    }

    /// Returns the upper and the lower mesh at another level of detail, with about this many triangles together.
    pub fn with_triangles(&self, triangles: u32) -> [Mesh; 2] {
        let usual = self.upper.mesh.triangles.len() + self.lower.mesh.triangles.len();
        // Half the cell, four times the triangles.
        let cell = CELL * (usual as f32 / triangles as f32).sqrt();
        [self.upper.with_cell(cell), self.lower.with_cell(cell)]
    }

    /// Returns one mesh of both jaws, with the teeth meeting as the patient bites.
    pub fn in_bite(&self) -> Mesh {
        let mut both = self.upper.mesh.clone();
        both.transform(&into_bite(Jaw::Upper));
        let first = both.vertices.len() as u32;
        both.vertices.extend(&self.lower.mesh.vertices);
        both.triangles.extend(self.lower.mesh.triangles.iter().map(|triangle| triangle.map(|at| at + first)));
        both
    }
}

/// Returns the transform of a jaw from its teeth-up position to its position when the teeth meet: the upper one is turned by
/// half a turn around the axis that points to the front, and lifted. It is its own inverse.
pub fn into_bite(jaw: Jaw) -> Mat4 {
    match jaw {
        Jaw::Upper => Mat4::from_translation(vec3(0.0, 0.0, BITE_HEIGHT)) * Mat4::from_scale(vec3(-1.0, 1.0, -1.0)),
        Jaw::Lower => Mat4::IDENTITY,
    }
}

impl Arch {
    fn new(shape: Shape) -> Self {
        let grid = shape.grid();
        let mut mesh = grid.surface();
        shape.paint(&mut mesh, &grid);
        Self { mesh, shape, grid }
    }

    fn with_cell(&self, cell: f32) -> Mesh {
        let mut mesh = self.grid.finer_surface(&self.shape.lattice(cell), self.shape.sampler());
        self.shape.paint(&mut mesh, &self.grid);
        mesh
    }
}

/// What one patient's teeth have in common.
struct Looks {
    scale: f32,
    /// 0 for a straight row of teeth, towards 1 for a crooked one.
    crowding: f32,
    /// 0 for the lightest teeth, 1 for the darkest.
    shade: f32,
}

struct Shape {
    jaw: Jaw,
    curve: Curve,
    teeth: Vec<Tooth>,
    shade: f32,
}

/// A crown in its place on the arch.
struct Tooth {
    crown: Crown,
    /// Along the curve from the midline, positive on the side of positive x.
    along: f32,
    /// Where the gum line crosses the crown's axis.
    place: Vec3,
    /// Directions of the crown's x and y in the arch's plane.
    distal: (f32, f32),
    buccal: (f32, f32),
    /// Millimetres outwards for each millimetre up.
    lean: f32,
}

/// What all points of a vertical line through the jaw have in common.
struct Column {
    near: Nearest,
    gum_height: f32,
    gum_radius: f32,
    /// The teeth that the line may meet.
    teeth: Vec<usize>,
}

impl Shape {
    fn new(jaw: Jaw, looks: &Looks, preparations: &[(u8, Preparation)], random: &mut fastrand::Rng) -> Self {
        let curve = Curve::new(jaw, looks.scale);
        let mut teeth = Vec::with_capacity(14);
        for side in [-1.0, 1.0] {
            let mut along = 0.0;
            for (nth, (rise, crown)) in quadrant(jaw).into_iter().enumerate() {
                let width = crown.width * looks.scale;
                let centre = side * (along + width / 2.0);
                along += width;
                let number = universal_number(jaw, side, nth);
                let preparation =
                    preparations.iter().find(|(tooth, _)| *tooth == number).map(|(_, preparation)| *preparation);
                let mut jitter = |most: f32| (random.f32() * 2.0 - 1.0) * most;
                let crooked = if nth < 3 { f32::lerp(0.25, 1.0, looks.crowding) } else { 0.25 };
                let (point, tangent) = curve.at(centre + jitter(0.3) * crooked);
                let turn = jitter(0.35) * crooked;
                let out = jitter(1.1) * crooked - inset(jaw, nth);
                let distal = rotate((tangent.0 * side, tangent.1 * side), turn);
                let buccal = rotate((-tangent.1, tangent.0), turn);
                teeth.push(Tooth {
                    // Neighbours touch: crowns are a little wider than their share of the curve.
                    crown: crown
                        .resized(looks.scale, if nth < 3 { 1.1 } else { 1.04 }, jitter(0.3))
                        .prepared(preparation),
                    along: centre,
                    place: vec3(point.0 + buccal.0 * out, point.1 + buccal.1 * out, rise),
                    distal,
                    buccal,
                    lean: lean(jaw, crown.kind) + jitter(0.04),
                });
            }
        }
        teeth.sort_by(|a, b| a.along.total_cmp(&b.along));
        Self { jaw, curve, teeth, shade: looks.shade }
    }

    fn column(&self, x: f32, y: f32) -> Column {
        let near = self.curve.nearest(x, y);
        let (gum_height, gum_radius) = self.gum(&near);
        let reach = |tooth: &Tooth| {
            let (dx, dy) = (x - tooth.place.x, y - tooth.place.y);
            let reach = tooth.crown.width.max(tooth.crown.depth) / 2.0 + 4.0;
            dx * dx + dy * dy < reach * reach
        };
        let teeth = (0..self.teeth.len()).filter(|at| reach(&self.teeth[*at])).collect();
        Column { near, gum_height, gum_radius, teeth }
    }

    /// Returns how high the gum reaches at a place along the arch, and half its thickness there. Its edge dips at each tooth
    /// and rises into a papilla between two teeth.
    fn gum(&self, near: &Nearest) -> (f32, f32) {
        let right = self.teeth.partition_point(|tooth| tooth.along < near.along);
        let (Some(a), Some(b)) = (self.teeth.get(right.max(1) - 1), self.teeth.get(right.min(self.teeth.len() - 1)))
        else {
            return (0.0, 4.0);
        };
        let span = (b.along - a.along).max(0.01);
        let at = ((near.along - a.along) / span).clamp(0.0, 1.0);
        let missing = |tooth: &Tooth| tooth.crown.preparation == Some(Preparation::Missing);
        let (low, papilla) = if missing(a) || missing(b) {
            (0.3, 0.3)
        } else {
            (-0.15, f32::lerp(2.6, 1.3, f32::smoothstep(near.along.abs(), 8.0, 26.0)))
        };
        let between = 0.5 - 0.5 * (at * TAU).cos();
        let height = f32::lerp(a.place.z, b.place.z, at) + f32::lerp(low, papilla, between * between);
        let bulge = 0.45 * (1.0 - between);
        (height, f32::lerp(a.crown.depth, b.crown.depth, at) / 2.0 + 1.2 + bulge)
    }

    /// Distance to the teeth and to the gum at a height.
    fn distances(&self, column: &Column, x: f32, y: f32, z: f32) -> (f32, f32) {
        let teeth = column.teeth.iter().map(|at| {
            let tooth = &self.teeth[*at];
            tooth.crown.distance(tooth.local(vec3(x, y, z)))
        });
        (teeth.fold(f32::INFINITY, f32::min), self.gum_distance(column, x, y, z))
    }

    fn gum_distance(&self, column: &Column, x: f32, y: f32, z: f32) -> f32 {
        const ROUND: f32 = 2.3;
        let below = column.gum_height - z;
        let radius = column.gum_radius + 0.16 * below.clamp(-1.0, 12.0);
        let (side, top) = (column.near.distance - (radius - ROUND), -below + ROUND);
        let corner = (side.max(0.0).powi(2) + top.max(0.0).powi(2)).sqrt();
        let mut distance = side.max(top).min(0.0) + corner - ROUND;
        if self.jaw == Jaw::Upper {
            distance = -smooth_max(-distance, -self.palate_distance(&column.near, x, y, z), 3.0);
        }
        smooth_max(distance, self.base() - z, 0.8)
    }

    /// The vault between the ridges of the upper jaw, with the ripples behind the front teeth.
    fn palate_distance(&self, near: &Nearest, x: f32, y: f32, z: f32) -> f32 {
        let inside = if near.inside { near.distance } else { -near.distance };
        let depth = 9.0 * (1.0 - (-(inside - 3.0).max(0.0) / 8.0).exp());
        let front = f32::smoothstep(y, -24.0, -14.0) * f32::smoothstep(inside, 5.0, 8.0);
        let ripples = 0.35 * front * (y * 1.6 + (x * 0.22).cos() * 2.0).sin() * f32::smoothstep(x.abs(), 0.8, 2.5);
        let roof = -1.5 - depth + ripples;
        let edge = smooth_max((4.0 - inside) * 0.7, (self.curve.end_y() - 3.0) - y, 2.0);
        smooth_max((z - roof) * 0.7, edge, 2.0)
    }

    /// The height of the flat base under the gum.
    fn base(&self) -> f32 {
        match self.jaw {
            Jaw::Upper => -12.5,
            Jaw::Lower => -9.5,
        }
    }

    fn lattice(&self, cell: f32) -> Lattice {
        let half = self.curve.half_width() + MARGIN;
        let origin = vec3(-half, self.curve.end_y() - MARGIN, self.base() - 2.0 * cell);
        let top = vec3(half, MARGIN, 13.0);
        Lattice { origin, cell, size: (top - origin).to_array().map(|length| (length / cell).ceil() as usize + 1) }
    }

    /// Returns a function that gives the distance to the jaw at a point. It is fast for consecutive points above each other.
    fn sampler(&self) -> impl FnMut(Vec3) -> f32 {
        let mut line = (f32::NAN, f32::NAN, None);
        move |Vec3 { x, y, z }| {
            if (line.0, line.1) != (x, y) {
                line = (x, y, None);
            }
            let column = line.2.get_or_insert_with(|| self.column(x, y));
            let inside_palate = self.jaw == Jaw::Upper && column.near.inside;
            if column.near.distance > MARGIN - CELL && !inside_palate {
                return MARGIN;
            }
            let (tooth, gum) = self.distances(column, x, y, z);
            tooth.max(self.base() - z).min(gum)
        }
    }

    /// Returns the distances in a lattice of the usual cells, those far from the surface by those in a coarser one.
    fn grid(&self) -> Grid {
        self.sampled(2.0 * CELL).finer(self.lattice(CELL), self.sampler())
    }

    /// Returns the distances at all points of a lattice.
    fn sampled(&self, cell: f32) -> Grid {
        let lattice = self.lattice(cell);
        let [size_x, size_y, size_z] = lattice.size;
        let mut distances = Vec::with_capacity(size_x * size_y * size_z);
        let mut distance = self.sampler();
        for x in 0..size_x {
            for y in 0..size_y {
                distances.extend((0..size_z).map(|z| distance(lattice.point(x, y, z))));
            }
        }
        drop(distance);
        Grid { lattice, distances }
    }

    fn paint(&self, mesh: &mut Mesh, grid: &Grid) {
        for vertex in &mut mesh.vertices {
            vertex.colour = self.colour(vertex, grid);
        }
        mesh.blur_colours();
    }

    /// Returns the colour that a scanner would see: ivory or gum, darker in the fissures and between the teeth.
    fn colour(&self, vertex: &Vertex, grid: &Grid) -> [u8; 3] {
        const NECK: [f32; 3] = [226.0, 203.0, 164.0];
        const BODY: [f32; 3] = [246.0, 236.0, 214.0];
        const EDGE: [f32; 3] = [243.0, 238.0, 226.0];
        const GUM: [f32; 3] = [226.0, 142.0, 138.0];
        const MUCOSA: [f32; 3] = [200.0, 100.0, 98.0];

        let Vec3 { x, y, z } = vertex.position;
        let column = self.column(x, y);
        let (tooth, gum) = self.distances(&column, x, y, z);

        let up = z - column.gum_height;
        let bite = f32::smoothstep(up, 4.5, 9.5) * if column.near.along.abs() < 22.0 { 1.0 } else { 0.2 };
        let dark = 1.0 - 0.13 * self.shade;
        let enamel: [f32; 3] = std::array::from_fn(|channel| {
            let body = f32::lerp(NECK[channel], BODY[channel], f32::smoothstep(up, -0.5, 4.0));
            let warm = [1.0, 1.0 - 0.03 * self.shade, 1.0 - 0.1 * self.shade];
            f32::lerp(body, EDGE[channel], bite) * dark * warm[channel]
        });
        let mottle = (x * 1.7 + y * 0.9).sin() * (y * 1.3 - z * 1.1).sin() + (x * 0.6 - z * 0.8).sin();
        let deep = f32::smoothstep(-up, 3.0, 9.0) * if column.near.inside { 0.35 } else { 1.0 };
        let flesh: [f32; 3] = std::array::from_fn(|channel| {
            f32::lerp(GUM[channel], MUCOSA[channel], deep) + mottle * [4.0, 3.0, 3.0][channel]
        });

        let fleshy = f32::smoothstep(tooth - gum, -0.16, 0.16);
        // Little room in front of a surface means little light on it.
        let room = |reach: f32| (grid.distance(vertex.position + vertex.normal * reach) / reach).clamp(0.0, 1.0);
        let light = f32::lerp(0.55, 1.0, (room(0.8) + room(2.0)) / 2.0);
        std::array::from_fn(|channel| (f32::lerp(enamel[channel], flesh[channel], fleshy) * light) as u8)
    }
}

impl Tooth {
    /// Returns `p` in the crown's own frame.
    fn local(&self, p: Vec3) -> Vec3 {
        let (dx, dy, z) = (p.x - self.place.x, p.y - self.place.y, p.z - self.place.z);
        vec3(dx * self.distal.0 + dy * self.distal.1, dx * self.buccal.0 + dy * self.buccal.1 - z * self.lean, z)
    }
}

/// Returns the universal number of the `nth` tooth from the midline. The upper jaw is drawn upside down, so the patient's right
/// is at negative x there and at positive x in the lower jaw.
fn universal_number(jaw: Jaw, side: f32, nth: usize) -> u8 {
    let nth = nth as u8;
    match (jaw, side > 0.0) {
        (Jaw::Upper, false) => 8 - nth,
        (Jaw::Upper, true) => 9 + nth,
        (Jaw::Lower, false) => 24 - nth,
        (Jaw::Lower, true) => 25 + nth,
    }
}

fn lean(jaw: Jaw, kind: Kind) -> f32 {
    match (jaw, kind) {
        (_, Kind::Incisor) => 0.2,
        (_, Kind::Canine) => 0.1,
        (Jaw::Upper, _) => 0.05,
        (Jaw::Lower, _) => -0.12,
    }
}

/// Returns how far a tooth stands back from the curve: lateral incisors a little, so that the arch looks natural.
fn inset(jaw: Jaw, nth: usize) -> f32 {
    match (jaw, nth) {
        (Jaw::Upper, 1) => 0.5,
        (Jaw::Upper, 2) => -0.4,
        _ => 0.0,
    }
}

fn rotate((x, y): (f32, f32), angle: f32) -> (f32, f32) {
    let (sin, cos) = angle.sin_cos();
    (x * cos - y * sin, x * sin + y * cos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_arches_have_a_hundred_thousand_triangles_whatever_the_seed() {
        for seed in 0..2 {
            let arches = Arches::new(seed, &[]);
            let triangles = arches.upper.mesh.triangles.len() + arches.lower.mesh.triangles.len();
            assert!((100_000..220_000).contains(&triangles), "{triangles}");
        }
    }

    #[test]
    fn arches_have_as_many_triangles_as_are_ordered() {
        let arches = Arches::new(3, &[(5, Preparation::Missing)]);
        for ordered in [10_000, 60_000, 1_000_000] {
            let triangles: usize = arches.with_triangles(ordered).iter().map(|mesh| mesh.triangles.len()).sum();
            let of_ordered = triangles as f32 / ordered as f32;
            assert!((0.9..1.1).contains(&of_ordered), "{ordered}: {triangles}");
        }
    }

    #[test]
    fn the_work_of_a_finer_mesh_grows_with_its_surface_and_misses_nothing_of_it() {
        let arch = Arches::new(3, &[(5, Preparation::Stump)]).upper;
        let lattice = arch.shape.lattice(0.2);
        let (mut asked, mut distance) = (0, arch.shape.sampler());
        let finer = arch.grid.finer_surface(&lattice, |point| {
            asked += 1;
            distance(point)
        });
        assert!(finer.triangles.len() > 400_000 && asked < 8 * finer.triangles.len(), "{asked} distances");

        let lattice = arch.shape.lattice(0.35);
        let finer = arch.grid.finer_surface(&lattice, &mut distance);
        let whole = lattice.surface(|x, layer| {
            for (at, value) in layer.iter_mut().enumerate() {
                *value = distance(lattice.point(x, at / lattice.size[2], at % lattice.size[2]));
            }
        });
        assert_eq!(finer.triangles, whole.triangles);
    }

    #[test]
    fn what_is_sampled_coarsely_far_from_the_surface_changes_nothing_of_it() {
        for seed in 0..2 {
            let arches = Arches::new(seed, &[(4, Preparation::Stump), (27, Preparation::Missing)]);
            for arch in [arches.upper, arches.lower] {
                let whole = arch.shape.sampled(CELL).surface();
                let positions = |mesh: &Mesh| mesh.vertices.iter().map(|v| v.position.to_array()).collect::<Vec<_>>();
                assert_eq!(positions(&arch.mesh), positions(&whole));
                assert_eq!(arch.mesh.triangles, whole.triangles);
            }
        }
    }

    #[test]
    fn what_puts_a_jaw_into_bite_takes_it_back() {
        for jaw in [Jaw::Upper, Jaw::Lower] {
            assert_eq!(into_bite(jaw) * into_bite(jaw), Mat4::IDENTITY);
        }
    }

    #[test]
    fn another_seed_gives_other_teeth_and_the_same_seed_the_same() {
        let vertices =
            |seed| Arches::new(seed, &[]).lower.mesh.vertices.iter().map(|v| v.position.to_array()).collect::<Vec<_>>();
        assert_eq!(vertices(1), vertices(1));
        assert_ne!(vertices(1), vertices(2));
    }

    #[test]
    fn a_missing_tooth_leaves_a_gap_at_its_place() {
        let highest_near = |preparations: &[_]| {
            let shape = Shape::new(
                Jaw::Lower,
                &Looks { scale: 1.0, crowding: 0.0, shade: 0.0 },
                preparations,
                &mut fastrand::Rng::with_seed(1),
            );
            let place = shape.teeth.iter().map(|tooth| tooth.place).find(|place| place.x < -20.0).unwrap_or_default();
            let near = |v: &&Vertex| (v.position.x - place.x).hypot(v.position.y - place.y) < 1.5;
            shape.grid().surface().vertices.iter().filter(near).map(|v| v.position.z).fold(f32::MIN, f32::max)
        };
        // The leftmost lower tooth is number 18, the second molar of the patient's left.
        assert!(highest_near(&[]) > 6.0);
        assert!(highest_near(&[(18, Preparation::Missing)]) < 4.0);
    }
}
