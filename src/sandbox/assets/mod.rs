//! The files of an order: scans, pictures and documents, generated from the order's number alone.

mod arch;
mod archive;
mod capture;
mod curve;
mod grid;
mod manifest;
mod mesh;
mod ply;
mod render;
mod rx_pdf;
mod scans;
mod stl;
mod tooth;
mod viewer_page;
mod views;

pub use archive::{ide, image_gallery, screen_captures};
pub use capture::screen_capture;
pub use viewer_page::viewer_page;

use super::practice::{Case, Prep};
use arch::Arches;
use tooth::Preparation;
use views::Picture;

/// Returns the teeth of an order: its number determines them, and its preps how they are cut.
fn arches(case: &Case<'_>) -> Arches {
    let preparations: Vec<_> = case.order.preps.iter().filter_map(preparation).collect();
    Arches::new(u64::from(case.order.id), &preparations)
}

/// Returns what is visible of a prep on the teeth.
fn preparation(prep: &Prep) -> Option<(u8, Preparation)> {
    let visible = match prep.unit_type {
        2 | 3 => Preparation::Stump,
        4 | 9 => Preparation::Missing,
        _ => return None,
    };
    Some((prep.ada_id, visible))
}
