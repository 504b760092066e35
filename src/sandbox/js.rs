//! The sandbox as JavaScript sees it. `pkg-template/lib/sandbox/sandbox.js` checks the options and builds the public API on this.

use js_sys::{TypeError, Uint8Array};
use wasm_bindgen::prelude::*;

use super::clock::FARTHEST;
use super::{Ending, Millis, Practice, Request, Response, Settings};

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
        access_token: Option<String>,
        generation_ms: f64,
        patient_updates: bool,
        now: f64,
        snapshot: Option<String>,
    ) -> Result<Self, TypeError> {
        let settings = Settings { base_url, access_token, generation_ms: millis(generation_ms), patient_updates };
        match snapshot {
            None => Ok(Self(Practice::new(settings, seed, millis(now)))),
            Some(text) => Practice::restore(settings, &text)
                .map(Self)
                .map_err(|reason| TypeError::new(&format!("snapshot is not one of control.snapshot(): {reason}"))),
        }
    }

    /// The answer to a request. `url` is absolute and without a fragment.
    pub fn handle(&mut self, method: &str, url: &str, authorization: Option<String>, body: &[u8], now: f64) -> Answer {
        let request = Request { method, url, authorization: authorization.as_deref(), body };
        Answer(self.0.handle(&request, millis(now)))
    }

    /// Does one of the sandbox's own operations with a JSON body.
    pub fn control(&mut self, operation: &str, body: &str, now: f64) -> Answer {
        Answer(self.0.control(operation, body.as_bytes(), millis(now)))
    }

    /// The token that is let in now.
    #[wasm_bindgen(getter, js_name = accessToken)]
    pub fn access_token(&self) -> String {
        self.0.access_token().into()
    }

    /// The practice as text.
    pub fn snapshot(&self) -> String {
        self.0.snapshot()
    }
}

/// An answer, and what JavaScript has to do besides.
#[wasm_bindgen]
pub struct Answer(Response);

#[wasm_bindgen]
impl Answer {
    /// Of HTTP.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Names and values in turn.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> Vec<String> {
        self.0.headers.iter().flat_map(|(name, value)| [(*name).into(), value.clone()]).collect()
    }

    /// Nothing if there is none.
    #[wasm_bindgen(getter)]
    pub fn body(&self) -> Option<Uint8Array> {
        (!self.0.body.is_empty()).then(|| Uint8Array::from(self.0.body.as_slice()))
    }

    /// How long the answer is to be held back.
    #[wasm_bindgen(getter, js_name = delayMs)]
    pub fn delay_ms(&self) -> f64 {
        self.0.delay_ms
    }

    /// Whether the connection is to break instead.
    #[wasm_bindgen(getter)]
    pub fn reset(&self) -> bool {
        self.0.ending == Ending::Reset
    }

    /// After how many bytes of the body the connection is to break, if it is.
    #[wasm_bindgen(getter, js_name = cutAfterBytes)]
    pub fn cut_after_bytes(&self) -> Option<u32> {
        match self.0.ending {
            Ending::CutAfter(bytes) => Some(bytes),
            Ending::Whole | Ending::Reset => None,
        }
    }

    /// The callbacks to send now: URLs and bodies in turn.
    #[wasm_bindgen(getter)]
    pub fn pushes(&self) -> Vec<String> {
        self.0.pushes.iter().flat_map(|push| [push.url.clone(), push.body.clone()]).collect()
    }
}
