//! Patients: what the searches find (§5.1, §5.2), and what the updates send and return (§5.3, §5.4).

use super::endpoint::{Absent, Endpoint, Explains, Version};
use super::scope::Scope;
use crate::scalar::{Gender, Guid, Id, PlainDate, Timestamp};
use crate::schema::decode::Envelope;
use crate::schema::input::{BirthDate, Date, NonBlank, Offset, Text, inputs, whole_number};
use crate::schema::model::{cell, model};
use crate::schema::request::{Request, request};
use crate::schema::tape::Tape;
use crate::schema::value::TextOrNumber;

/// The patients who have both names or the chart number (§5.1).
pub const SEARCH: Endpoint = Endpoint::get(Version::V2, Scope::PatientsRead, "patient/search")
    .takes::<PatientCriteria>()
    .returns::<Vec<PatientMatch>>(Envelope::None)
    .hints(&[(403, NOT_ENABLED)]);

/// One page of the practice's patients (§5.2).
pub const LIST: Endpoint = Endpoint::get(Version::V3, Scope::PatientsRead, "patient/search")
    .takes::<PatientsQuery>()
    .returns::<PatientsPage>(Envelope::V3)
    .absent(Absent::NotFound(PatientsPage::empty))
    .explains(Explains::Fields)
    .hints(&[
        (400, "The API refused a filter: fix or leave out what fieldErrors names."),
        (403, NOT_ENABLED),
        (404, "The response is a web page: endpoints.v3 does not lead to the API."),
    ]);

/// Changes a patient's chart number or name (§5.3).
pub const UPDATE: Endpoint = Endpoint::patch(Version::V2, Scope::PatientsWrite, "patients")
    .takes::<PatientUpdate>()
    .returns::<PatientRecord>(Envelope::None)
    .hints(&[
        (400, "Nothing was updated: there is no patient with this patientId, or it has these values already."),
        (403, NOT_ENABLED),
        (404, "The API got no patientId."),
    ]);

/// Changes the details of the patient with a chart number (§5.4). The body of a success is not documented (R133).
pub const UPDATE_BY_CHART: Endpoint = Endpoint::patch(Version::V2, Scope::PatientsWrite, "patient/by-chart-number")
    .takes::<PatientByChartUpdate>()
    .explains(Explains::Matches)
    .hints(&[
        (400, "The API refused the update: it needs a chart number and one new value or more."),
        (403, NOT_ENABLED),
        (404, "There is no patient with this chart number."),
        (
            409,
            "More than one patient has this chart number, and the error lists them: choose one and update it by its \
             patientId, or give each its own chart number.",
        ),
    ]);

// R10: what the API answers where patient calls are not enabled is not documented.
const NOT_ENABLED: &str = "The access token may not do this: iTero enables patient calls per integration, by request, and they may not be \
     enabled for this one.";

/// How many patients a page has by default.
pub(crate) const DEFAULT_LIMIT: u32 = 100;

inputs! {
    /// How many patients to request per page (R111).
    Limit: "number" => u32, "a whole number from 1 to 100", |value| whole_number(value, 1, 100);
}

request! {
    /// What `searchPatients` looks for: patients with exactly these two names **or** this chart number. An empty chart number
    /// also finds every patient without one; with empty names, only the chart number counts.
    pub struct PatientCriteria {
        /// Compared together with `lastName`; may be empty.
        first_name: Text = required "firstName",
        /// Compared together with `firstName`; may be empty.
        last_name: Text = required "lastName",
        /// The practice's own number for the patient. An empty one matches the patients without a number, not all patients.
        chart_number: Text = required "chartNumber",
    }
}

request! {
    /// Which patients to list: those who match all filters. `*` and `%` in names and chart numbers stand for any text and
    /// cannot be escaped. An empty filter is ignored. Dates are `YYYY-MM-DD`; unlike with orders, the end of a range is
    /// **not** included.
    #[derive(Default)]
    pub struct PatientsFilter {
        /// How many patients to request per page: 1 to 100, 100 by default.
        limit: Limit = "Limit",
        /// The first name, with wildcards.
        first_name: Text = "FirstName",
        /// The last name, with wildcards.
        last_name: Text = "LastName",
        /// The practice's own number for the patient, with wildcards.
        chart_number: Text = "ChartNumber",
        /// Changed on this date or later.
        updated_date_from: Date = "UpdatedDateFrom",
        /// Changed before this date.
        updated_date_to: Date = "UpdatedDateTo",
        /// Last scanned on this date or later.
        last_scan_date_from: Date = "LastScanDateFrom",
        /// Last scanned before this date.
        last_scan_date_to: Date = "LastScanDateTo",
    }
}

