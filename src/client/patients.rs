//! The patient calls: `searchPatients` (§5.1), `listPatients` and `patients` (§5.2), `updatePatient` (§5.3) and
//! `updatePatientByChartNumber` (§5.4).

use std::rc::Rc;

use js_sys::Promise;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::arguments::{BIRTH_DATE, COUNT, DATE, Fields, GENDER, GUID_TEXT, LIMIT, NAME, Parameter, TEXT};
use super::options::JsCallOptions;
use super::pages::{Listing, Pages, Walk, rows};
use super::{DpmsClient, Prepared, v2, v3};
use crate::error::Failure;
use crate::js::tape::build;
use crate::transport::{Call, Details, Method, Nothing, Transport};
use crate::wire::decode::{Envelope, decode};
use crate::wire::json::object;
use crate::wire::model::Value;
use crate::wire::patients::{Patient, PatientByChartUpdate, PatientMatch, PatientRecord, PatientUpdate, PatientsPage};

const DEFAULT_LIMIT: u32 = 100;

// The keys are as each section spells them (R11).

const CRITERIA: &[Parameter] = &[
    Parameter::must("firstName", "firstName", &TEXT),
    Parameter::must("lastName", "lastName", &TEXT),
    Parameter::must("chartNumber", "chartNumber", &TEXT),
];

const FILTER: &[Parameter] = &[
    Parameter::may("firstName", "FirstName", &TEXT),
    Parameter::may("lastName", "LastName", &TEXT),
    Parameter::may("chartNumber", "ChartNumber", &TEXT),
    Parameter::may("updatedDateFrom", "UpdatedDateFrom", &DATE),
    Parameter::may("updatedDateTo", "UpdatedDateTo", &DATE),
    Parameter::may("lastScanDateFrom", "LastScanDateFrom", &DATE),
    Parameter::may("lastScanDateTo", "LastScanDateTo", &DATE),
];

const UPDATE: &[Parameter] = &[
    Parameter::must("patientId", "PatientId", &GUID_TEXT),
    Parameter::may("chartNumber", "ChartNumber", &NAME),
    Parameter::may("firstName", "FirstName", &NAME),
    Parameter::may("lastName", "LastName", &NAME),
];

const UPDATE_BY_CHART: &[Parameter] = &[
    Parameter::must("chartNumber", "ChartNumber", &NAME),
    Parameter::may("firstName", "FirstName", &NAME),
    Parameter::may("lastName", "LastName", &NAME),
    Parameter::may("dateOfBirth", "DateOfBirth", &BIRTH_DATE),
    Parameter::may("gender", "Gender", &GENDER),
];

// R10: what the API answers where patient calls are not enabled is not documented.
const NOT_ENABLED: &str = "The access token may not do this: iTero enables patient calls per integration, by request, and they may not be \
     enabled for this one.";

const SEARCH_ADVICE: &[(u16, &str)] = &[(403, NOT_ENABLED)];

const LIST_ADVICE: &[(u16, &str)] = &[
    (400, "The API refused a filter: mend or leave out what fieldErrors names."),
    (403, NOT_ENABLED),
    (404, "The answer is a web page: endpoints.v3 does not lead to the API."),
];

const UPDATE_ADVICE: &[(u16, &str)] = &[
    (400, "Nothing was updated: there is no patient with this patientId, or it has these values already."),
    (403, NOT_ENABLED),
    (404, "The API got no patientId."),
];

const BY_CHART_ADVICE: &[(u16, &str)] = &[
    (400, "The API refused the update: it needs a chart number and one new value or more."),
    (403, NOT_ENABLED),
    (404, "There is no patient with this chart number."),
    (
        409,
        "More than one patient has this chart number, and the error lists them: choose one and update it by its \
         patientId, or give each its own chart number.",
    ),
];

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * What to look for, with `searchPatients`. A patient is found who has both names, exactly, **or** the chart number. An
 * empty chart number finds every patient without one; empty names find patients by the chart number alone.
 */
