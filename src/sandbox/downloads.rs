//! Download Scan (§4.7): scans and thumbnails; also the page of an order's viewer link.

use super::assets;
use super::clock::Millis;
use super::http::{Refusal, Response};
use super::practice::{Generation, Order, Practice};
use super::snapshot::Event;

/// What can be downloaded for an order, other than screen captures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asset {
    Ide,
    ImageGallery,
}

/// How many bytes of archives are cached: three archives of the usual size. The newest archive is cached in any case.
pub const CACHED_ARCHIVES: usize = 24 << 20;

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
    use super::super::test::{NOW, complete, control, entries, get, json, practice, push, settings};
    use super::*;
    use serde_json::json;

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

        assert!(files.iter().all(|(name, _)| !name.contains('/')), "all files are at the root");
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
        assert_eq!(ending(".xml").len(), 1);
        let (_, pdf) = ending(".pdf")[0];
        assert!(pdf.starts_with(b"%PDF-1.") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
        let pictures = ending(".jpg");
        let names: Vec<_> = pictures.iter().map(|(name, _)| name.as_str()).collect();
        let penta = |side| format!("gallery_#{id}_penta_{side}_m.jpg");
        let mut expected = ["front", "right", "left", "upper", "lower"].map(penta).to_vec();
        expected.push(format!("gallery_#{id}.jpg"));
        assert_eq!(names, expected);
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

    /// Small meshes, which are drawn quickly, and additional settings.
    fn small(mut settings: serde_json::Value) -> serde_json::Value {
        settings["triangles"] = 20_000.into();
        settings
    }

    /// Returns the elements of an XML file with their names and attributes.
    fn elements(xml: &[u8]) -> Vec<(String, Vec<(String, String)>)> {
        let mut reader = quick_xml::Reader::from_reader(xml);
        reader.config_mut().expand_empty_elements = true;
        let (mut depth, mut elements) = (0, Vec::new());
        loop {
            use quick_xml::events::Event;
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    depth += 1;
                    let attributes = start.attributes().map(Result::unwrap);
                    let attributes = attributes.map(|one| (one.key.as_ref().to_owned(), one.value.into_owned()));
                    elements.push((start.name().as_ref().to_owned(), attributes.collect()));
                }
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        elements
    }

    #[test]
    fn the_manifest_names_every_scan_and_picture_with_its_role() {
        for (arrangement, file_type) in
            [("teeth-up", "stl"), ("teeth-up", "both"), ("occlusion", "ply"), ("locked-occlusion", "both")]
        {
            let mut practice = practice();
            let id = first_order(&practice);
            let settings = small(json!({ "arrangement": arrangement, "fileType": file_type }));
            assert_eq!(control(&mut practice, "export-settings", &settings).status, 200);
            let files = entries(&get(&mut practice, &format!("/order/{id}/download/IDE"), NOW));
            let (_, xml) = files.iter().find(|(name, _)| *name == format!("itero_export_#{id}_v1.xml")).unwrap();
            let elements = elements(xml);
            assert_eq!(elements[0].0, "iTeroExport");
            let named: Vec<_> = elements
                .iter()
                .filter(|(name, _)| name == "Object")
                .map(|(_, attributes)| {
                    let value =
                        |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
                    let file = value("FileName").unwrap();
                    let role = (value("ObjectType").unwrap(), value("SubType").unwrap(), value("JawId"));
                    let by_name = match () {
                        () if file.starts_with("gallery_#") => ("Image", "Gallery", None),
                        () if file.contains("_ul.") => ("Surface", "Jaw", None),
                        () if file.contains("_u.") => ("Surface", "Jaw", Some("Upper")),
                        () => ("Surface", "Jaw", Some("Lower")),
                    };
                    assert_eq!(role, by_name, "{file}");
                    file.to_owned()
                })
                .collect();
            let listed = |name: &str| [".stl", ".ply", ".jpg"].iter().any(|ending| name.ends_with(ending));
            let present: Vec<_> = files.iter().map(|(name, _)| name.clone()).filter(|name| listed(name)).collect();
            assert_eq!(named, present, "{arrangement} {file_type}");
            assert_eq!(elements.iter().filter(|(name, _)| name == "Transform").count(), 2);
        }
    }

    #[test]
    fn modeling_adds_a_version_of_the_manifest_beside_the_one_before() {
        let mut practice = practice();
        let (id, rx_id) = (first_order(&practice), practice.orders[0].rx.id);
        control(&mut practice, "export-settings", &small(json!({})));
        let mut versions = Vec::new();
        for status in ["Completed", "Lab Review", "Completed", "Lab Review"] {
            control(&mut practice, "order-status", &json!({ "rxId": rx_id, "status": status }));
            let files = entries(&get(&mut practice, &format!("/order/{id}/download/IDE"), NOW));
            let manifest = |name: &str| Some(name.strip_prefix(&format!("itero_export_#{id}_v"))?.to_owned());
            versions.push(files.iter().filter_map(|(name, _)| manifest(name)).collect::<Vec<_>>().concat());
        }
        assert_eq!(versions, ["1.xml", "1.xml2.xml", "1.xml2.xml", "2.xml3.xml"]);
    }

    #[test]
    fn a_hidden_name_is_nowhere_in_the_archive_and_the_calls_still_tell_it() {
        const FIRST: &str = "Xanthippe";
        let mut practice = practice();
        let rx_id = push(&mut practice, FIRST);
        let id = complete(&mut practice, rx_id, NOW);
        get(&mut practice, &format!("/order/{id}/download/IDE"), NOW);
        let mut holding = |hide: bool| {
            let settings = small(json!({ "fileType": "both", "hidePatientName": hide }));
            assert_eq!(control(&mut practice, "export-settings", &settings).status, 200);
            assert_eq!(json(&get(&mut practice, &format!("/orders/{rx_id}"), NOW))["Data"]["PatientFirstName"], FIRST);
            let files = entries(&get(&mut practice, &format!("/order/{id}/download/IDE"), NOW + 1500));
            let has = |text: &[u8], name: &str| text.windows(name.len()).any(|window| window == name.as_bytes());
            let names = |(name, content): &&(String, Vec<u8>)| {
                [FIRST, "Beispiel"].iter().any(|patient| name.contains(patient) || has(content, patient))
            };
            let holding = files.iter().filter(names).map(|(name, _)| name.rsplit('.').next().unwrap().to_owned());
            holding.collect::<Vec<_>>()
        };
        assert_eq!(holding(false), ["xml", "pdf"]);
        assert!(holding(true).is_empty());
    }

    #[test]
    fn export_settings_are_a_doctors_own_or_everyones() {
        let mut practice = practice();
        let doctor_id = practice.doctors[practice.orders[0].rx.doctor].id;
        let mine = practice.orders[0].id;
        let other = practice.orders.iter().find(|order| practice.doctors[order.rx.doctor].id != doctor_id).unwrap().id;
        let scans = |practice: &mut Practice, id: u32| {
            let files = entries(&get(practice, &format!("/order/{id}/download/IDE"), NOW));
            files.into_iter().find(|(name, _)| name.contains("_shell_")).unwrap().0
        };
        control(&mut practice, "export-settings", &small(json!({})));
        control(&mut practice, "export-settings", &small(json!({ "doctorId": doctor_id, "fileType": "ply" })));
        assert_eq!(scans(&mut practice, mine), format!("{mine}_shell_teethup_u.ply"));
        assert_eq!(scans(&mut practice, other), format!("{other}_shell_teethup_u.stl"));

        let mut restored = Practice::restore(settings(), &practice.snapshot()).unwrap();
        assert_eq!(scans(&mut restored, mine), format!("{mine}_shell_teethup_u.ply"));

        control(&mut practice, "export-settings", &small(json!({ "arrangement": "locked-occlusion" })));
        assert_eq!(scans(&mut practice, mine), format!("{mine}_shell_lockedocclusion_ul.stl"));
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
        assert!(elements(xml).iter().all(|(name, _)| name != "x"));
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
