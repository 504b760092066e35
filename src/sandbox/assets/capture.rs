//! Screen captures: pictures of a scan that somebody took while looking at it.

use std::f32::consts::TAU;
use std::io;

use glam::vec3;
use jpeg_encoder::{ColorType, Encoder};

use super::render::{HEIGHT, View, WIDTH, render};
use super::{Case, arches};
use crate::sandbox::practice::{Capture, CaptureKind};

/// Returns the capture as a JPEG file. Its time determines the side that is seen.
pub fn screen_capture(case: &Case<'_>, capture: &Capture) -> io::Result<Vec<u8>> {
    let arches = arches(case);
    let turn = (capture.created.rem_euclid(97_000) as f32 / 97_000.0 - 0.5) * TAU / 3.0;
    let around = |height| View { from: vec3(turn.sin(), turn.cos(), height), up: vec3(0.0, 0.0, 1.0) };
    let mut pixels = match capture.kind {
        CaptureKind::Window | CaptureKind::Model => render(&arches.in_bite(), around(0.25)),
        CaptureKind::Niri | CaptureKind::Colour => render(&arches.lower.mesh, around(0.9)),
    };
    match capture.kind {
        CaptureKind::Window => frame(&mut pixels),
        CaptureKind::Niri => near_infrared(&mut pixels),
        CaptureKind::Model | CaptureKind::Colour => {}
    }
    let mut jpeg = Vec::new();
    let encoder = Encoder::new(&mut jpeg, 88);
    encoder.encode(&pixels, WIDTH as u16, HEIGHT as u16, ColorType::Rgb).map_err(io::Error::other)?;
    Ok(jpeg)
}

/// Draws what a scanner shows around the model: a bar at the top, buttons at the side.
fn frame(pixels: &mut [u8]) {
    for (at, pixel) in pixels.chunks_exact_mut(3).enumerate() {
        let (x, y) = (at % WIDTH, at / WIDTH);
        let is_button = x < 52 && (14..44).contains(&(x + 4)) && (y % 56) > 16 && y < 400;
        let colour = if y < 32 {
            [38, 50, 63]
        } else if is_button {
            [96, 125, 150]
        } else if x < 52 {
            [55, 71, 87]
        } else {
            continue;
        };
        pixel.copy_from_slice(&colour);
    }
}

/// Near infrared passes through enamel, which looks dark; what lies below it looks bright.
fn near_infrared(pixels: &mut [u8]) {
    for pixel in pixels.chunks_exact_mut(3) {
        let light: u32 = pixel.iter().map(|channel| u32::from(*channel)).sum();
        pixel.fill((light * light / (3 * 765)) as u8);
    }
}
