//! Downloads of an order's files (§4.7, §4.9).

use super::endpoint::{Endpoint, Hint, Method, Version};
use super::scope::Scope;
use crate::schema::input::inputs;

// Never another name than these three (R78).

/// The asset type of the 3D files, which are generated on the first request (§4.7.3).
pub(crate) const GENERATED: &str = "IDE";

const HINTS: &[Hint] = &[
    (400, "The API did not accept the asset type or the order id."),
    (404, "The order is unknown to this practice, or has no such files."),
];

/// An order's files as a zip (§4.7).
pub const SCAN: Endpoint =
    Endpoint::get(Version::V2, Scope::FilesRead, "order/:orderId/download/:assetType").returns_file().hints(HINTS);

/// One screen capture as a JPEG picture (§4.9).
pub const CAPTURE: Endpoint =
    Endpoint::get(Version::V2, Scope::FilesRead, "order/:orderId/download/SCREEN_CAPTURE/:screenCaptureId")
        .returns_file()
        .hints(HINTS);

/// The file that a link of an order or a screen capture leads to (§4.4.3, §4.8.3).
pub const LINK: Endpoint = Endpoint::custom(Method::Get, "link").returns_file().hints(HINTS);

/// Returns the path of the download that a link leads to, in the document's spelling, since the API may use any case; `None` for
/// any other link.
pub(crate) fn linked(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let at = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("order"))?;
    let (order_id, asset, capture) = match *segments.get(at + 1..)? {
        [order_id, download, asset] if download.eq_ignore_ascii_case("download") => (order_id, asset, None),
        [order_id, download, asset, capture] if download.eq_ignore_ascii_case("download") => {
            (order_id, asset, Some(capture))
        }
        _ => return None,
    };
    let mut path = ["order/", order_id, "/download/", &asset.to_ascii_uppercase()].concat();
    if let Some(capture) = capture {
        path.push('/');
        path.push_str(capture);
    }
    Some(path)
}

inputs! {
    /// What to download (§4.7.4): `IDE` for the 3D files, the RX and metadata; `IMAGE_GALLERY` for six pictures;
    /// `SCREEN_CAPTURE` for what was captured on the scanner. Each is a zip.
    #[derive(tsify::Tsify)]
    #[tsify(type = "\"IDE\" | \"IMAGE_GALLERY\" | \"SCREEN_CAPTURE\"")]
    AssetType: "AssetType" => &'static str, "\"IDE\", \"IMAGE_GALLERY\" or \"SCREEN_CAPTURE\"", |value| {
        let name = value.text()?;
        [GENERATED, "IMAGE_GALLERY", "SCREEN_CAPTURE"].into_iter().find(|asset| *asset == name)
    };
    /// The URL of a file, as the API returned it.
    Link: "string" => String, "a link from an order or a screen capture: http(s), without a user",
        |value| value.text().filter(|url| !url.is_empty()).map(str::to_owned);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_link_is_known_by_its_path() {
        for (path, download) in [
            ("/api/third-party/v2/order/17/download/IDE", Some("order/17/download/IDE")),
            ("/x/Order/17/Download/image_gallery", Some("order/17/download/IMAGE_GALLERY")),
            ("/order/1/v2/order/17/download/screen_capture/Ab%20c", Some("order/17/download/SCREEN_CAPTURE/Ab%20c")),
            ("/order/17", None),
            ("/order/17/download", None),
            ("/order/17/view/IDE", None),
            ("/viewer/17", None),
            ("", None),
        ] {
            assert_eq!(linked(path).as_deref(), download, "{path}");
        }
    }
}
