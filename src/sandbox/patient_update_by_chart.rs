//! Patient's Details Update by Chart Number (§5.4).

use serde::{Deserialize, Serialize};

use super::clock::Millis;
use super::http::{Refusal, Response, read};
use super::patient_update::{not_blank, set};
use super::patients::{gender_code, gender_named};
use super::practice::Practice;
use super::snapshot::Event;
use crate::scalar::{Gender, PlainDate, Timestamp};

/// The body of §5.4.2. Null is the same as not given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct UpdateByChart {
    chart_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<GenderCode>,
}

/// A gender as this call accepts it: a word, or 0 for male and 1 for female (R24, R135).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum GenderCode {
    Number(u8),
    Word(String),
}

impl GenderCode {
    fn gender(&self) -> Option<Gender> {
        match self {
            Self::Number(code) => {
                [Gender::Male, Gender::Female].into_iter().find(|gender| gender_code(*gender) == *code)
            }
            Self::Word(word) => gender_named(word),
        }
    }
}

/// Why an update by chart number failed.
pub enum UpdateError {
    Refused(Refusal),
    /// These patients share the chart number.
    Ambiguous(Vec<usize>),
}

impl From<Refusal> for UpdateError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Practice {
    /// Responds without a body, or with every patient who has the chart number if several do (§5.4.3).
    pub(super) fn update_patient_by_chart_number(&mut self, body: &[u8], now: Millis) -> Result<Response, Refusal> {
        self.require_patient_updates()?;
        match self.update_by_chart(read(body, "an update of a patient")?, now) {
            Ok(()) => Ok(Response::empty()),
            Err(UpdateError::Refused(refusal)) => Err(refusal),
            Err(UpdateError::Ambiguous(patients)) => {
                let candidates: Vec<_> = patients.into_iter().filter_map(|at| self.candidate(at)).collect();
                Response::json(409, &candidates)
            }
        }
    }

    pub(super) fn update_by_chart(&mut self, update: UpdateByChart, now: Millis) -> Result<(), UpdateError> {
        let chart_number = update.chart_number.clone().filter(|number| !number.trim().is_empty());
        let chart_number = chart_number.ok_or_else(|| Refusal::bad_request("ChartNumber is missing."))?;
        not_blank(&[("FirstName", &update.first_name), ("LastName", &update.last_name)])?;
        let gender = match &update.gender {
            Some(code) => {
                let wrong = || Refusal::bad_request("Gender must be \"Male\", \"Female\", 0 or 1.");
                Some(code.gender().ok_or_else(wrong)?)
            }
            None => None,
        };
        let birth_date = match &update.date_of_birth {
            Some(text) => {
                let wrong = || Refusal::bad_request("DateOfBirth must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS.mmm.");
                Some(birth_date(text).ok_or_else(wrong)?)
            }
            None => None,
        };
        if update.first_name.is_none() && update.last_name.is_none() && gender.is_none() && birth_date.is_none() {
            let message = "One or more of FirstName, LastName, DateOfBirth and Gender must be set.";
            return Err(Refusal::bad_request(message).into());
        }
        let at = match self.with_chart_number(Some(&chart_number)).as_slice() {
            [] => return Err(Refusal::not_found("There is no patient with this chart number.").into()),
            [at] => *at,
            several => return Err(UpdateError::Ambiguous(several.to_vec())),
        };
        let patient = &mut self.patients[at];

        let event = Event::PatientUpdatedByChart { update: update.clone(), at: now };
        set(&mut patient.first_name, update.first_name);
        set(&mut patient.last_name, update.last_name);
        // Unlike a scan request, this call overwrites a stored birth date (R34).
        patient.birth_date = birth_date.or(patient.birth_date);
        patient.gender = gender.or(patient.gender);
        patient.updated = Some(now);
        self.journal.push(event);
        self.archives.clear();
        Ok(())
    }
}

