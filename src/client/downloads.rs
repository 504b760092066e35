//! `downloadScan`, `downloadLink` (§4.7) and `downloadScreenCapture` (§4.9). A download's bytes go from the network to the
//! caller, never through here.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, DELAY, DIGITS, FUNCTION, Fields, Kind, SEGMENT, must_be, single};
use super::call::{Flow, Prepared};
use super::v2;
use crate::client::platform::{self, Url};
use crate::engine::error::{DpmsError, ErrorKind};
use crate::engine::exchange::{Answer, Chance, Exchange};
use crate::engine::step::{Step, Value};
use crate::engine::{Request, Transport};

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
  /** How many bytes have come. */
  receivedBytes: number;
  /** `null` if the server does not say, or compresses. */
  totalBytes: number | null;
}
"#;

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /**
   * Downloads an order's files as a zip (§4.7); `null` if there are none, as with screen captures that nobody took.
   *
   * 3D files are made when they are first asked for: the call waits for them up to `waitMs`. An unknown order cannot be
   * told from one whose files are being made, so it, too, ends in `not-ready`.
   *
   * The response is the platform's own and its body streams. A body that ends early errors with `truncated`.
   */
  downloadScan(orderId: number | string, asset: AssetType, options?: DownloadOptions | null): Promise<Response | null>;

  /**
   * Downloads what one of an order's `links` or a screen capture's `fileUrl` leads to (§4.4.3, §4.8.3), as `downloadScan`
   * does. The link is used unchanged.
   *
   * A link to an origin that is neither the endpoints' nor in `trustedOrigins` is refused with `untrusted-link` before
   * anything is sent: it would see the token.
   */
  downloadLink(url: string, options?: DownloadOptions | null): Promise<Response | null>;

  /**
   * Downloads one screen capture as a JPEG picture (§4.9). `not-found` if there is no such capture.
   *
   * The API recommends its own link instead: `downloadLink(capture.fileUrl)`.
   */
  downloadScreenCapture(
    orderId: number | string,
    captureId: string,
    options?: DownloadOptions | null,
  ): Promise<Response>;
}
"#;

/// How a download goes on where there is nothing to give.
struct Download {
    /// Whether the files are made when they are first asked for.
    generated: bool,
    /// Whether there being nothing is a failure.
    must_exist: bool,
    /// Until when to wait for the files, and how long until the next ask.
    until_ms: f64,
    pause_ms: f64,
}

const IDE: &str = "IDE";

const ASSET: Kind<&str> = Kind {
    expected: "\"IDE\", \"IMAGE_GALLERY\" or \"SCREEN_CAPTURE\"",
    read: |value| {
        let name = value.text()?;
        [IDE, "IMAGE_GALLERY", "SCREEN_CAPTURE"].into_iter().find(|asset| *asset == name)
    },
};

const LINK: Kind<String> = Kind {
    expected: "a link from an order or a screen capture",
    read: |value| value.text().filter(|url| !url.is_empty()).map(str::to_owned),
};

const NO_CAPTURE: &str = "There is no such screen capture.";

const ADVICE: &[(u16, &str)] = &[
    (400, "The API did not take the asset type or the order id."),
    (404, "The order is unknown to this practice, or has no such files."),
];

pub(super) fn scan(
    transport: &Rc<Transport>,
    arguments: &Argument,
    options: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let order_id = single("orderId", arguments.item(1), &DIGITS)?;
    let asset = single("asset", arguments.item(2), &ASSET)?;
    let url = v2(transport, &["order/", &order_id, "/download/", asset])?;
    Ok(download("order/:orderId/download/:assetType", url, asset == IDE, false, options))
}

pub(super) fn link(
    transport: &Rc<Transport>,
    arguments: &Argument,
    options: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let url = trusted(transport, &single("url", arguments.item(1), &LINK)?)?;
    let generated = url.path.to_ascii_uppercase().ends_with("/DOWNLOAD/IDE");
    Ok(download("link", url.href, generated, false, options))
}

