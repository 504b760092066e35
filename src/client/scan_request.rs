//! `createScanRequest` (§4.2).

use js_sys::JSON;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::arguments::{BIRTH_DATE, Fields, GENDER, ID, NAME, TEXT};
use super::options::JsCallOptions;
use super::{DpmsClient, data, v2};
use crate::error::Failure;
use crate::js::to_js;
use crate::transport::{Call, Method};
use crate::wire::Guid;
use crate::wire::scan_request::ScanRequest;

const ADVICE: &[(u16, &str)] = &[
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

#[wasm_bindgen]
impl DpmsClient {
    /// Pushes an RX to the practice's scanners and resolves to its `rxId`, by which `getOrder` finds the order once it is
    /// scanned (§4.2).
    ///
    /// Not repeated after a lost answer unless `retry.create` says so: the RX may have been made.
    #[wasm_bindgen(js_name = createScanRequest, unchecked_return_type = "string")]
    pub async fn create_scan_request(
        &self,
        request: Ts<ScanRequest>,
        options: Option<JsCallOptions>,
    ) -> Result<JsValue, JsValue> {
        let request = read(request.js_value())?;
        let scope = self.scope(options)?;
        let call = Call {
            method: Method::Post,
            body: JSON::stringify(&to_js(&request))?.as_string(),
            advice: ADVICE,
            ..Call::get("scan-request", v2(&self.transport, "scan-request")?)
        };
        let rx_id: Guid = data(&self.transport, &call, &scope).await?;
        Ok(rx_id.to_string().into())
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
