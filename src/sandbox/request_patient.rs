//! The patient of a scan request: found, updated or created (§4.2, §5.5).

use super::clock::Millis;
use super::http::Refusal;
use super::patients::Patient;
use super::practice::Practice;
use crate::scalar::{Gender, Guid, PlainDate};

/// The patient's details in a request.
pub struct PatientDetails {
    pub first_name: String,
    pub last_name: String,
    pub chart_number: String,
    pub gender: Option<Gender>,
    pub birth_date: Option<PlainDate>,
}

impl Practice {
    /// Returns the patient that the request is for. If patients may be updated, the chart number decides, and a shared one
    /// is refused even if the names fit only one of its patients (§4.2, R33). Otherwise all three have to match.
    pub(super) fn matching_patient(
        &self,
        details: &PatientDetails,
        patient_updates: bool,
    ) -> Result<Option<usize>, Refusal> {
        let same_chart = self.with_chart_number(Some(&details.chart_number));
        if patient_updates {
            return match same_chart.as_slice() {
                [] => Ok(None),
                [at] => Ok(Some(*at)),
                _ => Err(Refusal::new(409, "Several patients have this chart number.")),
            };
        }
        Ok(same_chart.into_iter().find(|at| {
            let patient = &self.patients[*at];
            patient.first_name == details.first_name && patient.last_name == details.last_name
        }))
    }

    /// Updates the matching patient or adds a new one, and returns its index.
    pub(super) fn save_patient(
        &mut self,
        matching: Option<usize>,
        details: PatientDetails,
        patient_updates: bool,
        now: Millis,
    ) -> usize {
        match matching {
            Some(at) => {
                self.patients[at].update(details, patient_updates, now);
                self.archives.clear();
                at
            }
            None => self.add_patient(details, now),
        }
    }

    fn add_patient(&mut self, details: PatientDetails, now: Millis) -> usize {
        let PatientDetails { first_name, last_name, chart_number, gender, birth_date } = details;
        self.patients.push(Patient {
            id: Guid::from_random(self.random.u128(..)),
            record_id: self.patients.iter().map(|patient| patient.record_id).max().unwrap_or(0) + 1,
            first_name,
            last_name,
            chart_number: Some(chart_number),
            gender,
            birth_date,
            created: Some(now),
            updated: Some(now),
        });
        self.patients.len() - 1
    }
}

impl Patient {
    /// Stores new details. A stored birth date never changes (§4.2), and other stored details only if updates are enabled
    /// (R34).
    fn update(&mut self, details: PatientDetails, patient_updates: bool, now: Millis) {
        let before = self.clone();
        self.birth_date = self.birth_date.or(details.birth_date);
        if patient_updates {
            self.first_name = details.first_name;
            self.last_name = details.last_name;
            self.gender = details.gender.or(self.gender);
        } else {
            self.gender = self.gender.or(details.gender);
        }
        if *self != before {
            self.updated = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, post, practice, practice_without_updates, push_status as push, rx, rx_with as with};
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn without_updates_both_names_and_the_chart_number_must_match() {
        let mut practice = practice_without_updates();
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
    fn without_updates_a_shared_chart_number_is_no_conflict() {
        let mut practice = practice_without_updates();
        assert_eq!(push(&mut practice, &with("PatientChartNumber", json!("SB-1008"))), 200);
    }

    #[test]
    fn with_updates_the_patient_with_the_chart_number_gets_the_new_names() {
        let mut practice = practice();
        push(&mut practice, &rx());
        let patients = practice.patients.len();
        let mut renamed = with("PatientFirstName", json!("Augusta"));
        renamed["PatientLastName"] = json!("King");
        push(&mut practice, &renamed);
        assert_eq!(practice.patients.len(), patients);
        let patient = practice.patients.last().unwrap();
        assert_eq!((patient.first_name.as_str(), patient.last_name.as_str()), ("Augusta", "King"));
        assert!(practice.requests.iter().all(|rx| rx.patient == patients - 1));
    }

    #[test]
    fn with_updates_a_shared_chart_number_is_409_and_changes_nothing() {
        let mut practice = practice();
        let twin = practice.patients.iter().find(|patient| patient.chart_number.as_deref() == Some("SB-1008")).unwrap();
        // Even the exact names of one of them do not decide (R33).
        let mut exact = with("PatientChartNumber", json!("SB-1008"));
        exact["PatientFirstName"] = json!(twin.first_name);
        exact["PatientLastName"] = json!(twin.last_name);
        exact["LicenseNumber"] = json!("NEW-1");
        let (patients, doctors) = (practice.patients.clone(), practice.doctors.clone());
        assert_eq!(push(&mut practice, &exact), 409);
        assert!(practice.requests.is_empty() && practice.journal.is_empty());
        assert_eq!(practice.patients, patients);
        assert_eq!(practice.doctors[1].license_number, doctors[1].license_number);
    }

    #[test]
    fn a_stored_birth_date_is_never_overwritten() {
        for mut practice in [practice(), practice_without_updates()] {
            push(&mut practice, &rx());
            push(&mut practice, &with("DateOfBirth", json!("1990-02-28")));
            push(&mut practice, &with("DateOfBirth", json!("1991-03-01T00:00:00.000Z")));
            let patient = practice.patients.last().unwrap();
            assert_eq!(patient.birth_date, PlainDate::new(1990, 2, 28));
        }
    }

    #[test]
    fn a_stored_gender_changes_only_with_updates() {
        for (mut practice, gender) in [(practice(), Gender::Female), (practice_without_updates(), Gender::Male)] {
            push(&mut practice, &with("Gender", json!("Male")));
            push(&mut practice, &with("Gender", json!("Female")));
            push(&mut practice, &rx());
            assert_eq!(practice.patients.last().unwrap().gender, Some(gender));
        }
    }

    #[test]
    fn a_record_has_its_creation_and_last_change_dates() {
        let mut practice = practice();
        let at = |practice: &mut Practice, body: &Value, now| {
            post(practice, "/scan-request", body.to_string().as_bytes(), now);
            let patient = practice.patients.last().unwrap();
            (patient.created, patient.updated)
        };
        assert_eq!(at(&mut practice, &rx(), NOW), (Some(NOW), Some(NOW)));
        assert_eq!(at(&mut practice, &rx(), NOW + 1), (Some(NOW), Some(NOW)));
        assert_eq!(at(&mut practice, &with("Gender", json!("Male")), NOW + 2), (Some(NOW), Some(NOW + 2)));
    }
}