request! {
    /// Which patients to list, and which page of them.
    pub struct PatientsQuery extends PatientsFilter {
        /// How many patients to skip: 0 by default.
        offset: Offset = "Offset",
    }
}

impl PatientsFilter {
    /// Returns the query of the page at `offset`.
    pub(crate) fn at(&self, offset: u32) -> PatientsQuery {
        PatientsQuery { offset: Some(offset), base: self.clone() }.with_defaults()
    }
}

impl PatientsQuery {
    /// Fills in what the caller left out; an empty filter counts as none (R121).
    pub(crate) fn with_defaults(mut self) -> Self {
        self.offset.get_or_insert(0);
        self.base.limit.get_or_insert(DEFAULT_LIMIT);
        for filter in [&mut self.base.first_name, &mut self.base.last_name, &mut self.base.chart_number] {
            filter.take_if(|text| text.is_empty());
        }
        self
    }
}

model! {
    /// A patient that `searchPatients` found (§5.1.3).
    pub struct PatientMatch {
        /// The patient's GUID, which `updatePatient` takes.
        patient_id: Guid = "UniqueId",
        /// The first name.
        first_name: Option<String> = "FirstName",
        /// The last name.
        last_name: Option<String> = "LastName",
        /// The practice's own number for the patient; `null` or blank for a patient without one.
        chart_number: Option<String> = "ChartNumber",
        /// The birth date.
        date_of_birth: Option<PlainDate> = "DateOfBirth",
        /// `null` when unknown.
        gender: Option<Gender> = "Gender",
    }
}

model! {
    /// A patient of the practice (§5.2.3).
    pub struct Patient {
        /// The patient's GUID, which `updatePatient` takes.
        patient_id: Guid = "Id",
        /// The first name.
        first_name: Option<String> = "FirstName",
        /// The last name.
        last_name: Option<String> = "LastName",
        /// The practice's own number for the patient; `null` or blank for a patient without one.
        chart_number: Option<String> = "ChartNumber",
        /// The birth date.
        date_of_birth: Option<PlainDate> = "DateOfBirth",
        /// `null` when unknown.
        gender: Option<Gender> = "Gender",
        /// When the patient was created.
        creation_date: Option<Timestamp> = "CreationDate",
        /// When the patient's details last changed.
        updated_date: Option<Timestamp> = "UpdatedDate",
        /// When the patient was last scanned; `null` if never.
        last_scan_date: Option<Timestamp> = "LastScanDate",
    }
}

model! {
    /// A page of patients (§5.2.3).
    pub struct PatientsPage flattens "Meta" {
        /// The patients, in the API's order.
        patients: Vec<Patient> = required "Data",
        /// How many patients match in total.
        #[tsify(type = "number")]
        total: Option<Id> = "Total",
        /// How many patients this page has.
        #[tsify(type = "number")]
        count: Option<Id>,
        /// How many patients were skipped.
        #[tsify(type = "number")]
        offset: Option<Id>,
        /// What to pass as `offset` for the next page; `null` on the last.
        next_offset: Option<f64>,
    }
}

impl PatientsPage {
    /// Returns an empty last page, for a 404, which means that no patient was found (§5.2.4).
    pub(crate) fn empty() -> Tape {
        let mut tape = Tape::default();
        tape.add_row(Self::MODEL.width);
        tape.set(cell!(Self.total), 0.0);
        tape
    }

