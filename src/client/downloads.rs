//! `downloadScan`, `downloadLink` (§4.7) and `downloadScreenCapture` (§4.9). A download's bytes go from the network to the
//! caller, never through here.

use js_sys::{Date, Promise};
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::arguments::{Passed, single};
use super::options::CallOptions;
use super::url::Url;
use super::{DpmsClient, Prepared};
use crate::api::downloads::{AssetType, CAPTURE, GENERATED, LINK, Link, SCAN, linked};
use crate::engine::download::Download;
use crate::engine::error::{DpmsError, ErrorKind};
use crate::engine::{HttpRequest, Transport};
use crate::scalar::Id;
use crate::schema::input::{Argument, Delay, Input, Segment, ToWire, inputs};
use crate::schema::request::request;

/// How long to wait for 3D files that are being generated: a minute or two, says §4.7.3, and then some.
const DEFAULT_WAIT_MS: f64 = 180_000.0;

request! {
    /// `CallOptions` for a download. `timeoutMs` limits each pause in the data, not the length of the download.
    pub struct DownloadOptions extends CallOptions {
        /// Called with the download's progress. If it throws or rejects, the download fails with that error.
        on_progress: ProgressListener,
        /// How long to wait for 3D files that are being generated, in milliseconds: 180000 by default, 0 to not wait at all.
        /// After that the call rejects with `not-ready`.
        wait_ms: Delay,
    }
}

inputs! {
    /// A listener for progress.
    ProgressListener: "((progress: DownloadProgress) => void)" => (), "a function",
        |value| (*value == Argument::Function).then_some(());
}

/// The progress of a download.
#[derive(Tsify)]
#[allow(dead_code, reason = "made in JavaScript")]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct DownloadProgress {
    /// `waiting` while the 3D files are being generated, then `downloading`, then `done`.
    #[tsify(type = "\"waiting\" | \"downloading\" | \"done\"")]
    pub state: String,
    /// How many bytes have been received.
    pub received_bytes: u32,
    /// How many bytes there are in total; `null` if the server does not send the length, or compresses the body.
    pub total_bytes: Option<u32>,
}

impl DownloadProgress {
    /// Nothing has come yet; as JSON. The rest is reported where the bytes pass by, in JavaScript.
    pub(super) const WAITING: &str = r#"{"state":"waiting","receivedBytes":0,"totalBytes":null}"#;
}

#[wasm_bindgen]
impl DpmsClient {
    /// Downloads an order's files as a zip (§4.7). Resolves to `null` if there are none, for example if no screen captures
    /// were taken.
    ///
    /// 3D files are generated on the first request, and the call waits up to `waitMs` for them. An unknown order looks the
    /// same as one whose files are being generated, so it rejects with `not-ready` too.
    ///
    /// The result is the platform's own `Response`. Its body is a byte stream, for which readers may provide their own
    /// buffer; on Workers it has a known length if the API sends it. A body that ends early fails with `truncated`. The
    /// call rejects with `decode` if it gets a web page or JSON instead of a file, or with `server` if that JSON says that
    /// the call failed.
    #[wasm_bindgen(js_name = downloadScan, unchecked_return_type = "Promise<Response | null>")]
    pub fn download_scan(
        &self,
        #[wasm_bindgen(js_name = orderId, unchecked_param_type = "number | string")] order_id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "AssetType")] asset: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "DownloadOptions | null")] options: &JsValue,
    ) -> Promise {
        self.download(options, &|wait_ms| scan(self.transport(), order_id, asset, wait_ms))
    }