export interface PatientCriteria {
  firstName: string;
  lastName: string;
  chartNumber: string;
}

/**
 * Which patients to list: those who pass every filter. `*` and `%` in names and chart numbers stand for any text and
 * cannot be escaped. An empty filter counts as none. Dates are `YYYY-MM-DD`; unlike with orders, a range's end is **not** included.
 */
export interface PatientsFilter {
  firstName?: string | null;
  lastName?: string | null;
  chartNumber?: string | null;
  /** Changed on this date or later. */
  updatedDateFrom?: string | null;
  /** Changed before this date. */
  updatedDateTo?: string | null;
  /** Last scanned on this date or later. */
  lastScanDateFrom?: string | null;
  /** Last scanned before this date. */
  lastScanDateTo?: string | null;
  /** How many patients to ask for at once: 1 to 100, 100 by default. */
  limit?: number | null;
}

/** Which page of which patients. */
export interface PatientsQuery extends PatientsFilter {
  /** How many patients to skip: 0 by default. */
  offset?: number | null;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "PatientCriteria")]
    pub type JsPatientCriteria;

    #[wasm_bindgen(typescript_type = "PatientsQuery")]
    pub type JsPatientsQuery;

    #[wasm_bindgen(typescript_type = "PatientsFilter")]
    pub type JsPatientsFilter;
}

#[wasm_bindgen]
impl DpmsClient {
    /// The patients who have these names or this chart number (§5.1); empty if there are none.
    #[wasm_bindgen(js_name = searchPatients, unchecked_return_type = "Promise<PatientMatch[]>")]
    pub fn search_patients(&self, criteria: JsPatientCriteria, options: Option<JsCallOptions>) -> Promise {
        self.promise(self.patient_search(criteria.into()), options)
    }

    /// One page of the practice's patients (§5.2). `patients` pages by itself. Needs `endpoints.v3`.
    #[wasm_bindgen(js_name = listPatients, unchecked_return_type = "Promise<PatientsPage>")]
    pub fn list_patients(&self, query: Option<JsPatientsQuery>, options: Option<JsCallOptions>) -> Promise {
        self.promise(self.patients_page(query.into()), options)
    }

    /// Every patient who passes the filter, each once, to walk with `for await` (§5.2). The next page is fetched while this
    /// one is walked. Needs `endpoints.v3`.
    #[wasm_bindgen(unchecked_return_type = "AsyncIterableIterator<Patient>")]
    pub fn patients(
        &self,
        filter: Option<JsPatientsFilter>,
        options: Option<JsCallOptions>,
    ) -> Result<JsValue, JsValue> {
        let mut fields = Fields::of("filter", filter.into())?;
        let filter = Filter::read(&mut fields);
        fields.finish()?;
        let scope = self.scope(options)?;
        Ok(rows(Pages::from(Walk::new(&self.transport, scope, filter.listing(&self.transport)))))
    }

    /// Gives a patient a new chart number or name and resolves to the patient as it is then (§5.3).
    ///
    /// `bad-request` also means that there is no such patient or nothing to change: the API does not tell them apart.
    #[wasm_bindgen(js_name = updatePatient, unchecked_return_type = "Promise<PatientRecord>")]
    pub fn update_patient(&self, update: Ts<PatientUpdate>, options: Option<JsCallOptions>) -> Promise {
        self.promise(self.update(update.js_value()), options)
    }

    /// Gives the one patient with a chart number new details (§5.4). `conflict` if there are more: the error's `matches`
    /// lists them.
    #[wasm_bindgen(js_name = updatePatientByChartNumber, unchecked_return_type = "Promise<void>")]
    pub fn update_patient_by_chart_number(
        &self,
        update: Ts<PatientByChartUpdate>,
        options: Option<JsCallOptions>,
    ) -> Promise {
        self.promise(self.update_by_chart(update.js_value()), options)
    }
}

