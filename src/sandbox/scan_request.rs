//! Scan Request (§4.2): pushes an RX to the scanner.

use serde::{Deserialize, Serialize};

use super::control::Event;
use super::http::{Refusal, Response};
use super::practice::{COMPANY_ID, Gender, LABS, Patient, Practice, Rx, procedure};
use crate::wire::{Guid, PlainDate, Timestamp};

/// The body, each key spelled as §4.2.2 does (R11). Other keys are ignored (R13).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScanRequest {
    company_id: u32,
    doctor_id: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    license_number: Option<String>,
    patient_first_name: String,
    patient_last_name: String,
    patient_chart_number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gender: Option<GenderCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(default, rename = "labId", skip_serializing_if = "Option::is_none")]
    lab_id: Option<u32>,
    #[serde(default, rename = "procedureMapId", skip_serializing_if = "Option::is_none")]
    procedure_map_id: Option<u16>,
}

/// A gender as this call alone knows it: a word, or 109 and 102, the letters m and f (R24).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum GenderCode {
    Letter(u8),
    Word(String),
}

impl GenderCode {
    fn gender(&self) -> Option<Gender> {
        match self {
            Self::Letter(b'm') => Some(Gender::Male),
            Self::Letter(b'f') => Some(Gender::Female),
            Self::Letter(_) => None,
            Self::Word(word) => [Gender::Male, Gender::Female].into_iter().find(|gender| gender.word() == word),
        }
    }
}

impl Practice {
    pub(super) fn scan_request(&mut self, body: &[u8]) -> Result<Response, Refusal> {
        let request = serde_json::from_slice(body)
            .map_err(|error| Refusal::bad_request(format!("The body is not a scan request: {error}.")))?;
        Response::data(&self.push_rx(request)?)
    }

    /// Puts the RX on the scanner's list and its patient, if new, into the practice's.
    pub(super) fn push_rx(&mut self, request: ScanRequest) -> Result<Guid, Refusal> {
        // All is checked before anything is changed. Of wrong ids the document names only DoctorId (R27).
        if request.company_id != COMPANY_ID {
            return Err(Refusal::bad_request("CompanyId is not the paired account."));
        }
        let Some(doctor) = self.doctors.iter().position(|doctor| doctor.id == request.doctor_id) else {
            return Err(Refusal::bad_request("DoctorId is not a doctor of this practice."));
        };
        for (field, value) in [
            ("PatientFirstName", &request.patient_first_name),
            ("PatientLastName", &request.patient_last_name),
            ("PatientChartNumber", &request.patient_chart_number),
        ] {
            if value.trim().is_empty() {
                return Err(Refusal::bad_request(format!("{field} is mandatory.")));
            }
        }
        let gender = match &request.gender {
            Some(code) => {
                let wrong = || Refusal::bad_request("Gender must be \"Male\", \"Female\", 109 or 102.");
                Some(code.gender().ok_or_else(wrong)?)
            }
            None => None,
        };
        let birth_date = match &request.date_of_birth {
            Some(text) => {
                let wrong = || Refusal::bad_request("DateOfBirth must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS.SSSZ.");
                Some(birth_date(text).ok_or_else(wrong)?)
            }
            None => None,
        };
        let lab = match request.lab_id {
            Some(id) => {
                let wrong = || Refusal::bad_request("labId is not a lab of this practice.");
                Some(LABS.iter().find(|lab| lab.id == id).ok_or_else(wrong)?)
            }
            None => None,
        };
        if request.procedure_map_id.is_some_and(|id| procedure(id).is_none()) {
            return Err(Refusal::bad_request("procedureMapId is not in the table of procedures."));
        }

        self.journal.push(Event::ScanRequest { request: request.clone() });
        if let Some(license_number) = request.license_number.filter(|license_number| !license_number.is_empty()) {
            // For this RX and on (R31).
            self.doctors[doctor].license_number = license_number;
        }
        let patient = self.patient_of_request(
            request.patient_first_name,
            request.patient_last_name,
            request.patient_chart_number,
            gender,
            birth_date,
        );
        let id = Guid::from_random(self.random.u128(..));
        let (procedure_map_id, notes) = (request.procedure_map_id, request.notes);
        self.requests.push(Rx { id, patient, doctor, lab, procedure_map_id, notes });
        Ok(id)
    }

    /// The patient whose first name, last name and chart number all match, else a new one. A birth date, once stored,
    /// stays (§4.2); a gender is treated alike (R34).
    fn patient_of_request(
        &mut self,
        first_name: String,
        last_name: String,
        chart_number: String,
        gender: Option<Gender>,
        birth_date: Option<PlainDate>,
    ) -> usize {
        let matching = self.patients.iter_mut().enumerate().find(|(_, patient)| {
            patient.first_name == first_name
                && patient.last_name == last_name
                && patient.chart_number.as_ref() == Some(&chart_number)
        });
        if let Some((at, patient)) = matching {
            patient.gender = patient.gender.or(gender);
            patient.birth_date = patient.birth_date.or(birth_date);
            return at;
        }
        let record_id = self.patients.iter().map(|patient| patient.record_id).max().unwrap_or(0) + 1;
        let chart_number = Some(chart_number);
        self.patients.push(Patient { record_id, first_name, last_name, chart_number, gender, birth_date });
        self.patients.len() - 1
    }
}