    /// Downloads the file of one of an order's `links`, or of a screen capture's `fileUrl` (§4.4.3, §4.8.3), in the same
    /// way as `downloadScan`. The link is used unchanged. With an edge function, the download goes through it instead.
    ///
    /// Rejects with `untrusted-link`, before anything is sent, if the link's origin is neither the endpoints' nor in
    /// `trustedOrigins`, since that origin would see the token. Rejects with `invalid-argument` if the link is not http(s) or
    /// contains a user.
    #[wasm_bindgen(js_name = downloadLink, unchecked_return_type = "Promise<Response | null>")]
    pub fn download_link(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] url: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "DownloadOptions | null")] options: &JsValue,
    ) -> Promise {
        self.download(options, &|wait_ms| link(self.transport(), url, wait_ms))
    }

    /// Downloads one screen capture as a JPEG picture (§4.9). Rejects with `not-found` if there is no such capture.
    ///
    /// The API document recommends the capture's link instead: `downloadLink(capture.fileUrl)`.
    #[wasm_bindgen(js_name = downloadScreenCapture, unchecked_return_type = "Promise<Response>")]
    pub fn download_screen_capture(
        &self,
        #[wasm_bindgen(js_name = orderId, unchecked_param_type = "number | string")] order_id: &JsValue,
        #[wasm_bindgen(js_name = captureId, unchecked_param_type = "string")] capture_id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "DownloadOptions | null")] options: &JsValue,
    ) -> Promise {
        self.download(options, &|_| capture(self.transport(), order_id, capture_id))
    }
}

impl DpmsClient {
    fn download(&self, options: &JsValue, prepare: &dyn Fn(f64) -> Prepared) -> Promise {
        let begun = read_options(options).and_then(|(passed, options)| {
            let prepared = prepare(options.wait_ms.unwrap_or(DEFAULT_WAIT_MS))?;
            Ok(self.driver(prepared, &passed, &options.base))
        });
        self.run(begun)
    }
}

fn read_options(options: &JsValue) -> Result<(Passed, DownloadOptions), JsValue> {
    let passed = Passed::read(options, &[])?;
    let options = passed.parse("options")?;
    Ok((passed, options))
}

fn scan(transport: &Transport, order_id: &JsValue, asset: &JsValue, wait_ms: f64) -> Prepared {
    let order_id = single::<Id>("orderId", order_id)?.to_wire();
    let asset = single::<AssetType>("asset", asset)?;
    let request = SCAN.request(transport, &[&order_id, asset])?;
    Ok(Download::call(request, wait_until(asset == GENERATED, wait_ms), false))
}

fn link(transport: &Transport, url: &JsValue, wait_ms: f64) -> Prepared {
    let url = absolute(transport, &single::<Link>("url", url)?)?;
    let is_generated = url.path.to_ascii_uppercase().ends_with("/DOWNLOAD/IDE");
    Ok(Download::call(HttpRequest::new(&LINK, url.href), wait_until(is_generated, wait_ms), false))
}

fn capture(transport: &Transport, order_id: &JsValue, capture_id: &JsValue) -> Prepared {
    let order_id = single::<Id>("orderId", order_id)?.to_wire();
    let capture_id = single::<Segment>("captureId", capture_id)?;
    Ok(Download::call(CAPTURE.request(transport, &[&order_id, &capture_id])?, None, true))
}

/// Until when to wait for files that are generated when they are first asked for.
fn wait_until(are_generated: bool, wait_ms: f64) -> Option<f64> {
    are_generated.then(|| Date::now() + wait_ms)
}

/// Returns the link as an absolute URL, if the token may be sent there: a relay's own instead of the API's.
fn absolute(transport: &Transport, link: &str) -> Result<Url, DpmsError> {
    let base = transport.endpoints.v2.as_ref().map(|base| base.url.as_str()); // R66
    let url = Url::parse(link, base).filter(|url| url.is_web);
    let mut url = url.ok_or_else(|| DpmsError::must_be("url", Link::ALLOWED))?;
    if let (true, Some(base), Some(path)) = (transport.endpoints.is_relay, base, linked(&url.path)) {
        url.href = [base, "/", &path].concat();
        return Ok(url);
    }
    if transport.endpoints.trusts(&url.origin, &transport.trusted_origins) {
        return Ok(url);
    }
    let message = "Nothing was sent: the link leads to an origin that must not see the token. If it is right, add it to \
                   trustedOrigins.";
    Err(DpmsError::new(ErrorKind::UntrustedLink, message))
}
