//! The zip archives that a download answers with (§4.7.4).

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::metadata_xml::metadata_xml;
use super::ply::ply;
use super::rx_pdf::rx_pdf;
use super::stl::stl;
use super::{Case, Picture, arches, views};

/// The 3D archive: each jaw as STL, both in bite as coloured PLY, metadata, the RX and the pictures.
pub fn ide(case: &Case<'_>) -> io::Result<Vec<u8>> {
    let arches = arches(case);
    let pictures = views::of_arches(&arches).map_err(io::Error::other)?;
    let id = case.order.id;
    let (upper, lower, bite) = (format!("{id}_upper.stl"), format!("{id}_lower.stl"), format!("{id}_bite.ply"));

    let mut archive = Archive::new();
    archive.compressed(&upper, &stl(&arches.upper))?;
    archive.compressed(&lower, &stl(&arches.lower))?;
    archive.compressed(&bite, &ply(&arches.in_bite()))?;
    archive.compressed(&format!("{id}.xml"), &metadata_xml(case, &[&upper, &lower, &bite])?)?;
    let front = pictures.first().map_or(&[][..], |picture| &picture.jpeg);
    archive.compressed(&format!("{id}_rx.pdf"), &rx_pdf(case, front))?;
    archive.pictures(id, &pictures)?;
    archive.finish()
}

/// The gallery: the six pictures.
pub fn image_gallery(case: &Case<'_>) -> io::Result<Vec<u8>> {
    let pictures = views::views(case).map_err(io::Error::other)?;
    let mut archive = Archive::new();
    archive.pictures(case.order.id, &pictures)?;
    archive.finish()
}

/// Screen captures under their names.
pub fn screen_captures(pictures: &[(String, Vec<u8>)]) -> io::Result<Vec<u8>> {
    let mut archive = Archive::new();
    for (name, jpeg) in pictures {
        archive.stored(name, jpeg)?;
    }
    archive.finish()
}

struct Archive(ZipWriter<Cursor<Vec<u8>>>);

impl Archive {
    fn new() -> Self {
        Self(ZipWriter::new(Cursor::default()))
    }

    fn pictures(&mut self, order_id: u32, pictures: &[Picture]) -> io::Result<()> {
        for Picture { name, jpeg } in pictures {
            self.stored(&format!("views/{order_id}_{name}.jpg"), jpeg)?;
        }
        Ok(())
    }

    /// A file that is compressed already, as JPEG is.
    fn stored(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.0.start_file(name, options)?;
        self.0.write_all(content)
    }

    fn compressed(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // Coordinates hardly shrink more at higher levels, which take several times as long.
            .compression_level(Some(1));
        self.0.start_file(name, options)?;
        self.0.write_all(content)
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.0.finish()?.into_inner())
    }
}
