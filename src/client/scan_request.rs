//! `createScanRequest` (§4.2) and `deleteScanRequest` (§4.3).

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{object, single};
use super::{DpmsClient, Prepared};
use crate::api::scan_request::{CREATE, DELETE, ScanRequest};
use crate::engine::Transport;
use crate::scalar::Guid;
use crate::schema::input::ToWire;
use crate::schema::request::Request;

#[wasm_bindgen]
impl DpmsClient {
    /// Pushes an RX to the practice's scanners and resolves to its `rxId` (§4.2). `getOrder` takes it and returns the order
    /// once the RX is scanned.
    ///
    /// The call is not retried unless `retry.create` is `true`, since the RX may exist although the response was lost.
    #[wasm_bindgen(js_name = createScanRequest, unchecked_return_type = "Promise<string>")]
    pub fn create_scan_request(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ScanRequest")] request: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(create(self.transport(), request), options)
    }

    /// Removes an RX from the scanners and myitero.com, and resolves to its `rxId` (§4.3). Rejects with `bad-request` if
    /// there is no such RX.
    #[wasm_bindgen(js_name = deleteScanRequest, unchecked_return_type = "Promise<string>")]
    pub fn delete_scan_request(
        &self,
        #[wasm_bindgen(js_name = rxId, unchecked_param_type = "string")] rx_id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(delete(self.transport(), rx_id), options)
    }
}

fn create(transport: &Transport, request: &JsValue) -> Prepared {
    let request: ScanRequest = object("request", request)?;
    Ok(CREATE.call(transport, request.pairs())?)
}

fn delete(transport: &Transport, rx_id: &JsValue) -> Prepared {
    let rx_id = single::<Guid>("rxId", rx_id)?.to_wire();
    Ok(DELETE.request(transport, &[&rx_id])?.call())
}
