//! A scan request: the RX that goes to the scanner (§4.2).

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use tsify::Tsify;

use super::{Id, PlainDate};

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

/// A patient's gender, as the API knows it.
#[derive(Clone, Copy, Tsify, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Gender {
    /// Sent as `Male`.
    Male,
    /// Sent as `Female`.
    Female,
}

/// The body, with every key as §4.2.2 spells it. What is not given is left out.
impl Serialize for ScanRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("CompanyId", &self.company_id)?;
        body.serialize_entry("DoctorId", &self.doctor_id)?;
        entry_if_some(&mut body, "LicenseNumber", self.license_number.as_ref())?;
        body.serialize_entry("PatientFirstName", &self.patient_first_name)?;
        body.serialize_entry("PatientLastName", &self.patient_last_name)?;
        body.serialize_entry("PatientChartNumber", &self.patient_chart_number)?;
        entry_if_some(&mut body, "Gender", self.gender.as_ref().map(Gender::word).as_ref())?;
        entry_if_some(&mut body, "DateOfBirth", self.date_of_birth.as_ref())?;
        entry_if_some(&mut body, "Notes", self.notes.as_ref())?;
        entry_if_some(&mut body, "labId", self.lab_id.as_ref())?;
        entry_if_some(&mut body, "procedureMapId", self.procedure_map_id.as_ref())?;
        body.end()
    }
}

fn entry_if_some<M: SerializeMap, T: Serialize>(body: &mut M, key: &str, value: Option<&T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| body.serialize_entry(key, value))
}

impl Gender {
    /// The word that this call takes.
    fn word(&self) -> &'static str {
        match self {
            Self::Male => "Male",
            Self::Female => "Female",
        }
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
            serde_json::to_string(&request).unwrap(),
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
        let body = serde_json::to_value(&all).unwrap();
        assert_eq!(body["Gender"], "Female");
        assert_eq!(body["DateOfBirth"], "1990-02-03");
        assert_eq!(body["LicenseNumber"], "L");
        assert_eq!(body["Notes"], "n");
        assert_eq!(body["labId"], 9);
        assert_eq!(body["procedureMapId"], 30);
        assert_eq!(body.as_object().unwrap().len(), 11);
    }
}
