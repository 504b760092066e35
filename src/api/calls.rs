//! Every endpoint of this layer, by its name.

use super::endpoint::Endpoint;
use super::{downloads, orders, patients, practice_configuration, scan_request, screen_captures};

/// The endpoints: the calls of the document, and the download that a link leads to.
pub const ENDPOINTS: [(&str, Endpoint); 13] = [
    ("practice_configuration::GET", practice_configuration::GET),
    ("scan_request::CREATE", scan_request::CREATE),
    ("scan_request::DELETE", scan_request::DELETE),
    ("orders::LIST", orders::LIST),
    ("orders::GET", orders::GET),
    ("downloads::SCAN", downloads::SCAN),
    ("downloads::CAPTURE", downloads::CAPTURE),
    ("downloads::LINK", downloads::LINK),
    ("screen_captures::LIST", screen_captures::LIST),
    ("patients::SEARCH", patients::SEARCH),
    ("patients::LIST", patients::LIST),
    ("patients::UPDATE", patients::UPDATE),
    ("patients::UPDATE_BY_CHART", patients::UPDATE_BY_CHART),
];

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_endpoint_is_here() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api");
        let declared = fs::read_dir(folder).unwrap().map(|entry| {
            let file = fs::read_to_string(entry.unwrap().path()).unwrap();
            file.lines().filter(|line| line.starts_with("pub const ") && line.contains(": Endpoint =")).count()
        });
        assert_eq!(declared.sum::<usize>(), ENDPOINTS.len());
    }
}
