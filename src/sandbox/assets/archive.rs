//! The zip archives that downloads return (§4.7.4), with every file at the root, as iTero sends them.

use std::io::{self, BufWriter, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::manifest::manifests;
use super::rx_pdf::rx_pdf;
use super::scans::Scans;
use super::{Case, Picture, arches, views};

/// Returns the 3D archive: the scans with the doctor's export settings, manifests, the RX and the pictures.
pub fn ide(case: &Case<'_>) -> io::Result<Vec<u8>> {
    let arches = arches(case);
    let pictures = views::of_arches(&arches).map_err(io::Error::other)?;
    let id = case.order.id;
    let scans = Scans::new(&arches, &case.doctor.export_settings);
    drop(arches);

    let mut archive = Archive::new();
    for file in scans.files(id) {
        archive.compressed(&file.name, |out| file.write(out))?;
    }
    for (name, manifest) in manifests(case, &scans, &pictures)? {
        archive.compressed(&name, |out| out.write_all(&manifest))?;
    }
    let front = pictures.first().map_or(&[][..], |picture| &picture.jpeg);
    archive.compressed(&format!("{id}_rx.pdf"), |out| out.write_all(&rx_pdf(case, front)))?;
    archive.pictures(id, &pictures)?;
    archive.finish()
}

/// Returns the gallery: the six pictures.
pub fn image_gallery(case: &Case<'_>) -> io::Result<Vec<u8>> {
    let pictures = views::views(case).map_err(io::Error::other)?;
    let mut archive = Archive::new();
    archive.pictures(case.order.id, &pictures)?;
    archive.finish()
}

/// Returns a zip of screen captures under their names.
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
        for picture in pictures {
            self.stored(&picture.file_name(order_id), &picture.jpeg)?;
        }
        Ok(())
    }

    /// Adds a file that is compressed already, such as a JPEG.
    fn stored(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.0.start_file(name, options)?;
        self.0.write_all(content)
    }

    /// Compresses a file while it is written, so that a large one is never in memory as a whole, beside its mesh.
    fn compressed(&mut self, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        const BUFFER: usize = 64 * 1024;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // Higher levels take several times as long and hardly shrink coordinates further.
            .compression_level(Some(1));
        self.0.start_file(name, options)?;
        let mut buffer = BufWriter::with_capacity(BUFFER, &mut self.0);
        write(&mut buffer)?;
        buffer.flush()
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.0.finish()?.into_inner())
    }
}
