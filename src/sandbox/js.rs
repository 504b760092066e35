//! The sandbox as JavaScript sees it. `pkg-template/sandbox.js` checks the options and builds the public API on this.

use js_sys::{TypeError, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Headers, ResponseInit};

use super::clock::FARTHEST;
use super::{Millis, Practice, Request, Settings};
use crate::wire::Guid;

/// A time of JavaScript's, which users' clocks may make anything.
fn millis(time: f64) -> Millis {
    time.clamp(-(FARTHEST as f64), FARTHEST as f64) as Millis
}

/// A practice that answers requests. Times are JavaScript's: milliseconds since 1970.
#[wasm_bindgen]
pub struct SandboxCore(Practice);

#[wasm_bindgen]
impl SandboxCore {
    /// A practice made up from `seed`, or the one of `snapshot`. A `TypeError` if the snapshot is malformed.
    #[wasm_bindgen(constructor)]
    pub fn new(
        seed: u64,
        base_url: String,
        access_token: String,
        generation_ms: f64,
        now: f64,
        snapshot: Option<String>,
    ) -> Result<Self, TypeError> {
        let settings = Settings { base_url, access_token, generation_ms: millis(generation_ms) };
        match snapshot {
            None => Ok(Self(Practice::new(settings, seed, millis(now)))),
            Some(text) => Practice::restore(settings, &text)
                .map(Self)
                .map_err(|reason| TypeError::new(&format!("snapshot is not one of control.snapshot(): {reason}"))),
        }
    }

    /// The standard `Response` to a request. `url` is absolute and without a fragment.
    pub fn handle(
        &mut self,
        method: &str,
        url: &str,
        authorization: Option<String>,
        body: &[u8],
        now: f64,
    ) -> Result<web_sys::Response, JsValue> {
        let request = Request { method, url, authorization: authorization.as_deref(), body };
        let response = self.0.handle(&request, millis(now));

        let headers = Headers::new()?;
        for (name, value) in &response.headers {
            headers.set(name, value)?;
        }
        let init = ResponseInit::new();
        init.set_status(response.status);
        init.set_headers(&headers);
        if response.body.is_empty() {
            return web_sys::Response::new_with_opt_str_and_init(None, &init);
        }
        let body = Uint8Array::from(response.body.as_slice());
        web_sys::Response::new_with_opt_buffer_source_and_init(Some(&body), &init)
    }

    /// Plays the scanner; the order's id, or nothing if there is no such RX.
    #[wasm_bindgen(js_name = completeScan)]
    pub fn complete_scan(&mut self, rx_id: &str, now: f64) -> Option<u32> {
        let rx_id: Guid = rx_id.parse().ok()?;
        self.0.complete_scan(rx_id, millis(now))
    }

    /// The practice as text.
    pub fn snapshot(&self) -> String {
        self.0.snapshot()
    }
}
