//! The six pictures that a scan comes with (§4.7.4).

use glam::vec3;
use jpeg_encoder::{ColorType, Encoder, EncodingError};

use super::arch::Arches;
use super::render::{HEIGHT, View, WIDTH, render};
use super::{Case, arches};

/// One view as a JPEG file.
pub struct Picture {
    pub name: &'static str,
    pub jpeg: Vec<u8>,
}

/// The views of an order's scan.
pub fn views(case: &Case<'_>) -> Result<Vec<Picture>, EncodingError> {
    of_arches(&arches(case))
}

/// Seen as a dentist photographs: the patient's right is on the left of every picture, except from the left side.
pub(super) fn of_arches(arches: &Arches) -> Result<Vec<Picture>, EncodingError> {
    let bite = arches.in_bite();
    let upright = |x, y, z| View { from: vec3(x, y, z), up: vec3(0.0, 0.0, 1.0) };
    let from_above = |front| View { from: vec3(0.0, 0.0, 1.0), up: vec3(0.0, front, 0.0) };
    [
        ("front", &bite, upright(0.0, 1.0, 0.08)),
        ("right", &bite, upright(1.0, 0.35, 0.1)),
        ("left", &bite, upright(-1.0, 0.35, 0.1)),
        ("upper-occlusal", &arches.upper, from_above(1.0)),
        ("lower-occlusal", &arches.lower, from_above(-1.0)),
        ("lower-three-quarter", &arches.lower, upright(0.55, 0.75, 0.75)),
    ]
    .into_iter()
    .map(|(name, mesh, view)| {
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, 88).encode(&render(mesh, view), WIDTH as u16, HEIGHT as u16, ColorType::Rgb)?;
        Ok(Picture { name, jpeg })
    })
    .collect()
}