    /// Completes the page at `offset`. Pages advance by the number of rows received. The response's own next offset is ignored:
    /// by the document's rule it would point past the end (R112).
    pub(crate) fn complete(tape: &mut Tape, offset: u32) {
        let rows = tape.rows(cell!(Self.patients)).len() as f64;
        let offset = f64::from(offset);
        let end = offset + rows;
        let total = tape.number(cell!(Self.total)).unwrap_or(end);
        tape.set(cell!(Self.total), total);
        tape.set(cell!(Self.count), rows);
        tape.set(cell!(Self.offset), offset);
        if rows > 0.0 && end < total {
            tape.set(cell!(Self.next_offset), end);
        }
    }
}

model! {
    /// A patient as the updates return it: from `updatePatient` (§5.3.3), and in an error's `matches` (§5.4.3). The API explains
    /// few of the fields.
    pub struct PatientRecord {
        /// The patient's GUID, which `updatePatient` takes.
        patient_id: Guid = "UID",
        /// The API's own number for the patient; 0 in some responses.
        record_id: Option<Id> = "Id",
        /// The first name.
        first_name: Option<String> = "FirstName",
        /// The last name.
        last_name: Option<String> = "LastName",
        /// The practice's own number for the patient.
        chart_number: Option<String> = "ChartNumber",
        /// The birth date.
        date_of_birth: Option<PlainDate> = "DateOfBirth",
        /// `null` when unknown.
        gender: Option<Gender> = "Gender",
        /// The middle initial.
        #[tsify(type = "string | null")]
        mi: Option<TextOrNumber> = "MI",
        /// The postal code.
        #[tsify(type = "string | null")]
        zip_code: Option<TextOrNumber> = "ZipCode",
        /// When the patient was last scanned; `null` if never.
        last_scan_date: Option<Timestamp> = "LastScanDate",
        /// When the patient's details last changed.
        date_updated: Option<Timestamp> = "DateUpdated",
        /// A code that the API does not explain.
        row_status: Option<f64> = "RowStatus",
        /// A code that the API does not explain.
        r#type: Option<f64> = "Type",
        /// The patient's id at Align, if there is one.
        #[tsify(type = "string | null")]
        align_patient_id: Option<TextOrNumber> = "AlignPatientId",
        /// The patient's doctor; only in `matches`.
        doctor_id: Option<Id> = "DoctorId",
        /// The practice; only in `matches`.
        company_id: Option<Id> = "CompanyId",
    }
}

request! {
    /// New values for the patient with a GUID (§5.3.2). Pass at least one; what you leave out stays unchanged.
    pub struct PatientUpdate {
        /// The patient's GUID: the `patientId` of a patient that a call returned.
        patient_id: Guid = required "PatientId",
        /// The chart number to set; not blank.
        chart_number: NonBlank = "ChartNumber",
        /// The first name to set; not blank.
        first_name: NonBlank = "FirstName",
        /// The last name to set; not blank.
        last_name: NonBlank = "LastName",
    }
}

request! {
    /// New details for the one patient with a chart number (§5.4.2). Pass at least one; what you leave out stays unchanged.
    pub struct PatientByChartUpdate {
        /// The chart number by which the patient is found; not blank.
        chart_number: NonBlank = required "ChartNumber",
        /// The first name to set; not blank.
        first_name: NonBlank = "FirstName",
        /// The last name to set; not blank.
        last_name: NonBlank = "LastName",
        /// `YYYY-MM-DD`. Unlike a scan request, this call overwrites an existing birth date.
        date_of_birth: BirthDate = "DateOfBirth",
        /// The gender to set.
        gender: Gender = "Gender",
    }
}

/// An update: which patient, and what to change.
pub(crate) trait Update: Request {
    /// What an update must hold besides the patient, in the words of an error.
    const NEEDS: &'static str;
}

impl Update for PatientUpdate {
    const NEEDS: &'static str = "must hold chartNumber, firstName or lastName";
}

impl Update for PatientByChartUpdate {
    const NEEDS: &'static str = "must hold firstName, lastName, dateOfBirth or gender";
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::schema::decode::{DecodeError, Envelope, decode};
    use crate::schema::kind::Kind;
    use crate::schema::value::FromTape;

    const ID: &str = "8683E5E5-A9FE-47FF-96E8-2BD9AAB41D23";

    fn read(envelope: Envelope, kind: &Kind, body: &str) -> Json {
        decode(envelope, kind, body.as_bytes()).unwrap().json(kind, 0)
    }