/// Parses a date, or the date of a time with exactly milliseconds and an optional `Z` (R134).
fn birth_date(text: &str) -> Option<PlainDate> {
    if text.strip_suffix('Z').unwrap_or(text).len() == "YYYY-MM-DDTHH:MM:SS.mmm".len() {
        Timestamp::parse(text).ok()??;
        return PlainDate::parse(text.get(..10)?).ok();
    }
    PlainDate::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, json, patch, practice};
    use super::*;
    use serde_json::{Value, json};

    const BY_CHART: &str = "/patient/by-chart-number";

    #[test]
    fn an_update_by_chart_number_is_200_without_a_body() {
        let mut practice = practice();
        let body = json!({
            "ChartNumber": "SB-1001", "FirstName": "Nova", "LastName": "New", "DateOfBirth": "1989-04-13T19:45:40.339Z",
            "Gender": "Female",
        });
        let response = patch(&mut practice, BY_CHART, &body, NOW);
        assert_eq!((response.status, response.body.len()), (200, 0));
        let patient = &practice.patients[1];
        assert_eq!((patient.first_name.as_str(), patient.last_name.as_str()), ("Nova", "New"));
        assert_eq!((patient.gender, patient.birth_date), (Some(Gender::Female), PlainDate::new(1989, 4, 13)));
        assert_eq!(patient.updated, Some(NOW));
    }

    #[test]
    fn an_update_by_chart_number_overwrites_the_birth_date_in_each_documented_form() {
        for date in ["1989-04-13", "1989-04-13T19:45:40.339", "1989-04-13T19:45:40.339Z"] {
            let mut practice = practice();
            practice.patients[1].birth_date = PlainDate::new(1990, 2, 28);
            let body = json!({ "ChartNumber": "SB-1001", "DateOfBirth": date });
            assert_eq!(patch(&mut practice, BY_CHART, &body, NOW).status, 200, "{date}");
            assert_eq!(practice.patients[1].birth_date, PlainDate::new(1989, 4, 13));
        }
    }

    #[test]
    fn an_update_by_chart_number_accepts_genders_as_words_and_numbers() {
        let (male, female) = (Some(Gender::Male), Some(Gender::Female));
        for (code, gender) in [(json!("Male"), male), (json!("Female"), female), (json!(0), male), (json!(1), female)] {
            let mut practice = practice();
            let body = json!({ "ChartNumber": "SB-1001", "Gender": code });
            assert_eq!(patch(&mut practice, BY_CHART, &body, NOW).status, 200);
            assert_eq!(practice.patients[1].gender, gender);
        }
    }

    #[test]
    fn an_update_with_missing_or_wrong_values_is_400_and_changes_nothing() {
        let mut practice = practice();
        let patients = practice.patients.clone();
        for body in [
            json!({ "FirstName": "X" }),
            json!({ "ChartNumber": null, "FirstName": "X" }),
            json!({ "ChartNumber": " ", "FirstName": "X" }),
            json!({ "ChartNumber": "SB-1001" }),
            json!({ "ChartNumber": "SB-1001", "FirstName": null }),
            json!({ "ChartNumber": "SB-1001", "FirstName": "" }),
            json!({ "ChartNumber": "SB-1001", "Gender": 109 }),
            json!({ "ChartNumber": "SB-1001", "Gender": "female" }),
            json!({ "ChartNumber": "SB-1001", "DateOfBirth": "1989-02-30" }),
            json!({ "ChartNumber": "SB-1001", "DateOfBirth": "1989-04-13T19:45:40Z" }),
            json!({ "ChartNumber": 1001, "FirstName": "X" }),
            json!("SB-1001"),
        ] {
            assert_eq!(patch(&mut practice, BY_CHART, &body, NOW).status, 400, "{body}");
        }
        assert_eq!(practice.patients, patients);
        assert!(practice.journal.is_empty());
    }

    #[test]
    fn an_unknown_chart_number_is_404() {
        for number in ["SB-9999", "sb-1001", "SB-100*"] {
            let body = json!({ "ChartNumber": number, "FirstName": "X" });
            assert_eq!(patch(&mut practice(), BY_CHART, &body, NOW).status, 404, "{number}");
        }
    }

    #[test]
    fn a_shared_chart_number_is_409_with_everyone_who_has_it_and_changes_nothing() {
        let mut practice = practice();
        let patients = practice.patients.clone();
        let body = json!({ "ChartNumber": "SB-1023", "FirstName": "X" });
        let response = patch(&mut practice, BY_CHART, &body, NOW);
        assert_eq!(response.status, 409);
        let list = json(&response);
        let sharing = patients.iter().filter(|patient| patient.chart_number.as_deref() == Some("SB-1023"));
        let ids = |rows: &Value| rows.as_array().unwrap().iter().map(|row| row["UID"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&list), sharing.map(|patient| json!(patient.id)).collect::<Vec<_>>());
        let keys: Vec<_> = list[0].as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 16, "{keys:?}");
        assert_eq!((&list[0]["CompanyId"], &list[0]["Type"]), (&json!(90360), &json!(1)));
        assert!(list[0]["DoctorId"].is_u64());
        let updated = list[0]["DateUpdated"].as_str().unwrap();
        assert_eq!((updated.len(), updated.ends_with('Z')), ("2021-01-14T12:29:57.875966".len(), false));
        assert_eq!(list[1]["LastScanDate"], Value::Null, "one of them was never scanned");
        assert_eq!(practice.patients, patients);
    }
}
