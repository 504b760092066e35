//! The patient calls: `searchPatients` (§5.1), `listPatients` and `patients` (§5.2), `updatePatient` (§5.3) and
//! `updatePatientByChartNumber` (§5.4).

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{Passed, object};
use super::{DpmsClient, Prepared};
use crate::api::patients::{
    DEFAULT_LIMIT, LIST, Patient, PatientByChartUpdate, PatientCriteria, PatientUpdate, PatientsFilter, PatientsPage,
    PatientsQuery, SEARCH, UPDATE, UPDATE_BY_CHART, Update,
};
use crate::engine::error::DpmsError;
use crate::engine::pages::Listing;
use crate::engine::{HttpRequest, Transport};
use crate::schema::decode::Envelope;
use crate::schema::model::cell;
use crate::schema::request::{Pair, Request};
use crate::schema::value::FromTape;

#[wasm_bindgen]
impl DpmsClient {
    /// Returns the patients who have these names or this chart number (§5.1); an empty array if there are none.
    #[wasm_bindgen(js_name = searchPatients, unchecked_return_type = "Promise<PatientMatch[]>")]
    pub fn search_patients(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PatientCriteria")] criteria: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(search(self.transport(), criteria), options)
    }

    /// Returns one page of the practice's patients (§5.2). `patients` reads all pages. Needs `endpoints.v3`.
    #[wasm_bindgen(js_name = listPatients, unchecked_return_type = "Promise<PatientsPage>")]
    pub fn list_patients(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "PatientsQuery | null")] query: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(list(self.transport(), query), options)
    }

    /// Returns an iterator over all patients who match the filter, each once, for `for await` (§5.2). The next page is
    /// fetched while you process the current one; `pagesAhead` fetches more. Needs `endpoints.v3`.
    #[wasm_bindgen(unchecked_return_type = "AsyncIterableIterator<Patient>")]
    pub fn patients(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "PatientsFilter | null")] filter: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "WalkOptions | null")] options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        self.walk(&LIST, listing(self.transport(), object("filter", filter)?)?, options)
    }

    /// Changes a patient's chart number or name, and resolves to the updated patient (§5.3).
    ///
    /// Rejects with `bad-request` also if there is no such patient or nothing to change: the API does not distinguish these
    /// cases.
    #[wasm_bindgen(js_name = updatePatient, unchecked_return_type = "Promise<PatientRecord>")]
    pub fn update_patient(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PatientUpdate")] update: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(update_by_id(self.transport(), update), options)
    }

    /// Changes the details of the one patient with a chart number (§5.4). Rejects with `conflict` if several patients have
    /// it; the error's `matches` lists them.
    #[wasm_bindgen(js_name = updatePatientByChartNumber, unchecked_return_type = "Promise<void>")]
    pub fn update_patient_by_chart_number(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PatientByChartUpdate")] update: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(update_by_chart(self.transport(), update), options)
    }
}

fn search(transport: &Transport, criteria: &JsValue) -> Prepared {
    let criteria: PatientCriteria = object("criteria", criteria)?;
    Ok(SEARCH.call(transport, criteria.pairs())?)
}

fn list(transport: &Transport, query: &JsValue) -> Prepared {
    let query = object::<PatientsQuery>("query", query)?.with_defaults();
    let offset = query.offset.unwrap_or_default();
    let request = LIST.request(transport, &[])?.taking(query.pairs());
    Ok(request.call_completed(move |tape| PatientsPage::complete(tape, offset)))
}

fn update_by_id(transport: &Transport, update: &JsValue) -> Prepared {
    Ok(UPDATE.call(transport, read_update::<PatientUpdate>(update)?)?)
}

fn update_by_chart(transport: &Transport, update: &JsValue) -> Prepared {
    Ok(UPDATE_BY_CHART.call(transport, read_update::<PatientByChartUpdate>(update)?)?)
}

/// Reads an update, which must hold more than whose it is.
fn read_update<U: Update>(passed: &JsValue) -> Result<Vec<Pair>, JsValue> {
    let passed = Passed::read(passed, &[])?;
    let mut validator = passed.validator("update")?;
    let pairs = U::read(&mut validator).map(|update| update.pairs());
    if validator.is_faultless() && pairs.as_ref().is_some_and(|pairs| pairs.len() < 2) {
        validator.fault("update", U::NEEDS);
    }
    Ok(validator.finish(pairs).map_err(DpmsError::from)?)
}

/// The list of the patients who pass a filter.
fn listing(transport: &Transport, filter: PatientsFilter) -> Result<Listing, DpmsError> {
    let url = transport.endpoints.url(&LIST, &[])?;
    let page_size = filter.limit.unwrap_or(DEFAULT_LIMIT);
    Ok(Listing {
        request: Box::new(move |offset| HttpRequest::new(&LIST, url.clone()).taking(filter.at(offset).pairs())),
        envelope: Envelope::V3,
        page: &PatientsPage::KIND,
        cell: cell!(PatientsPage.patients),
        rows: &<Vec<Patient>>::KIND,
        guid: cell!(Patient.patient_id),
        id: None,
        has_more: |tape, offset| {
            PatientsPage::complete(tape, offset);
            tape.number(cell!(PatientsPage.next_offset)).is_some()
        },
        page_size,
        max_rows: 2_000_000,
    })
}
