//! `createScanRequest` (§4.2) and `deleteScanRequest` (§4.3).

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, BIRTH_DATE, DIGITS, Fields, GENDER, GUID_TEXT, NAME, Parameter, TEXT, single};
use super::call::Prepared;
use super::{body, v2};
use crate::engine::error::DpmsError;
use crate::engine::step;
use crate::engine::{Method, Nothing, Request, Transport};
use crate::json::quoted;
use crate::scalar::Guid;
use crate::schema::decode::{DecodeError, Envelope, decode};
use crate::schema::value::FromTape;

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

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /**
   * Pushes an RX to the practice's scanners and resolves to its `rxId`, by which `getOrder` finds the order once it is
   * scanned (§4.2).
   *
   * Not repeated after a lost answer unless `retry.create` says so: the RX may have been made.
   */
  createScanRequest(request: ScanRequest, options?: CallOptions | null): Promise<string>;

  /**
   * Takes an RX off the scanners and myitero.com again, and resolves to its `rxId` (§4.3). `bad-request` if there is no
   * such RX.
   */
  deleteScanRequest(rxId: string, options?: CallOptions | null): Promise<string>;
}
"#;

pub(super) fn create(
    transport: &Rc<Transport>,
    arguments: &Argument,
    _: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let mut fields = Fields::of("request", arguments.item(1))?;
    let given = fields.given(SCAN_REQUEST);
    fields.finish()?;
    let url = v2(transport, &["scan-request"])?;
    let request = Request { advice: CREATE_ADVICE, ..Request::get("scan-request", url) };
    let body = body(&given, &["CompanyId", "DoctorId", "labId", "procedureMapId"]);
    Ok(Prepared::reading(request.with_body(Method::Post, body), |body| rx_id(body.unwrap_or_default())))
}

pub(super) fn delete(
    transport: &Rc<Transport>,
    arguments: &Argument,
    _: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let id = single("rxId", arguments.item(1), &GUID_TEXT)?;
    let request = Request::get("scan-request/:rxId", v2(transport, &["scan-request/", &id])?);
    let request = Request { method: Method::Delete, advice: DELETE_ADVICE, nothing: Nothing::Deleted, ..request };
    Ok(Prepared::reading(request, move |body| match body {
        Some(body) => rx_id(body),
        None => Ok(step::Value::Json(quoted(&id))), // deleted by the attempt before
    }))
}

fn rx_id(body: &[u8]) -> Result<step::Value, DecodeError> {
    let tape = decode(Envelope::V2, &Guid::KIND, body)?;
    Ok(step::Value::Json(quoted(tape.text(0).unwrap_or_default())))
}
