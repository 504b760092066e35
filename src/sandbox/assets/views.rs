//! The six pictures of a scan (§4.7.4).

use glam::vec3;
use jpeg_encoder::{ColorType, Encoder, EncodingError};

use super::arch::Arches;
use super::render::{HEIGHT, View, WIDTH, render};
use super::{Case, arches};

/// One view as a JPEG file.
pub struct Picture {
    /// The side that is seen, one of five; `None` for the picture that stands for the whole scan.
    side: Option<&'static str>,
    pub jpeg: Vec<u8>,
}

impl Picture {
    /// Returns what is seen, in a word.
    pub fn title(&self) -> &'static str {
        self.side.unwrap_or("overview")
    }

    /// Returns the file's name in an archive.
    pub fn file_name(&self, order_id: u32) -> String {
        match self.side {
            Some(side) => format!("gallery_#{order_id}_penta_{side}_m.jpg"),
            None => format!("gallery_#{order_id}.jpg"),
        }
    }
}

/// Returns the views of an order's scan.
pub fn views(case: &Case<'_>) -> Result<Vec<Picture>, EncodingError> {
    of_arches(&arches(case))
}

/// Views as dentists photograph them: the patient's right is on the left of every picture, except from the left side.
pub(super) fn of_arches(arches: &Arches) -> Result<Vec<Picture>, EncodingError> {
    let bite = arches.in_bite();
    let upright = |x, y, z| View { from: vec3(x, y, z), up: vec3(0.0, 0.0, 1.0) };
    let from_above = |front| View { from: vec3(0.0, 0.0, 1.0), up: vec3(0.0, front, 0.0) };
    [
        (Some("front"), &bite, upright(0.0, 1.0, 0.08)),
        (Some("right"), &bite, upright(1.0, 0.35, 0.1)),
        (Some("left"), &bite, upright(-1.0, 0.35, 0.1)),
        (Some("upper"), &arches.upper.mesh, from_above(1.0)),
        (Some("lower"), &arches.lower.mesh, from_above(-1.0)),
        (None, &arches.lower.mesh, upright(0.55, 0.75, 0.75)),
    ]
    .into_iter()
    .map(|(side, mesh, view)| {
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, 88).encode(&render(mesh, view), WIDTH as u16, HEIGHT as u16, ColorType::Rgb)?;
        Ok(Picture { side, jpeg })
    })
    .collect()
}
