//! A scan request: the RX that goes to the scanner (§4.2).

use tsify::Tsify;

use crate::scalar::{Gender, Id, PlainDate};

/// An RX to push to the practice's scanners (§4.2.2).
///
/// The API matches the patient by first name, last name and chart number, all three; when one differs, it makes a new
/// patient.
#[derive(Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ScanRequest {
    /// The practice's `companyId`.
    #[tsify(type = "number | string")]
    pub company_id: Id,
    /// One of the practice's doctors.
    #[tsify(type = "number | string")]
    pub doctor_id: Id,
    /// Changes the doctor's license number for this RX **and every later one**; leave it out to keep it.
    #[tsify(optional, type = "string | null")]
    pub license_number: Option<String>,
    /// Not blank.
    pub patient_first_name: String,
    /// Not blank.
    pub patient_last_name: String,
    /// The practice's own number of the patient; not blank.
    pub patient_chart_number: String,
    /// Leave it out, or `null`, when unknown.
    #[tsify(optional, type = "Gender | null")]
    pub gender: Option<Gender>,
    /// `YYYY-MM-DD`. The API keeps the first one it gets and ignores later ones.
    #[tsify(optional, type = "string | null")]
    pub date_of_birth: Option<PlainDate>,
    /// Any text.
    #[tsify(optional, type = "string | null")]
    pub notes: Option<String>,
    /// One of the practice's labs, of the type that the procedure is sent to.
    #[tsify(optional, type = "number | string | null")]
    pub lab_id: Option<Id>,
    /// An id of `procedures()`. Without one, the procedure is chosen on the scanner.
    #[tsify(optional, type = "number | string | null")]
    pub procedure_map_id: Option<Id>,
}
