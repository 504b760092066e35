//! Routes a URL and a method to a call.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::control::Operation;
use super::http::Api;
use super::practice::Settings;
use super::tokens::Tokens;

/// The path of V2 under a legacy base URL (§3.1).
pub const V2: &str = "/api/third-party/v2/";

/// The path of V3, which has no legacy form. The document shows it without `/api` (§5.2.3, R2).
pub const V3: &str = "/third-party/v3/";

/// The sandbox's own paths.
const CONTROL: &str = "/sandbox/";

/// The parts of a URL below the base URL.
pub struct Target<'a> {
    /// The URL before the API's own path. Links begin with it.
    pub base_url: &'a str,
    pub api: Api,
    /// The part after the API's own path, still encoded.
    pub path: &'a str,
    /// Empty if there is none.
    pub query: &'a str,
}

impl<'a> Target<'a> {
    /// Returns `None` for a URL outside all APIs.
    pub fn parse(url: &'a str, settings: &Settings) -> Option<Self> {
        let path = if settings.any_origin {
            split_origin(url).1.strip_prefix(split_origin(&settings.base_url).1)?
        } else {
            url.strip_prefix(settings.base_url.as_str())?
        };
        let base_url = url.strip_suffix(path)?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let roots = [(Api::V2, V2), (Api::V3, V3), (Api::Control, CONTROL)];
        roots.into_iter().find_map(|(api, root)| Some(Self { base_url, api, path: path.strip_prefix(root)?, query }))
    }

    /// Returns the path's segments, decoded, or `None` if they are not UTF-8.
    pub fn segments(&self) -> Option<Vec<Cow<'a, str>>> {
        self.path.split('/').map(|part| percent_decode_str(part).decode_utf8().ok()).collect()
    }
}

/// Returns an absolute URL's origin, and what follows it.
pub fn split_origin(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[host..].find('/').map_or(url.len(), |length| host + length);
    url.split_at(end)
}

/// A call that the sandbox supports.
#[derive(Clone, Copy)]
pub enum Call<'a> {
    PracticeConfiguration,
    ScanRequest,
    DeleteRx(&'a str),
    ListOrders,
    OrderByRx(&'a str),
    Download { order_id: &'a str, asset: &'a str },
    ScreenCapture { order_id: &'a str, capture_id: &'a str },
    LatestFiles,
    SearchPatients,
    ListPatients,
    UpdatePatient,
    UpdatePatientByChartNumber,
    Viewer { order_id: &'a str },
    Control(Operation),
}

impl<'a> Call<'a> {
    pub fn from_segments(api: Api, segments: &[&'a str]) -> Option<Self> {
        Some(match (api, segments) {
            (Api::V2, ["practice-configuration"]) => Self::PracticeConfiguration,
            // §6.2 writes the path with a trailing slash (R23).
            (Api::V2, ["scan-request"] | ["scan-request", ""]) => Self::ScanRequest,
            (Api::V2, ["scan-request", rx_id]) => Self::DeleteRx(rx_id),
            (Api::V2, ["orders", "practice"]) => Self::ListOrders,
            (Api::V2, ["orders", rx_id]) => Self::OrderByRx(rx_id),
            (Api::V2, ["order", order_id, "download", asset]) => Self::Download { order_id, asset },
            (Api::V2, ["order", order_id, "download", "SCREEN_CAPTURE", capture_id]) => {
                Self::ScreenCapture { order_id, capture_id }
            }
            (Api::V2, ["latest-files"]) => Self::LatestFiles,
            (Api::V2, ["patient", "search"]) => Self::SearchPatients,
            (Api::V3, ["patient", "search"]) => Self::ListPatients,
            (Api::V2, ["patients"]) => Self::UpdatePatient,
            (Api::V2, ["patient", "by-chart-number"]) => Self::UpdatePatientByChartNumber,
            (Api::Control, ["viewer", order_id]) => Self::Viewer { order_id },
            (Api::Control, [operation]) => Self::Control(Operation::named(operation)?),
            _ => return None,
        })
    }

    /// Returns the value of the `Allow` header.
    pub fn allowed(self) -> &'static str {
        match self {
            Self::ScanRequest | Self::Control(_) => "POST",
            Self::DeleteRx(_) => "DELETE",
            Self::UpdatePatient | Self::UpdatePatientByChartNumber => "PATCH",
            _ => "GET, HEAD",
        }
    }

    pub fn allows(self, method: &str) -> bool {
        self.allowed().split(", ").any(|allowed| allowed == method)
    }

    /// Whether a request with this header may make the call. The viewer is opened by a browser, which has no token. The
    /// control operations accept an expired token too.
    pub fn is_open_to(self, authorization: Option<&str>, tokens: &Tokens) -> bool {
        match self {
            Self::Viewer { .. } => true,
            Self::Control(_) => tokens.was_issued(authorization),
            _ => tokens.accepts(authorization),
        }
    }
}
