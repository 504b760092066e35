//! `sandbox.control`: each method is an operation of [`crate::sandbox::control`].

use std::rc::Rc;

use js_sys::{Promise, RangeError, TypeError};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::Shell;
use super::arguments::{Property, properties, read};
use super::trap::promise;
use crate::sandbox::control::{
    Action, AdvanceClock, CallbackUrl, ClearFaults, CompleteScan, ExpireToken, Nothing, OrderStatus, ScreenCapture,
};
use crate::sandbox::export_settings::ExportSettings;
use crate::sandbox::faults::Fault;

/// Controls what happens in the practice outside of the API: scans, order statuses, failures, the clock.
///
/// Processes and pages that only have a URL can call most methods over HTTP: `POST {baseUrl}/sandbox/<operation>` with a
/// JSON object, as each method's comment says, and `Authorization: Bearer` with any token that the sandbox ever issued.
/// Responses are JSON objects, empty where a method returns nothing.
///
/// A method rejects with a `TypeError` for a wrong argument (400 over HTTP), and with a `RangeError` for an RX, an order or
/// a doctor that the practice does not have (404). In both cases nothing has changed.
#[wasm_bindgen]
pub struct SandboxControl(Rc<Shell>);

#[wasm_bindgen]
impl SandboxControl {
    /// Acts as the scanner: turns the RX of a scan request into an order with status `Completed`, scanned now, and sends a
    /// callback. If the RX is completed already, returns the same order and sends nothing.
    ///
    /// Over HTTP: `complete-scan` with `{"rxId": "…"}` returns `{"rxId": "…", "orderId": 1}`.
    #[wasm_bindgen(js_name = completeScan, unchecked_return_type = "Promise<CompletedScan>")]
    pub fn complete_scan(
        &self,
        #[wasm_bindgen(js_name = rxId, unchecked_param_type = "string")] rx_id: &JsValue,
    ) -> Promise {
        promise(|| object(&self.perform::<CompleteScan>("completeScan", &[("rxId", rx_id)])?))
    }

    /// Sets the status of a scanned order to one of the documented statuses or any other string that is not blank (§4.4.6).
    /// If the status changes, a callback is sent.
    ///
    /// Over HTTP: `order-status` with `{"rxId": "…", "status": "…"}`.
    #[wasm_bindgen(js_name = setOrderStatus, unchecked_return_type = "Promise<void>")]
    pub fn set_order_status(
        &self,
        #[wasm_bindgen(js_name = rxId, unchecked_param_type = "string")] rx_id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] status: &JsValue,
    ) -> Promise {
        promise(|| self.perform::<OrderStatus>("setOrderStatus", &[("rxId", rx_id), ("status", status)]).map(nothing))
    }

    /// Takes a screen capture of an order's scan now. The JPEG is then in the list of screen captures and in the order's
    /// zip. As with the API, no callback is sent (§4.5.1).
    ///
    /// Over HTTP: `screen-capture` with `{"orderId": 1}` returns `{"captureId": "…", "fileUrl": "…"}`.
    #[wasm_bindgen(js_name = addScreenCapture, unchecked_return_type = "Promise<AddedScreenCapture>")]
    pub fn add_screen_capture(
        &self,
        #[wasm_bindgen(js_name = orderId, unchecked_param_type = "number")] order_id: &JsValue,
    ) -> Promise {
        promise(|| object(&self.perform::<ScreenCapture>("addScreenCapture", &[("orderId", order_id)])?))
    }

    /// Sets how 3D archives are made from now on, also for older orders, as doctors do on myitero.com (§4.7.5). The settings
    /// replace the previous ones: what you leave out gets its default.
    ///
    /// Over HTTP: `export-settings` with the settings.
    #[wasm_bindgen(js_name = setExportSettings, unchecked_return_type = "Promise<void>")]
    pub fn set_export_settings(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SandboxExportSettings")] settings: &JsValue,
    ) -> Promise {
        promise(|| {
            let settings = properties(settings, "setExportSettings", "settings")?;
            self.perform_with::<ExportSettings>("setExportSettings", settings).map(nothing)
        })
    }

    /// Expires the current token: from now on, calls of the API with it get a 401. Returns the token that is accepted
    /// instead, which is also the new `Sandbox.accessToken`.
    ///
    /// Over HTTP: `expire-token` with `{}` returns `{"accessToken": "…"}`.
    #[wasm_bindgen(js_name = expireToken, unchecked_return_type = "Promise<string>")]
    pub fn expire_token(&self) -> Promise {
        promise(|| Ok(self.perform::<ExpireToken>("expireToken", &[])?.access_token.into()))
    }

