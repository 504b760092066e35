//! `downloadScan`, `downloadLink` (§4.7) and `downloadScreenCapture` (§4.9). A download's bytes go from the network to the caller, never through here.

use std::rc::Rc;

use js_sys::{Date, Function, Promise, encode_uri_component};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::Url;

use super::arguments::{DELAY, FUNCTION, Fields, ID, Kind, SEGMENT, single};
use super::options::scope_of;
use super::{DpmsClient, v2};
use crate::error::{DpmsError, ErrorKind, Failure, FieldError};
use crate::js::object;
use crate::transport::event::{ClientEvent, EventType};
use crate::transport::{Answer, Body, Call, Content, Scope, Transport};

/// How long to wait for 3D files that are still being made: a minute or two, says §4.7.3, and then some.
const DEFAULT_WAIT_MS: f64 = 180_000.0;

/// The first pause between two asks for them, and the longest.
const FIRST_PAUSE_MS: f64 = 1_000.0;
const LONGEST_PAUSE_MS: f64 = 10_000.0;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * What a download holds (§4.7.4): `IDE` the 3D files, the RX and metadata, `IMAGE_GALLERY` six pictures, `SCREEN_CAPTURE`
 * what was captured on the scanner. Each is a zip.
 */
export type AssetType = "IDE" | "IMAGE_GALLERY" | "SCREEN_CAPTURE";

/** `CallOptions` for a download. `timeoutMs` bounds each silence, not a download that keeps flowing. */
export interface DownloadOptions extends CallOptions {
  /** Hears of the download's progress. What it throws ends the download. */
  onProgress?: ((progress: DownloadProgress) => void) | null;
  /**
   * How long to wait for 3D files that are still being made, in milliseconds: 180000 by default, 0 for not at all. Then
   * the call rejects with `not-ready`.
   */
  waitMs?: number | null;
}

/** How far a download is. */
export interface DownloadProgress {
  /** `waiting` while the 3D files are being made, then `downloading`, then `done`. */
  state: "waiting" | "downloading" | "done";
  receivedBytes: number;
  /** `null` if the server does not say, or compresses. */
  totalBytes: number | null;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "DownloadOptions")]
    pub type JsDownloadOptions;
}

#[wasm_bindgen]
impl DpmsClient {
    /// Downloads an order's files as a zip (§4.7); `null` if there are none, as with screen captures that nobody took.
    ///
    /// 3D files are made when they are first asked for: the call waits for them up to `waitMs`. An unknown order cannot be
    /// told from one whose files are being made, so it, too, ends in `not-ready`.
    ///
    /// The response is the platform's own and its body streams. A body that ends early errors with `truncated`.
    #[wasm_bindgen(js_name = downloadScan, unchecked_return_type = "Promise<Response | null>")]
    pub fn download_scan(
        &self,
        #[wasm_bindgen(js_name = "orderId", unchecked_param_type = "number | string")] order_id: JsValue,
        #[wasm_bindgen(unchecked_param_type = "AssetType")] asset: JsValue,
        options: Option<JsDownloadOptions>,
    ) -> Promise {
        self.download(self.scan(&order_id, &asset), options)
    }

    /// Downloads what one of an order's `links` or a screen capture's `fileUrl` leads to (§4.4.3, §4.8.3), as `downloadScan`
    /// does. The link is used unchanged.
    ///
    /// A link to an origin that is neither the endpoints' nor in `trustedOrigins` is refused with `untrusted-link` before
    /// anything is sent: it would see the token.
    #[wasm_bindgen(js_name = downloadLink, unchecked_return_type = "Promise<Response | null>")]
    pub fn download_link(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] url: JsValue,
        options: Option<JsDownloadOptions>,
    ) -> Promise {
        self.download(self.link(&url), options)
    }

    /// Downloads one screen capture as a JPEG picture (§4.9). `not-found` if there is no such capture.
    ///
    /// The API recommends its own link instead: `downloadLink(capture.fileUrl)`.
    #[wasm_bindgen(js_name = downloadScreenCapture, unchecked_return_type = "Promise<Response>")]
    pub fn download_screen_capture(
        &self,
        #[wasm_bindgen(js_name = "orderId", unchecked_param_type = "number | string")] order_id: JsValue,
        #[wasm_bindgen(js_name = "captureId", unchecked_param_type = "string")] capture_id: JsValue,
        options: Option<JsDownloadOptions>,
    ) -> Promise {
        self.download(self.capture(&order_id, &capture_id), options)
    }
}

/// A call whose answer's body is the caller's.
struct Download {
    call: Call,
    /// Whether the files are made when they are first asked for.
    generated: bool,
    /// Whether there being nothing is a failure.
    must_exist: bool,
}

const IDE: &str = "IDE";

const ASSET: Kind<&str> = Kind {
    expected: "\"IDE\", \"IMAGE_GALLERY\" or \"SCREEN_CAPTURE\"",
    read: |value| {
        let name = value.as_string()?;
        [IDE, "IMAGE_GALLERY", "SCREEN_CAPTURE"].into_iter().find(|asset| *asset == name)
    },
};

const LINK: Kind<String> = Kind {
    expected: "a link from an order or a screen capture",
    read: |value| value.as_string().filter(|url| !url.is_empty()),
};

const NO_CAPTURE: &str = "There is no such screen capture.";

const ADVICE: &[(u16, &str)] = &[
    (400, "The API did not take the asset type or the order id."),
    (404, "The order is unknown to this practice, or has no such files."),
];

