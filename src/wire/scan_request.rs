//! A scan request: the RX that goes to the scanner (§4.2).

use tsify::Tsify;

use super::json::Object;
use super::{Gender, Id, PlainDate};

/// An RX to push to the practice's scanners (§4.2.2).
///
/// The API matches the patient by first name, last name and chart number, all three; when one differs, it makes a new
/// patient.
#[derive(Tsify, Debug, Default, PartialEq)]
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

impl ScanRequest {
    /// The body, with every key as §4.2.2 spells it. What is not given is left out (R30).
    pub(crate) fn body(&self) -> String {
        Object::default()
            .id("CompanyId", Some(self.company_id))
            .id("DoctorId", Some(self.doctor_id))
            .text("LicenseNumber", self.license_number.as_deref())
            .text("PatientFirstName", Some(&self.patient_first_name))
            .text("PatientLastName", Some(&self.patient_last_name))
            .text("PatientChartNumber", Some(&self.patient_chart_number))
            .text("Gender", self.gender.map(Gender::word))
            .text("DateOfBirth", self.date_of_birth.map(|date| date.to_string()).as_deref())
            .text("Notes", self.notes.as_deref())
            .id("labId", self.lab_id)
            .id("procedureMapId", self.procedure_map_id)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_the_documents_keys_and_leaves_out_what_is_not_given() {
        let request = ScanRequest {
            company_id: 7.try_into().unwrap(),
            doctor_id: 8.try_into().unwrap(),
            patient_first_name: "Zoë".into(),
            patient_last_name: "O'Neil".into(),
            patient_chart_number: "A-1".into(),
            ..ScanRequest::default()
        };
        assert_eq!(
            request.body(),
            r#"{"CompanyId":7,"DoctorId":8,"PatientFirstName":"Zoë","PatientLastName":"O'Neil","PatientChartNumber":"A-1"}"#
        );
        let all = ScanRequest {
            license_number: Some("L".into()),
            gender: Some(Gender::Female),
            date_of_birth: PlainDate::new(1990, 2, 3),
            notes: Some("n".into()),
            lab_id: 9i64.try_into().ok(),
            procedure_map_id: 30i64.try_into().ok(),
            ..request
        };
        let body: serde_json::Value = serde_json::from_str(&all.body()).unwrap();
        assert_eq!(body["Gender"], "Female");
        assert_eq!(body["DateOfBirth"], "1990-02-03");
        assert_eq!(body["LicenseNumber"], "L");
        assert_eq!(body["Notes"], "n");
        assert_eq!(body["labId"], 9);
        assert_eq!(body["procedureMapId"], 30);
        assert_eq!(body.as_object().unwrap().len(), 11);
    }
}