    /// Sets where to POST `{"Id": rxId, "CompanyId": "…"}` after each change of an order: an absolute http or https URL
    /// without credentials, or `null` for nowhere, the default. Each callback is sent once with the platform's `fetch` and
    /// waits at most 10 seconds for a response. If the receiver cannot be reached, the callback is lost without an error:
    /// poll to find what was missed.
    ///
    /// Over HTTP: `callback-url` with `{"url": "…"}` or `{"url": null}`.
    #[wasm_bindgen(js_name = setCallbackUrl, unchecked_return_type = "Promise<void>")]
    pub fn set_callback_url(&self, #[wasm_bindgen(unchecked_param_type = "string | null")] url: &JsValue) -> Promise {
        promise(|| self.perform::<CallbackUrl>("setCallbackUrl", &[("url", url)]).map(nothing))
    }

    /// Resolves once all callbacks in flight have got a response or failed; at once if there are none.
    #[wasm_bindgen(js_name = callbacksSettled, unchecked_return_type = "Promise<void>")]
    pub fn callbacks_settled(&self) -> Promise {
        self.0.callbacks.settled()
    }

    /// Makes later calls of the API fail; the operations of this class are not affected. If several faults match a call,
    /// the one added first applies.
    ///
    /// Over HTTP: `fault` with the fault.
    #[wasm_bindgen(js_name = addFault, unchecked_return_type = "Promise<void>")]
    pub fn add_fault(&self, #[wasm_bindgen(unchecked_param_type = "SandboxFault")] fault: &JsValue) -> Promise {
        promise(|| {
            let fault = properties(fault, "addFault", "fault")?;
            self.perform_with::<Fault>("addFault", fault).map(nothing)
        })
    }

    /// Removes all faults.
    ///
    /// Over HTTP: `clear-faults` with `{}`.
    #[wasm_bindgen(js_name = clearFaults, unchecked_return_type = "Promise<void>")]
    pub fn clear_faults(&self) -> Promise {
        promise(|| self.perform::<ClearFaults>("clearFaults", &[]).map(nothing))
    }

    /// Moves the practice's clock forward by `ms` milliseconds, 0 or more. The clock is then ahead of `SandboxOptions.now`
    /// by the sum of all advances. It does not shorten a fault's `delayMs`, which is real time.
    ///
    /// Over HTTP: `clock` with `{"advanceMs": 1}`.
    #[wasm_bindgen(js_name = advanceClock, unchecked_return_type = "Promise<void>")]
    pub fn advance_clock(&self, #[wasm_bindgen(unchecked_param_type = "number")] ms: &JsValue) -> Promise {
        promise(|| self.perform::<AdvanceClock>("advanceClock", &[("advanceMs", ms)]).map(nothing))
    }

    /// Returns the practice as a string, for `SandboxOptions.snapshot`: patients, orders, captures, tokens, callback URL and
    /// clock, but not the faults. It holds only what has happened since the practice was created, so it stays small.
    pub fn snapshot(&self) -> Result<String, JsValue> {
        self.0.look(|practice| practice.snapshot())
    }
}

impl SandboxControl {
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        Self(Rc::clone(shell))
    }

    /// Performs the operation of `method` with its arguments.
    fn perform<A: Action>(&self, method: &str, arguments: &[(&str, &JsValue)]) -> Result<A::Output, JsValue> {
        let arguments = arguments.iter().map(|&(name, value)| (name.to_owned(), value.clone()));
        self.perform_with::<A>(method, arguments.collect())
    }

    fn perform_with<A: Action>(&self, method: &str, arguments: Vec<Property>) -> Result<A::Output, JsValue> {
        let error = |message: String| format!("{method}: {message}");
        let action: A = read(arguments).map_err(|message| TypeError::new(&error(message)))?;
        self.0.work(|practice, now| practice.perform(action, now))?.map_err(|refusal| {
            let is_unknown = refusal.status == 404;
            let message = error(refusal.message);
            if is_unknown { RangeError::new(&message).into() } else { TypeError::new(&message).into() }
        })
    }
}

fn object(output: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(output)?)
}

fn nothing(_: Nothing) -> JsValue {
    JsValue::UNDEFINED
}