impl DpmsClient {
    fn scan(&self, order_id: &JsValue, asset: &JsValue) -> Result<Download, Failure> {
        let order_id = single("orderId", order_id, &ID)?;
        let asset = single("asset", asset, &ASSET)?;
        let url = v2(&self.transport, &format!("order/{order_id}/download/{asset}"))?;
        let call = Call { advice: ADVICE, ..Call::get("order/:orderId/download/:assetType", url) };
        Ok(Download { call, generated: asset == IDE, must_exist: false })
    }

    fn link(&self, url: &JsValue) -> Result<Download, Failure> {
        let url = self.trusted(&single("url", url, &LINK)?)?;
        let generated = url.pathname().to_ascii_uppercase().ends_with("/DOWNLOAD/IDE");
        let call = Call { advice: ADVICE, ..Call::get("link", url.href()) };
        Ok(Download { call, generated, must_exist: false })
    }

    fn capture(&self, order_id: &JsValue, capture_id: &JsValue) -> Result<Download, Failure> {
        let order_id = single("orderId", order_id, &ID)?;
        let capture_id = single("captureId", capture_id, &SEGMENT)?;
        let capture_id = String::from(encode_uri_component(&capture_id));
        let url = v2(&self.transport, &format!("order/{order_id}/download/SCREEN_CAPTURE/{capture_id}"))?;
        let endpoint = "order/:orderId/download/SCREEN_CAPTURE/:screenCaptureId";
        Ok(Download { call: Call { advice: ADVICE, ..Call::get(endpoint, url) }, generated: false, must_exist: true })
    }

    /// Makes the call, unless its arguments are wrong; a promise either way.
    fn download(&self, download: Result<Download, Failure>, options: Option<JsDownloadOptions>) -> Promise {
        let transport = Rc::clone(&self.transport);
        let ready = download.and_then(|download| {
            let mut fields = Fields::of("options", options.into())?;
            let scope = scope_of(&mut fields, &transport);
            let on_progress = fields.optional("onProgress", &FUNCTION);
            let wait_ms = fields.optional("waitMs", &DELAY).unwrap_or(DEFAULT_WAIT_MS);
            fields.finish()?;
            Ok((download, scope, on_progress, wait_ms))
        });
        future_to_promise(async move {
            let (download, scope, on_progress, wait_ms) = ready?;
            Ok(open(&transport, &download, &scope, wait_ms, on_progress.as_ref()).await?)
        })
    }

    /// The link as an absolute URL, if the token may go there.
    fn trusted(&self, link: &str) -> Result<Url, Failure> {
        let Transport { endpoints, trusted_origins, .. } = &*self.transport;
        let url = match &endpoints.v2 {
            Some(base) => Url::new_with_base(link, &base.url), // R66
            None => Url::new(link),
        };
        let malformed = || FieldError { field: "url".into(), message: format!("must be {}", LINK.expected) };
        let url = url.map_err(|_| Failure::invalid_argument(vec![malformed()]))?;
        if endpoints.trusts(&url.origin(), trusted_origins) {
            return Ok(url);
        }
        let message = "Nothing was sent: the link leads to an origin that must not see the token. If it is right, add it to \
                       trustedOrigins.";
        Err(DpmsError::new(ErrorKind::UntrustedLink, message).into())
    }
}

/// Asks for the files, and again while a 404 can mean that they are being made (R80), for up to `wait_ms`.
async fn open(
    transport: &Transport,
    download: &Download,
    scope: &Scope,
    wait_ms: f64,
    on_progress: Option<&Function>,
) -> Result<JsValue, Failure> {
    let Download { call, generated, must_exist } = download;
    let started_at = Date::now();
    let mut pause_ms = FIRST_PAUSE_MS;
    loop {
        let error = match transport.send(call, scope, Body::Stream { on_progress }).await {
            Ok(Answer { content: Content::Stream(response), .. }) => return Ok(response.into()),
            Ok(Answer { status, attempts, .. }) if *must_exist => {
                let error = DpmsError::new(ErrorKind::NotFound, NO_CAPTURE).with_status(status);
                return Err(call.fails(error, attempts).into());
            }
            Ok(_) => return Ok(JsValue::NULL),
            Err(Failure::Error(error)) if error.kind == ErrorKind::NotFound => error,
            Err(failure) => return Err(failure),
        };
        if !generated {
            return Err(Failure::Error(error));
        }
        let left_ms = wait_ms - (Date::now() - started_at);
        if left_ms <= 0.0 {
            return Err(not_ready(error).into());
        }
        let delay_ms = error.retry_after_ms.unwrap_or(pause_ms).min(left_ms);
        transport.events.emit(|| ClientEvent {
            delay_ms: Some(delay_ms),
            ..ClientEvent::of(EventType::Wait, call, error.attempts)
        });
        if let Some(listener) = on_progress {
            let progress =
                object(&[("state", "waiting".into()), ("receivedBytes", 0.into()), ("totalBytes", JsValue::NULL)]);
            listener.call1(&JsValue::UNDEFINED, &progress).map_err(Failure::Aborted)?;
        }
        scope.sleep(delay_ms).await?;
        pause_ms = (pause_ms * 2.0).min(LONGEST_PAUSE_MS);
    }
}

fn not_ready(mut error: DpmsError) -> DpmsError {
    error.message = format!(
        "{} {}: The 3D files are not ready: they take a minute or two to make, so ask again later. If they never come, \
         check the order id.",
        error.method.unwrap_or_default(),
        error.endpoint.unwrap_or_default()
    );
    error.kind = ErrorKind::NotReady;
    error.retryable = true;
    error
}
