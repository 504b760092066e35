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

/// Plays the parts of the practice that are not calls of the API.
///
/// For processes and pages that only have a URL, most are also calls: `POST {baseUrl}/sandbox/<operation>` with a JSON object,
/// both named at each method, and `Authorization: Bearer` with any token that the sandbox ever issued. Responses are JSON
/// objects, empty where a method returns nothing.
///
/// A method rejects with a `TypeError` for a wrong argument (400 over HTTP), and with a `RangeError` for an RX, an order or
/// a doctor that the practice does not have (404). Nothing has changed then.
#[wasm_bindgen]
pub struct SandboxControl(Rc<Shell>);

#[wasm_bindgen]
impl SandboxControl {
    /// Plays the scanner: an RX that a scan request pushed becomes an order of status `Completed`, scanned now, and a callback
    /// is pushed. Completing it again returns the same order and pushes nothing.
    ///
    /// `complete-scan` with `{"rxId": "…"}` answers `{"rxId": "…", "orderId": 1}`.
    #[wasm_bindgen(js_name = completeScan, unchecked_return_type = "Promise<CompletedScan>")]
    pub fn complete_scan(
        &self,
        #[wasm_bindgen(js_name = rxId, unchecked_param_type = "string")] rx_id: &JsValue,
    ) -> Promise {
        promise(|| object(&self.perform::<CompleteScan>("completeScan", &[("rxId", rx_id)])?))
    }

    /// Moves a scanned order in its flow, to one of the documented statuses or any other string that is not blank (§4.4.6). A
    /// status that differs from the present one pushes a callback.
    ///
    /// `order-status` with `{"rxId": "…", "status": "…"}`.
    #[wasm_bindgen(js_name = setOrderStatus, unchecked_return_type = "Promise<void>")]
    pub fn set_order_status(
        &self,
        #[wasm_bindgen(js_name = rxId, unchecked_param_type = "string")] rx_id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] status: &JsValue,
    ) -> Promise {
        promise(|| self.perform::<OrderStatus>("setOrderStatus", &[("rxId", rx_id), ("status", status)]).map(nothing))
    }

    /// Takes a screen capture of an order's scan now: a JPEG, which both the list of screen captures and the order's zip have
    /// from now on. It never pushes a callback, as the API does not (§4.5.1).
    ///
    /// `screen-capture` with `{"orderId": 1}` answers `{"captureId": "…", "fileUrl": "…"}`.
    #[wasm_bindgen(js_name = addScreenCapture, unchecked_return_type = "Promise<AddedScreenCapture>")]
    pub fn add_screen_capture(
        &self,
        #[wasm_bindgen(js_name = orderId, unchecked_param_type = "number")] order_id: &JsValue,
    ) -> Promise {
        promise(|| object(&self.perform::<ScreenCapture>("addScreenCapture", &[("orderId", order_id)])?))
    }

    /// Sets how 3D archives are made from now on, those of old orders included, as doctors do on myitero.com (§4.7.5). The
    /// settings replace those before: what they leave out has its default.
    ///
    /// `export-settings` with the settings.
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

    /// Expires the present token: calls of the API with it are answered 401 from now on. Returns the one that is accepted
    /// instead, which `Sandbox.accessToken` is then, too.
    ///
    /// `expire-token` with `{}` answers `{"accessToken": "…"}`.
    #[wasm_bindgen(js_name = expireToken, unchecked_return_type = "Promise<string>")]
    pub fn expire_token(&self) -> Promise {
        promise(|| Ok(self.perform::<ExpireToken>("expireToken", &[])?.access_token.into()))
    }

    /// Sets where to POST `{"Id": rxId, "CompanyId": "…"}` after each change of an order; `null` for nowhere, as at first.
    /// An absolute http or https URL without credentials. Each callback is sent once with the platform's `fetch`, waits at
    /// most 10 seconds for a response, and is lost silently if the receiver is away: poll for what was missed.
    ///
    /// `callback-url` with `{"url": "…"}` or `{"url": null}`.
    #[wasm_bindgen(js_name = setCallbackUrl, unchecked_return_type = "Promise<void>")]
    pub fn set_callback_url(&self, #[wasm_bindgen(unchecked_param_type = "string | null")] url: &JsValue) -> Promise {
        promise(|| self.perform::<CallbackUrl>("setCallbackUrl", &[("url", url)]).map(nothing))
    }

    /// Resolves once every callback under way has been answered or has failed; at once if there is none.
    #[wasm_bindgen(js_name = callbacksSettled, unchecked_return_type = "Promise<void>")]
    pub fn callbacks_settled(&self) -> Promise {
        self.0.callbacks.settled()
    }

    /// Makes future calls of the API fail, not these operations. Of several faults that match a call, the one added first
    /// applies.
    ///
    /// `fault` with the fault.
    #[wasm_bindgen(js_name = addFault, unchecked_return_type = "Promise<void>")]
    pub fn add_fault(&self, #[wasm_bindgen(unchecked_param_type = "SandboxFault")] fault: &JsValue) -> Promise {
        promise(|| {
            let fault = properties(fault, "addFault", "fault")?;
            self.perform_with::<Fault>("addFault", fault).map(nothing)
        })
    }

    /// Removes all faults.
    ///
    /// `clear-faults` with `{}`.
    #[wasm_bindgen(js_name = clearFaults, unchecked_return_type = "Promise<void>")]
    pub fn clear_faults(&self) -> Promise {
        promise(|| self.perform::<ClearFaults>("clearFaults", &[]).map(nothing))
    }

    /// Puts the practice's clock forward by `ms` milliseconds, 0 or more. It then runs ahead of `SandboxOptions.now` by the
    /// sum of all advances. A fault's `delayMs` is real time, which it does not advance.
    ///
    /// `clock` with `{"advanceMs": 1}`.
    #[wasm_bindgen(js_name = advanceClock, unchecked_return_type = "Promise<void>")]
    pub fn advance_clock(&self, #[wasm_bindgen(unchecked_param_type = "number")] ms: &JsValue) -> Promise {
        promise(|| self.perform::<AdvanceClock>("advanceClock", &[("advanceMs", ms)]).map(nothing))
    }

    /// Returns the practice as a string, for `SandboxOptions.snapshot`: patients, orders, captures, tokens, callback URL and
    /// clock, not the faults. It holds what happened since the practice was made up, so it stays small.
    pub fn snapshot(&self) -> Result<String, JsValue> {
        self.0.look(|practice| practice.snapshot())
    }
}

impl SandboxControl {
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        Self(Rc::clone(shell))
    }

    /// Does what `method` is for with its arguments.
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
