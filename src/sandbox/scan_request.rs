//! Scan Request (§4.2), which pushes an RX to the scanner.

use serde::{Deserialize, Serialize};

use super::clock::Millis;
use super::http::{Refusal, Response, read};
use super::patients::gender_named;
use super::practice::{COMPANY_ID, Practice, Rx};
use super::procedures::procedure;
use super::request_patient::PatientDetails;
use super::snapshot::Event;
use super::staff::LABS;
use crate::scalar::{Gender, Guid, PlainDate, Timestamp};

/// The body, with each key spelled as in §4.2.2 (R11). Other keys are ignored (R13).
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

/// A gender as only this call accepts it: a word, or 109 and 102, the ASCII codes of m and f (R24).
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
            Self::Word(word) => gender_named(word),
        }
    }
}

impl Practice {
    pub(super) fn scan_request(&mut self, body: &[u8], now: Millis) -> Result<Response, Refusal> {
        let request = read(body, "a scan request")?;
        Response::data(&self.push_rx(request, self.settings.patient_updates, now)?)
    }

    /// Adds the RX to the scanner's list, and its patient to the practice's list if new.
    pub(super) fn push_rx(
        &mut self,
        request: ScanRequest,
        patient_updates: bool,
        now: Millis,
    ) -> Result<Guid, Refusal> {
        // Everything is checked before anything changes. The document mentions a wrong id only for DoctorId (R27).
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

        let details = PatientDetails {
            first_name: request.patient_first_name.clone(),
            last_name: request.patient_last_name.clone(),
            chart_number: request.patient_chart_number.clone(),
            gender,
            birth_date,
        };
        let matching = self.matching_patient(&details, patient_updates)?;

        self.journal.push(Event::ScanRequest { request: request.clone(), at: now, patient_updates });
        if let Some(license_number) = request.license_number.filter(|license_number| !license_number.is_empty()) {
            // For this RX and later ones (R31).
            self.doctors[doctor].license_number = license_number;
        }
        let license_number = self.doctors[doctor].license_number.clone();
        let patient = self.save_patient(matching, details, patient_updates, now);
        let id = Guid::from_random(self.random.u128(..));
        let (procedure_map_id, notes) = (request.procedure_map_id, request.notes);
        self.requests.push(Rx { id, patient, doctor, license_number, lab, procedure_map_id, notes });
        Ok(id)
    }
}

/// Parses a date, or the date of a time with exactly milliseconds and `Z` (R25).
fn birth_date(text: &str) -> Option<PlainDate> {
    if text.len() == "YYYY-MM-DDTHH:MM:SS.SSSZ".len() && text.ends_with('Z') {
        Timestamp::parse(text).ok()??;
        return PlainDate::parse(text.get(..10)?).ok();
    }
    PlainDate::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, get, json, post, practice, push_status as push, rx, rx_with as with};
    use super::*;
    use serde_json::json;

    #[test]
    fn the_response_holds_the_rx_id_and_status_1() {
        let mut practice = practice();
        let response = post(&mut practice, "/scan-request", rx().to_string().as_bytes(), NOW);
        assert_eq!(response.status, 200);
        let body = json(&response);
        assert_eq!(body["Status"], 1);
        assert_eq!(body["Data"], practice.requests[0].id.to_string());
    }

    #[test]
    fn a_license_number_applies_from_this_rx_on_unless_empty() {
        let mut practice = practice();
        for number in [json!(null), json!("NEW-1"), json!(""), json!(null)] {
            push(&mut practice, &with("LicenseNumber", number));
        }
        let numbers: Vec<_> = practice.requests.iter().map(|rx| rx.license_number.as_str()).collect();
        assert_eq!(numbers, ["EX-10002", "NEW-1", "NEW-1", "NEW-1"]);
        let earlier = practice.orders.iter().find(|order| order.rx.doctor == 1).unwrap().rx.id;
        let order = json(&get(&mut practice, &format!("/orders/{earlier}"), NOW));
        assert_eq!(order["Data"]["DoctorLicenseNumber"], "EX-10002");
    }

    #[test]
    fn every_documented_gender_is_accepted() {
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
    fn a_wrong_value_is_400_and_changes_nothing() {
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
    fn the_path_may_end_with_a_slash_as_in_the_summary() {
        let response = post(&mut practice(), "/scan-request/", rx().to_string().as_bytes(), NOW);
        assert_eq!(response.status, 200);
    }
}
