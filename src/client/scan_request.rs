//! `createScanRequest` (§4.2) and `deleteScanRequest` (§4.3).

use js_sys::Promise;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::arguments::{BIRTH_DATE, DIGITS, Fields, GENDER, GUID, NAME, Parameter, TEXT, single};
use super::options::JsCallOptions;
use super::{DpmsClient, Prepared, v2};
use crate::error::Failure;
use crate::transport::{Call, Method, Nothing};
use crate::wire::Guid;
use crate::wire::decode::Envelope;
use crate::wire::json::object;
use crate::wire::model::Value;
use crate::wire::scan_request::ScanRequest;

/// With every key as §4.2.2 spells it (R11).
const SCAN_REQUEST: &[Parameter] = &[
    Parameter::must("companyId", "CompanyId", &DIGITS),
    Parameter::must("doctorId", "DoctorId", &DIGITS),
    Parameter::may("licenseNumber", "LicenseNumber", &TEXT),
    Parameter::must("patientFirstName", "PatientFirstName", &NAME),
    Parameter::must("patientLastName", "PatientLastName", &NAME),
    Parameter::must("patientChartNumber", "PatientChartNumber", &NAME),
    Parameter::may("gender", "Gender", &GENDER),
    Parameter::may("dateOfBirth", "DateOfBirth", &BIRTH_DATE),
    Parameter::may("notes", "Notes", &TEXT),
    Parameter::may("labId", "labId", &DIGITS),
    Parameter::may("procedureMapId", "procedureMapId", &DIGITS),
];

const CREATE_ADVICE: &[(u16, &str)] = &[
    (
        400,
        "The API refused the scan request: check companyId, doctorId, labId and procedureMapId against the practice.",
    ),
    (
        409,
        "More than one patient has this chart number: give each its own before sending the RX. The API answers so only \
         where updates of patients are enabled.",
    ),
];

const DELETE_ADVICE: &[(u16, &str)] = &[(400, "There is no such RX to delete: check the rxId.")];

#[wasm_bindgen]
impl DpmsClient {
    /// Pushes an RX to the practice's scanners and resolves to its `rxId`, by which `getOrder` finds the order once it is
    /// scanned (§4.2).
    ///
    /// Not repeated after a lost answer unless `retry.create` says so: the RX may have been made.
    #[wasm_bindgen(js_name = createScanRequest, unchecked_return_type = "Promise<string>")]
    pub fn create_scan_request(&self, request: Ts<ScanRequest>, options: Option<JsCallOptions>) -> Promise {
        self.promise(self.creation(request.js_value()), options)
    }

    /// Takes an RX off the scanners and myitero.com again, and resolves to its `rxId` (§4.3). `bad-request` if there is no
    /// such RX.
    #[wasm_bindgen(js_name = deleteScanRequest, unchecked_return_type = "Promise<string>")]
    pub fn delete_scan_request(
        &self,
        #[wasm_bindgen(js_name = "rxId", unchecked_param_type = "string")] rx_id: JsValue,
        options: Option<JsCallOptions>,
    ) -> Promise {
        self.promise(self.deletion(&rx_id), options)
    }
}

impl DpmsClient {
    fn creation(&self, request: JsValue) -> Result<Prepared, Failure> {
        let mut fields = Fields::of("request", request)?;
        let given = fields.given(SCAN_REQUEST);
        fields.finish()?;
        let call = Call { advice: CREATE_ADVICE, ..Call::get("scan-request", v2(&self.transport, "scan-request")?) };
        let body = object(&given, &["CompanyId", "DoctorId", "labId", "procedureMapId"]);
        Ok(Prepared::of(call.with_body(Method::Post, body), Envelope::V2, &Guid::KIND))
    }

    fn deletion(&self, rx_id: &JsValue) -> Result<Prepared, Failure> {
        let rx_id = single("rxId", rx_id, &GUID)?;
        let url = v2(&self.transport, &format!("scan-request/{rx_id}"))?;
        let call = Call::get("scan-request/:rxId", url);
        let call = Call { method: Method::Delete, advice: DELETE_ADVICE, nothing: Nothing::Deleted, ..call };
        let Prepared { call, read } = Prepared::of(call, Envelope::V2, &Guid::KIND);
        let read = move |body: Option<&[u8]>| match body {
            Some(body) => read(Some(body)),
            None => Ok(rx_id.to_string().into()), // deleted by the attempt before
        };
        Ok(Prepared { call, read: Box::new(read) })
    }
}
