//! Pictures of a mesh: a small software renderer with a depth buffer, smooth shading and anti-aliasing.

use std::ops::Range;

use glam::{FloatExt, Vec3};

use super::mesh::Mesh;

pub const WIDTH: usize = 640;
pub const HEIGHT: usize = 480;

/// A pixel is the mean of this many samples in each direction.
const SAMPLES: usize = 2;

/// The camera's position relative to the model's centre.
#[derive(Clone, Copy)]
pub struct View {
    pub from: Vec3,
    /// The direction that is up in the picture.
    pub up: Vec3,
}

/// Returns a picture of the mesh as `WIDTH` × `HEIGHT` RGB bytes. The mesh fills most of it.
pub fn render(mesh: &Mesh, view: View) -> Vec<u8> {
    let mut canvas = Canvas::new();
    let camera = Camera::around(mesh, view);
    let seen: Vec<Seen> = mesh
        .vertices
        .iter()
        .map(|vertex| {
            let (x, y, depth) = camera.project(vertex.position);
            Seen { x, y, depth, colour: camera.shade(vertex.normal, vertex.colour) }
        })
        .collect();
    for triangle in &mesh.triangles {
        canvas.triangle(triangle.map(|at| &seen[at as usize]));
    }
    canvas.pixels()
}

struct Camera {
    right: Vec3,
    up: Vec3,
    /// The direction from the model to the eye.
    towards: Vec3,
    /// The direction from the model to the lamp, over the camera's left shoulder, and the one between the two.
    lamp: Vec3,
    half: Vec3,
    eye: Vec3,
    /// Samples per millimetre at a distance of one millimetre.
    zoom: f32,
    /// The position of the model's centre in the picture.
    shift: (f32, f32),
}

impl Camera {
    /// Creates a camera that is far enough away for little distortion, with the model in the middle of the picture.
    fn around(mesh: &Mesh, view: View) -> Self {
        const DISTANCE: f32 = 260.0;
        const MARGIN: f32 = 0.9;
        let towards = view.from.normalize_or_zero();
        let right = view.up.cross(towards).normalize_or_zero();
        let up = towards.cross(right);
        let lamp = (towards + up * 0.75 - right * 0.45).normalize_or_zero();
        let half = (lamp + towards).normalize_or_zero();
        let eye = towards * DISTANCE;
        let mut camera = Self { right, up, towards, lamp, half, eye, zoom: 1.0, shift: (0.0, 0.0) };

        let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for vertex in &mesh.vertices {
            let (x, y, _) = camera.project(vertex.position);
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        let size = ((WIDTH * SAMPLES) as f32, (HEIGHT * SAMPLES) as f32);
        camera.zoom = MARGIN * (size.0 / (high.0 - low.0)).min(size.1 / (high.1 - low.1));
        let middle = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
        camera.shift = (size.0 / 2.0 - middle.0 * camera.zoom, size.1 / 2.0 - middle.1 * camera.zoom);
        camera
    }

    /// Returns picture coordinates, with y pointing down, and the distance from the eye.
    fn project(&self, p: Vec3) -> (f32, f32, f32) {
        let p = p - self.eye;
        let depth = -p.dot(self.towards);
        let scale = self.zoom / depth;
        (p.dot(self.right) * scale + self.shift.0, -p.dot(self.up) * scale + self.shift.1, depth)
    }

    /// A soft light from all around, the lamp, and the gleam of a wet surface.
    fn shade(&self, normal: Vec3, colour: [u8; 3]) -> [f32; 3] {
        let facing = normal.dot(self.towards).max(0.0);
        let around = f32::lerp(0.38, 0.55, normal.dot(self.up) * 0.5 + 0.5);
        let diffuse = around + 0.56 * normal.dot(self.lamp).max(0.0) + 0.1 * facing;
        let gleam = 60.0 * normal.dot(self.half).max(0.0).powi(64);
        colour.map(|channel| f32::from(channel) * diffuse + gleam)
    }
}

/// A vertex in the picture.
#[derive(Clone, Copy)]
struct Seen {
    x: f32,
    y: f32,
    depth: f32,
    colour: [f32; 3],
}

/// Samples that are drawn on, and how far away what they show is.
struct Canvas {
    width: usize,
    height: usize,
    colours: Vec<[u8; 3]>,
    depths: Vec<f32>,
}

impl Canvas {
    fn new() -> Self {
        let (width, height) = (WIDTH * SAMPLES, HEIGHT * SAMPLES);
        let mut colours = Vec::with_capacity(width * height);
        for y in 0..height {
            let at = y as f32 / height as f32;
            let backdrop =
                [(244.0, 214.0), (247.0, 221.0), (250.0, 229.0)].map(|(top, bottom)| f32::lerp(top, bottom, at) as u8);
            colours.extend(std::iter::repeat_n(backdrop, width));
        }
        Self { width, height, colours, depths: vec![f32::INFINITY; width * height] }
    }