pub(super) fn capture(
    transport: &Rc<Transport>,
    arguments: &Argument,
    options: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let order_id = single("orderId", arguments.item(1), &DIGITS)?;
    let capture_id = escaped(&single("captureId", arguments.item(2), &SEGMENT)?);
    let url = v2(transport, &["order/", &order_id, "/download/SCREEN_CAPTURE/", &capture_id])?;
    Ok(download("order/:orderId/download/SCREEN_CAPTURE/:screenCaptureId", url, false, true, options))
}

fn download(
    endpoint: &'static str,
    url: String,
    generated: bool,
    must_exist: bool,
    options: &mut Fields<'_>,
) -> Prepared {
    options.optional("onProgress", &FUNCTION);
    let until_ms = platform::now_ms() + options.optional("waitMs", &DELAY).unwrap_or(DEFAULT_WAIT_MS);
    Prepared {
        request: Request { advice: ADVICE, streams: true, ..Request::get(endpoint, url) },
        flow: Box::new(Download { generated, must_exist, until_ms, pause_ms: FIRST_PAUSE_MS }),
    }
}

/// The link as an absolute URL, if the token may go there.
fn trusted(transport: &Transport, link: &str) -> Result<Url, DpmsError> {
    let base = transport.endpoints.v2.as_ref().map_or("", |base| &base.url); // R66
    let url = Url::parse(link, base).ok_or_else(|| must_be("url", LINK.expected))?;
    if transport.endpoints.trusts(&url.origin, &transport.trusted_origins) {
        return Ok(url);
    }
    let message = "Nothing was sent: the link leads to an origin that must not see the token. If it is right, add it to \
                   trustedOrigins.";
    Err(DpmsError::new(ErrorKind::UntrustedLink, message))
}

/// A text as one segment of a path, as `encodeURIComponent` writes it.
fn escaped(text: &str) -> String {
    let mut segment = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            segment.push(byte.into());
        } else {
            segment.push('%');
            for digit in [byte >> 4, byte & 0xf] {
                segment.push(char::from_digit(digit.into(), 16).unwrap_or_default().to_ascii_uppercase());
            }
        }
    }
    segment
}

impl Flow for Download {
    /// Asks again while a 404 can mean that the files are being made (R80).
    fn end(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Answer<'_>, DpmsError>,
        chance: Chance,
    ) -> Result<Step, DpmsError> {
        let error = match outcome {
            Ok(Answer { status, attempts, .. }) if self.must_exist => {
                let error = DpmsError::new(ErrorKind::NotFound, NO_CAPTURE).with_status(status);
                return Err(exchange.request.fails(error, attempts));
            }
            Ok(_) => return Ok(Step::done(Value::Json("null".to_owned()))),
            Err(error) => error,
        };
        if !self.generated || error.kind != ErrorKind::NotFound {
            return Err(error);
        }
        let left_ms = self.until_ms - chance.now_ms;
        if left_ms <= 0.0 {
            return Err(not_ready(error));
        }
        let delay_ms = error.retry_after_ms.unwrap_or(self.pause_ms).min(left_ms);
        self.pause_ms = (self.pause_ms * 2.0).min(LONGEST_PAUSE_MS);
        exchange.repeat();
        Ok(Step::wait("wait", delay_ms))
    }
}

fn not_ready(mut error: DpmsError) -> DpmsError {
    let advice = ": The 3D files are not ready: they take a minute or two to make, so ask again later. If they never come, \
                  check the order id.";
    error.message = [error.method.unwrap_or_default(), " ", error.endpoint.unwrap_or_default(), advice].concat();
    error.kind = ErrorKind::NotReady;
    error.retryable = true;
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_id_stays_one_segment_whatever_it_holds() {
        assert_eq!(escaped("Az09-_.~"), "Az09-_.~");
        assert_eq!(escaped("a/b c?#%ü"), "a%2Fb%20c%3F%23%25%C3%BC");
    }
}