impl DpmsClient {
    fn patient_search(&self, criteria: JsValue) -> Result<Prepared, Failure> {
        let mut fields = Fields::of("criteria", criteria)?;
        let query = fields.given(CRITERIA);
        fields.finish()?;
        let url = v2(&self.transport, "patient/search")?;
        let call = Call { query, advice: SEARCH_ADVICE, ..Call::get("patient/search", url) };
        Ok(Prepared::of(call, Envelope::None, &<Vec<PatientMatch>>::KIND))
    }

    fn patients_page(&self, query: JsValue) -> Result<Prepared, Failure> {
        let mut fields = Fields::of("query", query)?;
        let offset = fields.optional("offset", &COUNT).unwrap_or(0);
        let filter = Filter::read(&mut fields);
        fields.finish()?;
        let read = move |body: Option<&[u8]>| {
            let mut tape = match body {
                Some(body) => decode(Envelope::V3, &PatientsPage::KIND, body)?,
                None => PatientsPage::empty(),
            };
            PatientsPage::asked(&mut tape, offset);
            Ok(build(&tape, &PatientsPage::KIND, 0))
        };
        Ok(Prepared { call: filter.call(&self.transport, offset)?, read: Box::new(read) })
    }

    fn update(&self, update: JsValue) -> Result<Prepared, Failure> {
        let mut fields = Fields::of("update", update)?;
        let given = fields.given(UPDATE);
        if given.len() < 2 && fields.is_faultless() {
            fields.fault("update", "must hold chartNumber, firstName or lastName");
        }
        fields.finish()?;
        let call = Call { advice: UPDATE_ADVICE, ..Call::get("patients", v2(&self.transport, "patients")?) };
        Ok(Prepared::of(call.with_body(Method::Patch, object(&given, &[])), Envelope::None, &PatientRecord::KIND))
    }

    fn update_by_chart(&self, update: JsValue) -> Result<Prepared, Failure> {
        let mut fields = Fields::of("update", update)?;
        let given = fields.given(UPDATE_BY_CHART);
        if given.len() < 2 && fields.is_faultless() {
            fields.fault("update", "must hold firstName, lastName, dateOfBirth or gender");
        }
        fields.finish()?;
        let call = Call {
            advice: BY_CHART_ADVICE,
            details: Details::Matches,
            ..Call::get("patient/by-chart-number", v2(&self.transport, "patient/by-chart-number")?)
        };
        let call = call.with_body(Method::Patch, object(&given, &[]));
        Ok(Prepared { call, read: Box::new(|_| Ok(JsValue::UNDEFINED)) }) // what a success says is not documented (R133)
    }
}

struct Filter {
    /// The filters that were given, with their keys as §5.2.2 spells them.
    query: Vec<(&'static str, String)>,
    limit: u32,
}

impl Filter {
    fn read(fields: &mut Fields) -> Self {
        let mut query = fields.given(FILTER);
        query.retain(|(_, value)| !value.is_empty()); // R121
        Self { query, limit: fields.optional("limit", &LIMIT).unwrap_or(DEFAULT_LIMIT) }
    }

    fn call(&self, transport: &Transport, offset: u32) -> Result<Call, Failure> {
        let mut query = vec![("Offset", offset.to_string()), ("Limit", self.limit.to_string())];
        query.extend_from_slice(&self.query);
        Ok(Call {
            query,
            advice: LIST_ADVICE,
            details: Details::Fields,
            nothing: Nothing::NotFound,
            ..Call::get("patient/search", v3(transport, "patient/search")?)
        })
    }

    fn listing(self, transport: &Rc<Transport>) -> Listing {
        let transport = Rc::clone(transport);
        Listing {
            call: Box::new(move |offset| self.call(&transport, offset)),
            envelope: Envelope::V3,
            page: &PatientsPage::KIND,
            rows: PatientsPage::cell("patients"),
            row: &Patient::KIND,
            guid: Patient::cell("patient_id"),
            more: |tape, offset| {
                PatientsPage::asked(tape, offset);
                tape.number(PatientsPage::cell("next_offset")).is_some()
            },
            rewind: 0,
        }
    }
}