    /// Fills a triangle that faces the camera, wherever nothing nearer is drawn yet.
    fn triangle(&mut self, [a, b, c]: [&Seen; 3]) {
        // y points down, so a triangle that faces the camera has a negative area here.
        let area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
        if area >= 0.0 {
            return;
        }
        for y in samples([a.y, b.y, c.y], self.height) {
            for x in samples([a.x, b.x, c.x], self.width) {
                let (px, py) = (x as f32, y as f32);
                // Of two triangles that share an edge, one has what the other has with another sign: no sample is left out.
                let side = |p: &Seen, q: &Seen| (p.x - px) * (q.y - py) - (q.x - px) * (p.y - py);
                let sides = [side(b, c), side(c, a), side(a, b)];
                if sides.iter().any(|side| *side > 0.0) {
                    continue;
                }
                let [wa, wb, wc] = sides.map(|side| side / area);
                let depth = wa * a.depth + wb * b.depth + wc * c.depth;
                let at = y * self.width + x;
                if depth < self.depths[at] {
                    self.depths[at] = depth;
                    self.colours[at] = std::array::from_fn(|channel| {
                        (wa * a.colour[channel] + wb * b.colour[channel] + wc * c.colour[channel]) as u8
                    });
                }
            }
        }
    }

    fn pixels(&self) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(WIDTH * HEIGHT * 3);
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let mut sum = [0_usize; 3];
                for (dy, dx) in (0..SAMPLES).flat_map(|dy| (0..SAMPLES).map(move |dx| (dy, dx))) {
                    let sample = self.colours[(y * SAMPLES + dy) * self.width + x * SAMPLES + dx];
                    for (total, channel) in sum.iter_mut().zip(sample) {
                        *total += usize::from(channel);
                    }
                }
                pixels.extend(sum.map(|total| (total / (SAMPLES * SAMPLES)) as u8));
            }
        }
        pixels
    }
}

/// Returns the samples between the smallest and the largest of three coordinates.
fn samples(corners: [f32; 3], limit: usize) -> Range<usize> {
    // Not `f32::min` and `f32::max`, which are function calls in WebAssembly.
    let [mut low, mut high] = [corners[0]; 2];
    for corner in corners {
        low = if corner < low { corner } else { low };
        high = if corner > high { corner } else { high };
    }
    low.ceil() as usize..(high.floor() + 1.0).clamp(0.0, limit as f32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::assets::mesh::Vertex;
    use glam::vec3;

    const RED: [u8; 3] = [200, 0, 0];
    const GREEN: [u8; 3] = [0, 200, 0];

    /// Adds a square that faces z, of two triangles.
    fn square(mesh: &mut Mesh, half: f32, z: f32, colour: [u8; 3]) {
        let first = mesh.vertices.len() as u32;
        let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
        mesh.vertices.extend(corners.map(|(x, y)| Vertex { position: vec3(x, y, z), normal: Vec3::Z, colour }));
        mesh.triangles.extend([[first, first + 1, first + 2], [first, first + 2, first + 3]]);
    }

    /// Returns the channel that is strongest in each pixel of the middle 400 × 400; `None` for the backdrop, which is grey, and for a
    /// pixel of which one sample is backdrop.
    fn middle(mesh: &Mesh, from: Vec3) -> Vec<Option<usize>> {
        let pixels = render(mesh, View { from, up: Vec3::Y });
        let inside = |at: &usize| (120..520).contains(&(at % WIDTH)) && (40..440).contains(&(at / WIDTH));
        let strongest = |at: usize| {
            let pixel = &pixels[3 * at..3 * at + 3];
            (0..3).find(|channel| {
                (0..3).all(|other| other == *channel || pixel[*channel] > pixel[other].saturating_add(170))
            })
        };
        (0..WIDTH * HEIGHT).filter(inside).map(strongest).collect()
    }

    #[test]
    fn triangles_are_drawn_from_the_front_only_and_without_gaps_between_them() {
        let mut mesh = Mesh::default();
        square(&mut mesh, 10.0, 0.0, RED);
        assert!(middle(&mesh, Vec3::Z).iter().all(|seen| *seen == Some(0)));
        assert!(middle(&mesh, -Vec3::Z).iter().all(|seen| seen.is_none()));
    }

    #[test]
    fn what_is_nearer_hides_what_is_behind_it_whichever_is_drawn_first() {
        for order in [[(1.0, GREEN), (0.0, RED)], [(0.0, RED), (1.0, GREEN)]] {
            let mut mesh = Mesh::default();
            for (z, colour) in order {
                square(&mut mesh, 10.0, z, colour);
            }
            assert!(middle(&mesh, Vec3::Z).iter().all(|seen| *seen == Some(1)));
        }
    }
}
