//! The patient calls: `searchPatients` (§5.1), `listPatients` and `patients` (§5.2), `updatePatient` (§5.3) and
//! `updatePatientByChartNumber` (§5.4).

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, BIRTH_DATE, COUNT, DATE, Fields, GENDER, GUID_TEXT, LIMIT, NAME, Parameter, TEXT};
use super::call::Prepared;
use super::orders::page;
use super::pages::{Listing, Walk};
use super::{body, v2, v3};
use crate::api::patients::{Patient, PatientMatch, PatientRecord, PatientsPage};
use crate::engine::error::DpmsError;
use crate::engine::step;
use crate::engine::{Details, Method, Nothing, Request, Transport};
use crate::schema::decode::{Envelope, decode};
use crate::schema::value::FromTape;

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
  /** Compared together with `lastName`; may be empty. */
  firstName: string;
  /** Compared together with `firstName`; may be empty. */
  lastName: string;
  /** The practice's own number of the patient. Empty stands for the patients without one, not for any. */
  chartNumber: string;
}

/**
 * Which patients to list: those who pass every filter. `*` and `%` in names and chart numbers stand for any text and
 * cannot be escaped. An empty filter counts as none. Dates are `YYYY-MM-DD`; unlike with orders, a range's end is **not** included.
 */
export interface PatientsFilter {
  /** The first name, with wildcards. */
  firstName?: string | null;
  /** The last name, with wildcards. */
  lastName?: string | null;
  /** The practice's own number of the patient, with wildcards. */
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

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /** The patients who have these names or this chart number (§5.1); empty if there are none. */
  searchPatients(criteria: PatientCriteria, options?: CallOptions | null): Promise<PatientMatch[]>;

  /** One page of the practice's patients (§5.2). `patients` pages by itself. Needs `endpoints.v3`. */
  listPatients(query?: PatientsQuery | null, options?: CallOptions | null): Promise<PatientsPage>;

  /**
   * Every patient who passes the filter, each once, to walk with `for await` (§5.2). The next page is fetched while this
   * one is walked. Needs `endpoints.v3`.
   */
  patients(filter?: PatientsFilter | null, options?: CallOptions | null): AsyncIterableIterator<Patient>;

  /**
   * Gives a patient a new chart number or name and resolves to the patient as it is then (§5.3).
   *
   * `bad-request` also means that there is no such patient or nothing to change: the API does not tell them apart.
   */
  updatePatient(update: PatientUpdate, options?: CallOptions | null): Promise<PatientRecord>;

  /**
   * Gives the one patient with a chart number new details (§5.4). `conflict` if there are more: the error's `matches`
   * lists them.
   */
  updatePatientByChartNumber(update: PatientByChartUpdate, options?: CallOptions | null): Promise<void>;
}
"#;

pub(super) fn search(
    transport: &Rc<Transport>,
    arguments: &Argument,
    _: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let mut fields = Fields::of("criteria", arguments.item(1))?;
    let query = fields.given(CRITERIA);
    fields.finish()?;
    let url = v2(transport, &["patient/search"])?;
    let request = Request { query, advice: SEARCH_ADVICE, ..Request::get("patient/search", url) };
    Ok(Prepared::of(request, Envelope::None, &<Vec<PatientMatch>>::KIND))
}

pub(super) fn list(transport: &Rc<Transport>, arguments: &Argument, _: &mut Fields<'_>) -> Result<Prepared, DpmsError> {
    let mut fields = Fields::of("query", arguments.item(1))?;
    let offset = fields.optional("offset", &COUNT).unwrap_or(0);
    let filter = Filter::read(&mut fields);
    fields.finish()?;
    Ok(Prepared::reading(filter.request(transport, offset)?, move |body| {
        let mut tape = match body {
            Some(body) => decode(Envelope::V3, &PatientsPage::KIND, body)?,
            None => PatientsPage::empty(),
        };
        PatientsPage::asked(&mut tape, offset);
        Ok(step::Value::of(tape, &PatientsPage::KIND))
    }))
}

pub(super) fn walk(transport: &Rc<Transport>, arguments: &Argument, _: &mut Fields<'_>) -> Result<Prepared, DpmsError> {
    let mut fields = Fields::of("filter", arguments.item(1))?;
    let filter = Filter::read(&mut fields);
    fields.finish()?;
    Prepared::walk(Walk::new(filter.listing(transport)))
}

pub(super) fn update(
    transport: &Rc<Transport>,
    arguments: &Argument,
    _: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let body = new_values(arguments, UPDATE, "must hold chartNumber, firstName or lastName")?;
    let request = Request { advice: UPDATE_ADVICE, ..Request::get("patients", v2(transport, &["patients"])?) };
    Ok(Prepared::of(request.with_body(Method::Patch, body), Envelope::None, &PatientRecord::KIND))
}

pub(super) fn update_by_chart(
    transport: &Rc<Transport>,
    arguments: &Argument,
    _: &mut Fields<'_>,
) -> Result<Prepared, DpmsError> {
    let body = new_values(arguments, UPDATE_BY_CHART, "must hold firstName, lastName, dateOfBirth or gender")?;
    let request = Request {
        advice: BY_CHART_ADVICE,
        details: Details::Matches,
        ..Request::get("patient/by-chart-number", v2(transport, &["patient/by-chart-number"])?)
    };
    // What a success says is not documented (R133).
    Ok(Prepared::reading(request.with_body(Method::Patch, body), |_| Ok(step::Value::Nothing)))
}

/// The body of an update, which must hold more than whose it is.
fn new_values(arguments: &Argument, parameters: &[Parameter], needed: &str) -> Result<String, DpmsError> {
    let mut fields = Fields::of("update", arguments.item(1))?;
    let given = fields.given(parameters);
    if given.len() < 2 && fields.is_faultless() {
        fields.fault("update", needed);
    }
    fields.finish()?;
    Ok(body(&given, &[]))
}

struct Filter {
    /// The filters that were given, with their keys as §5.2.2 spells them.
    query: Vec<(String, String)>,
    limit: u32,
}

impl Filter {
    fn read(fields: &mut Fields<'_>) -> Self {
        let mut query = fields.given(FILTER);
        query.retain(|(_, value)| !value.is_empty()); // R121
        Self { query, limit: fields.optional("limit", &LIMIT).unwrap_or(DEFAULT_LIMIT) }
    }

    fn request(&self, transport: &Transport, offset: u32) -> Result<Request, DpmsError> {
        let mut query = page("Offset", offset, "Limit", self.limit);
        query.extend_from_slice(&self.query);
        Ok(Request {
            query,
            advice: LIST_ADVICE,
            details: Details::Fields,
            nothing: Nothing::NotFound,
            ..Request::get("patient/search", v3(transport, &["patient/search"])?)
        })
    }

    fn listing(self, transport: &Rc<Transport>) -> Listing {
        let transport = Rc::clone(transport);
        Listing {
            request: Box::new(move |offset| self.request(&transport, offset)),
            envelope: Envelope::V3,
            page: &PatientsPage::KIND,
            cell: PatientsPage::cell("patients"),
            rows: &<Vec<Patient>>::KIND,
            guid: Patient::cell("patient_id"),
            more: |tape, offset| {
                PatientsPage::asked(tape, offset);
                tape.number(PatientsPage::cell("next_offset")).is_some()
            },
            rewind: 0,
        }
    }
}
