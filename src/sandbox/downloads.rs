//! Download Scan (§4.7): scans and thumbnails. Also the page behind an order's viewer link.

use super::assets;
use super::clock::Millis;
use super::http::{Refusal, Response};
use super::practice::{Generation, Order, Practice};
use super::snapshot::Event;

/// What can be downloaded of an order, other than screen captures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asset {
    Ide,
    ImageGallery,
}

/// How many archives are cached. One takes up to eight megabytes.
pub const CACHED_ARCHIVES: usize = 3;

impl Practice {
    pub(super) fn download(&mut self, order_id: &str, asset: &str, now: Millis) -> Result<Response, Refusal> {
        let asset = match asset {
            "IDE" => Asset::Ide,
            "IMAGE_GALLERY" => Asset::ImageGallery,
            // The document gives both 400 and 404 for this (R78).
            _ => return Err(Refusal::bad_request("The asset is not IDE, IMAGE_GALLERY or SCREEN_CAPTURE.")),
        };
        let order = self.order(order_id)?;
        let (id, generation) = (order.id, order.generation);
        if asset == Asset::Ide && !self.is_generated(id, generation, now) {
            return Err(Refusal::not_found("The 3D file is being generated. Ask again in a moment."));
        }
        Ok(Response::ok("application/zip", self.archive(id, asset)?))
    }

    /// Stands in for the iTero viewer that an order's link opens (§4.4.8).
    pub(super) fn viewer(&self, order_id: &str) -> Result<Response, Refusal> {
        let case = self.case(self.order(order_id)?);
        let page = assets::viewer_page(&case).map_err(|error| Refusal::server(&error))?;
        Ok(Response::ok("text/html; charset=utf-8", page.into_bytes()))
    }

    pub(super) fn order(&self, order_id: &str) -> Result<&Order, Refusal> {
        self.orders
            .iter()
            .find(|order| order.id.to_string() == order_id)
            .ok_or_else(|| Refusal::not_found("There is no order with this id."))
    }

    /// Returns whether an order's 3D archive is ready. The first request for it starts its generation (§4.7.3).
    fn is_generated(&mut self, order_id: u32, generation: Generation, now: Millis) -> bool {
        match generation {
            Generation::Ready => true,
            Generation::StartedAt(start) => now - start >= self.settings.generation_ms,
            Generation::NotStarted => {
                self.start_generation(order_id, now);
                false
            }
        }
    }

    pub(super) fn start_generation(&mut self, order_id: u32, now: Millis) {
        if let Some(order) = self.orders.iter_mut().find(|order| order.id == order_id) {
            order.generation = Generation::StartedAt(now);
            self.journal.push(Event::ArchiveRequested { order_id, at: now });
        }
    }

    fn archive(&mut self, order_id: u32, asset: Asset) -> Result<Vec<u8>, Refusal> {
        if let Some(archive) = self.archives.get(&(order_id, asset)) {
            return Ok(archive.clone());
        }
        let case = self.case(self.order(&order_id.to_string())?);
        let archive = match asset {
            Asset::Ide => assets::ide(&case)?,
            Asset::ImageGallery => assets::image_gallery(&case)?,
        };
        self.archives.insert((order_id, asset), archive.clone());
        Ok(archive)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, complete, entries, get, practice, push};
    use super::*;

    fn first_order(practice: &Practice) -> u32 {
        practice.orders[0].id
    }

    #[test]
    fn a_seeded_orders_archive_holds_every_documented_artifact() {
        let mut practice = practice();
        let id = first_order(&practice);
        let response = get(&mut practice, &format!("/order/{id}/download/IDE"), NOW);
        assert_eq!(response.status, 200);
        assert_eq!(response.header("content-type"), Some("application/zip"));
        assert_eq!(response.header("content-length"), Some(response.body.len().to_string().as_str()));
        let files = entries(&response);
        let ending = |ending: &str| files.iter().filter(|(name, _)| name.ends_with(ending)).collect::<Vec<_>>();

        let scans = ending(".stl");
        let triangles: usize = scans
            .iter()
            .map(|(_, stl)| {
                let count = u32::from_le_bytes(stl[80..84].try_into().unwrap()) as usize;
                assert_eq!(stl.len(), 84 + 50 * count);
                count
            })
            .sum();
        assert_eq!(scans.len(), 2);
        assert!(triangles >= 100_000, "{triangles}");
        assert!(ending(".ply")[0].1.starts_with(b"ply\nformat binary_little_endian 1.0\n"));
        assert_eq!(ending(".xml").len(), 1);
        let (_, pdf) = ending(".pdf")[0];
        assert!(pdf.starts_with(b"%PDF-1.") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
        let pictures = ending(".jpg");
        assert_eq!(pictures.len(), 6);
        assert!(
            pictures.iter().all(|(_, jpeg)| jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg.ends_with(&[0xff, 0xd9]))
        );
    }

    #[test]
    fn the_image_gallery_holds_the_six_pictures() {
        let mut practice = practice();
        let id = first_order(&practice);
        let files = entries(&get(&mut practice, &format!("/order/{id}/download/IMAGE_GALLERY"), NOW));
        assert_eq!(files.len(), 6);
        assert!(files.iter().all(|(name, _)| name.ends_with(".jpg")));
    }

    #[test]
    fn a_wrong_asset_is_400_and_an_unknown_order_404() {
        let mut practice = practice();
        let id = first_order(&practice);
        for asset in ["ide", "iDE", "STL", "", "IDE%20"] {
            assert_eq!(get(&mut practice, &format!("/order/{id}/download/{asset}"), NOW).status, 400, "{asset}");
        }
        for id in ["1", "x", "99999999999999999999", &format!("+{id}"), &format!("0{id}")] {
            assert_eq!(get(&mut practice, &format!("/order/{id}/download/IDE"), NOW).status, 404, "{id}");
        }
    }

    #[test]
    fn a_new_orders_archive_is_404_until_the_generation_time_has_passed_since_the_first_request() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let id = complete(&mut practice, rx_id, NOW);
        let path = format!("/order/{id}/download/IDE");
        let mut status = |at| get(&mut practice, &path, at).status;
        assert_eq!(status(NOW + 60_000), 404, "only a request starts the generation");
        assert_eq!(status(NOW + 61_499), 404);
        assert_eq!(status(NOW + 61_500), 200);
        assert_eq!(status(NOW + 61_501), 200);
    }

    #[test]
    fn names_with_markup_are_escaped_in_the_xml() {
        let mut practice = practice();
        let rx_id = push(&mut practice, "</FirstName>&\"<x a='1'>\u{0}");
        let id = complete(&mut practice, rx_id, NOW);
        get(&mut practice, &format!("/order/{id}/download/IDE"), NOW);
        let files = entries(&get(&mut practice, &format!("/order/{id}/download/IDE"), NOW + 1500));
        let (_, xml) = files.iter().find(|(name, _)| name.ends_with(".xml")).unwrap();

        let mut reader = quick_xml::Reader::from_reader(xml.as_slice());
        let (mut depth, mut elements) = (0, Vec::new());
        loop {
            use quick_xml::events::Event;
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    depth += 1;
                    elements.push(start.name().as_ref().to_owned());
                }
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        assert!(!elements.contains(&"x".to_owned()));
        assert!(!xml.contains(&0));
    }

    #[test]
    fn the_viewer_link_shows_the_pictures() {
        let practice = practice();
        let id = first_order(&practice);
        let response = practice.viewer(&id.to_string()).unwrap();
        let page = String::from_utf8(response.body).unwrap();
        assert_eq!(page.matches("<img src=\"data:image/jpeg;base64,").count(), 6);
    }
}