/// A date, or a time with exactly milliseconds and `Z`, of which the date counts (R25).
fn birth_date(text: &str) -> Option<PlainDate> {
    if text.len() == "YYYY-MM-DDTHH:MM:SS.SSSZ".len() && text.ends_with('Z') {
        Timestamp::parse(text).ok()??;
        return PlainDate::parse(text.get(..10)?).ok();
    }
    PlainDate::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, json, post, practice};
    use super::*;
    use serde_json::{Value, json};

    fn rx() -> Value {
        json!({
            "CompanyId": 90360, "DoctorId": 5202, "PatientFirstName": "Ada", "PatientLastName": "Beispiel",
            "PatientChartNumber": "T-1",
        })
    }

    fn with(key: &str, value: Value) -> Value {
        let mut body = rx();
        body[key] = value;
        body
    }

    fn push(practice: &mut Practice, body: &Value) -> u16 {
        post(practice, "/scan-request", body.to_string().as_bytes(), NOW).status
    }

    #[test]
    fn the_answer_is_the_rx_id_and_status_1() {
        let mut practice = practice();
        let answer = post(&mut practice, "/scan-request", rx().to_string().as_bytes(), NOW);
        assert_eq!(answer.status, 200);
        let body = json(&answer);
        assert_eq!(body["Status"], 1);
        assert_eq!(body["Data"], practice.requests[0].id.to_string());
    }

    #[test]
    fn a_patient_matches_by_both_names_and_chart_number_only() {
        let mut practice = practice();
        let before = practice.patients.len();
        push(&mut practice, &rx());
        push(&mut practice, &rx());
        assert_eq!(practice.patients.len(), before + 1, "the second RX is for the same patient");
        for (nth, key) in ["PatientFirstName", "PatientLastName", "PatientChartNumber"].into_iter().enumerate() {
            push(&mut practice, &with(key, json!("Other")));
            assert_eq!(practice.patients.len(), before + 2 + nth, "another {key} is another patient");
        }
    }

    #[test]
    fn a_birth_date_is_written_once() {
        let mut practice = practice();
        push(&mut practice, &rx());
        push(&mut practice, &with("DateOfBirth", json!("1990-02-28")));
        push(&mut practice, &with("DateOfBirth", json!("1991-03-01T00:00:00.000Z")));
        let patient = practice.patients.last().unwrap();
        assert_eq!(patient.birth_date, PlainDate::new(1990, 2, 28));
    }

    #[test]
    fn a_license_number_replaces_the_doctors_unless_empty() {
        let mut practice = practice();
        push(&mut practice, &with("LicenseNumber", json!("NEW-1")));
        push(&mut practice, &with("LicenseNumber", json!("")));
        assert_eq!(practice.doctors[1].license_number, "NEW-1");
    }

    #[test]
    fn every_documented_gender_is_taken() {
        for (code, gender) in [
            (json!("Male"), Some(Gender::Male)),
            (json!("Female"), Some(Gender::Female)),
            (json!(109), Some(Gender::Male)),
            (json!(102), Some(Gender::Female)),
            (json!(null), None),
        ] {
            let mut practice = practice();
            assert_eq!(push(&mut practice, &with("Gender", code)), 200);
            assert_eq!(practice.patients.last().unwrap().gender, gender);
        }
    }

    #[test]
    fn what_is_wrong_is_400_and_changes_nothing() {
        for (key, value) in [
            ("CompanyId", json!(1)),
            ("CompanyId", json!("90360")),
            ("DoctorId", json!(1)),
            ("DoctorId", json!(null)),
            ("PatientFirstName", json!(" ")),
            ("PatientLastName", json!(7)),
            ("PatientChartNumber", json!("")),
            ("Gender", json!("m")),
            ("Gender", json!(1)),
            ("DateOfBirth", json!("1990-02-30")),
            ("DateOfBirth", json!("1990-02-28T10:00:00Z")),
            ("DateOfBirth", json!("28.02.1990")),
            ("labId", json!(1)),
            ("procedureMapId", json!(12)),
        ] {
            let mut practice = practice();
            let patients = practice.patients.clone();
            assert_eq!(push(&mut practice, &with(key, value.clone())), 400, "{key}: {value}");
            assert!(practice.requests.is_empty() && practice.journal.is_empty());
            assert_eq!(practice.patients, patients);
        }
        for body in ["", "[]", "{}", "null", "{\"CompanyId\":"] {
            assert_eq!(post(&mut practice(), "/scan-request", body.as_bytes(), NOW).status, 400, "{body}");
        }
    }

    #[test]
    fn the_path_may_end_with_a_slash_as_the_summary_spells_it() {
        let answer = post(&mut practice(), "/scan-request/", rx().to_string().as_bytes(), NOW);
        assert_eq!(answer.status, 200);
    }
}
