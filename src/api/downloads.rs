//! Downloads of an order's files (§4.7, §4.9).

use super::endpoint::{Endpoint, Hint, Method, Version};
use super::scope::Scope;
use crate::schema::input::inputs;

// Never another name than these three (R78).

/// The path of the 3D files' asset type, which are generated when they are first asked for (§4.7.3).
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

/// What a link of an order or a screen capture leads to (§4.4.3, §4.8.3).
pub const LINK: Endpoint = Endpoint::custom(Method::Get, "link").returns_file().hints(HINTS);

inputs! {
    /// What a download holds (§4.7.4): `IDE` the 3D files, the RX and metadata, `IMAGE_GALLERY` six pictures,
    /// `SCREEN_CAPTURE` what was captured on the scanner. Each is a zip.
    #[derive(tsify::Tsify)]
    #[tsify(type = "\"IDE\" | \"IMAGE_GALLERY\" | \"SCREEN_CAPTURE\"")]
    AssetType: "AssetType" => &'static str, "\"IDE\", \"IMAGE_GALLERY\" or \"SCREEN_CAPTURE\"", |value| {
        let name = value.text()?;
        [GENERATED, "IMAGE_GALLERY", "SCREEN_CAPTURE"].into_iter().find(|asset| *asset == name)
    };
    /// Where a file is, as the API gave it.
    Link: "string" => String, "a link from an order or a screen capture: http(s), without a user",
        |value| value.text().filter(|url| !url.is_empty()).map(str::to_owned);
}