    fn page(body: &str, offset: u32) -> Result<Json, DecodeError> {
        let mut tape = decode(Envelope::V3, &PatientsPage::KIND, body.as_bytes())?;
        PatientsPage::complete(&mut tape, offset);
        Ok(tape.json(&PatientsPage::KIND, 0))
    }

    #[test]
    fn the_v2_search_answers_a_bare_list_with_a_coded_gender() {
        let body = format!(
            r#"[{{"UniqueId":"{ID}","DateOfBirth":"1989-04-13T19:45:40.339Z","Gender":1,"ChartNumber":"A","FirstName":"Zoë",
                "LastName":null}},{{"UniqueId":"{ID}","Gender":0}}]"#
        );
        let list = read(Envelope::None, &<Vec<PatientMatch>>::KIND, &body);
        assert_eq!(
            list[0],
            json!({ "patientId": ID.to_lowercase(), "firstName": "Zoë", "lastName": null, "chartNumber": "A",
                    "dateOfBirth": "1989-04-13", "gender": "female" })
        );
        assert_eq!(list[1]["gender"], "male");
        assert_eq!(read(Envelope::None, &<Vec<PatientMatch>>::KIND, "[]"), json!([]));
    }

    #[test]
    fn a_v3_page_advances_by_its_rows_and_ends_at_the_total() {
        let row = |at: u32| format!(r#"{{"Id":"8683e5e5-a9fe-47ff-96e8-{at:012}","Gender":"Male"}}"#);
        let body = |total| {
            format!(
                r#"{{"Data":[{},{}],"Meta":{{"Total":{total},"Count":9,"NextOffset":100}},"Status":"Success"}}"#,
                row(1),
                row(2)
            )
        };
        let first = page(&body(5), 0).unwrap();
        assert_eq!(first["patients"][1]["gender"], "male");
        assert_eq!([&first["total"], &first["count"], &first["offset"], &first["nextOffset"]], [5, 2, 0, 2]);
        assert_eq!(page(&body(5), 3).unwrap()["nextOffset"], Json::Null);
        let empty = page(r#"{"Data":[],"Meta":{"Total":5},"Status":"Success"}"#, 0).unwrap();
        assert_eq!(empty["nextOffset"], Json::Null, "an empty page would be asked for again and again");
    }

    #[test]
    fn a_v3_page_may_lack_its_meta_but_not_its_data_and_its_status_may_refuse() {
        assert_eq!(page(r#"{"Data":[]}"#, 7).unwrap()["total"], 7);
        assert_eq!(page(r#"{"Meta":{},"Status":"Success"}"#, 0), Err(DecodeError::Field("Data".into())));
        assert_eq!(page(r#"{"Status":2,"Message":"no"}"#, 0), Err(DecodeError::Refused));
        assert_eq!(page(r#"{"Data":[],"Status":2}"#, 0), Err(DecodeError::Refused));
        assert_eq!(page(r#"{"Data":[],"Status":1}"#, 0).unwrap()["count"], 0);
    }

    #[test]
    fn an_updates_answer_keeps_every_column() {
        let record = read(
            Envelope::None,
            &PatientRecord::KIND,
            &format!(
                r#"{{"LastScanDate":null,"RowStatus":1,"DateUpdated":"2021-04-25T19:40:58.0110489Z","Type":0,
                    "AlignPatientId":12,"Id":0,"UID":"{ID}","FirstName":"A","LastName":"B","ChartNumber":"000",
                    "DateOfBirth":"1989-04-13T00:00:00.000","Gender":1,"MI":"1","ZipCode":null}}"#
            ),
        );
        assert_eq!(
            record,
            json!({ "patientId": ID.to_lowercase(), "recordId": 0, "firstName": "A", "lastName": "B",
                    "chartNumber": "000", "dateOfBirth": "1989-04-13", "gender": "female", "mi": "1", "zipCode": null,
                    "lastScanDate": null, "dateUpdated": "2021-04-25T19:40:58.0110489Z", "rowStatus": 1, "type": 0,
                    "alignPatientId": "12", "doctorId": null, "companyId": null })
        );
    }
}
