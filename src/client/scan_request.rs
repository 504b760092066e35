//! `createScanRequest` (§4.2) and `deleteScanRequest` (§4.3).

use js_sys::Promise;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::arguments::{BIRTH_DATE, Fields, GENDER, GUID, ID, NAME, TEXT, single};
use super::options::JsCallOptions;
use super::{DpmsClient, Prepared, v2};
use crate::error::Failure;
use crate::transport::{Call, Method, Nothing};
use crate::wire::Guid;
use crate::wire::decode::Envelope;
use crate::wire::model::Value;
use crate::wire::scan_request::ScanRequest;

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
        let request = read(request)?;
        let call = Call { advice: CREATE_ADVICE, ..Call::get("scan-request", v2(&self.transport, "scan-request")?) };
        Ok(Prepared::of(call.with_body(Method::Post, request.body()), Envelope::V2, &Guid::KIND))
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

fn read(request: JsValue) -> Result<ScanRequest, Failure> {
    let mut fields = Fields::of("request", request)?;
    let request = ScanRequest {
        company_id: fields.required("companyId", &ID),
        doctor_id: fields.required("doctorId", &ID),
        license_number: fields.optional("licenseNumber", &TEXT),
        patient_first_name: fields.required("patientFirstName", &NAME),
        patient_last_name: fields.required("patientLastName", &NAME),
        patient_chart_number: fields.required("patientChartNumber", &NAME),
        gender: fields.optional("gender", &GENDER),
        date_of_birth: fields.optional("dateOfBirth", &BIRTH_DATE),
        notes: fields.optional("notes", &TEXT),
        lab_id: fields.optional("labId", &ID),
        procedure_map_id: fields.optional("procedureMapId", &ID),
    };
    fields.finish()?;
    Ok(request)
}
