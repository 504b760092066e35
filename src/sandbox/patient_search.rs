//! Patient Search (§5.1).

use serde::Serialize;

use super::http::{Query, Refusal, Response};
use super::patients::{Patient, gender_code};
use super::practice::Practice;
use crate::scalar::Guid;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'a> {
    unique_id: Guid,
    date_of_birth: Option<String>,
    gender: Option<u8>,
    chart_number: Option<&'a str>,
    first_name: &'a str,
    last_name: &'a str,
}

impl<'a> From<&'a Patient> for Row<'a> {
    fn from(patient: &'a Patient) -> Self {
        Self {
            unique_id: patient.id,
            date_of_birth: patient.birth_date.map(|date| format!("{date}T00:00:00")),
            gender: patient.gender.map(gender_code),
            chart_number: patient.chart_number.as_deref(),
            first_name: &patient.first_name,
            last_name: &patient.last_name,
        }
    }
}

impl Practice {
    /// Finds every patient with exactly this name, and every patient with this chart number. A missing or blank chart
    /// number matches patients without one (§5.1, R100, R104); only a first or only a last name matches nobody (R102).
    pub(super) fn search_patients(&self, query: &Query) -> Result<Response, Refusal> {
        self.require_patient_updates()?;
        let [first_name, last_name, chart_number] =
            ["firstName", "lastName", "chartNumber"].map(|key| query.get(key).unwrap_or_default());
        let chart_number = Some(chart_number).filter(|number| !number.trim().is_empty());
        let found = self.patients.iter().filter(|patient| {
            (patient.first_name == first_name && patient.last_name == last_name)
                || patient.chart_number.as_deref() == chart_number
        });
        Response::json(200, &found.map(Row::from).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, get, json, practice};
    use super::*;
    use crate::scalar::Gender;
    use serde_json::{Value, json};

    /// Returns the patients found, each as "first last chart".
    fn found(practice: &mut Practice, query: &str) -> Vec<String> {
        let response = get(practice, &format!("/patient/search?{query}"), NOW);
        assert_eq!(response.status, 200);
        let string = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let body = json(&response);
        let rows = body.as_array().unwrap().iter();
        rows.map(|row| ["FirstName", "LastName", "ChartNumber"].map(|key| string(&row[key])).join(" ")).collect()
    }

    const CHARTLESS: [&str; 3] = ["Seán O'Sample -", "太郎 例題 -", "Ελένη Παράδειγμα -"];

    #[test]
    fn a_patient_matches_by_name_or_by_chart_number() {
        let mut practice = practice();
        let query = "firstName=Olivia&lastName=Sample&chartNumber=SB-1004";
        assert_eq!(found(&mut practice, query), ["Olivia Sample SB-1000", "Erika Mustermann SB-1004"]);
        let query = "firstName=Olivia&lastName=Sample&chartNumber=SB-1000";
        assert_eq!(
            found(&mut practice, query),
            ["Olivia Sample SB-1000"],
            "both match, but no patient is listed twice"
        );
    }

    #[test]
    fn namesakes_are_all_found() {
        let mut practice = practice();
        let name = (practice.patients[36].first_name.clone(), practice.patients[36].last_name.clone());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([("firstName", &name.0), ("lastName", &name.1)]).append_pair("chartNumber", "none");
        assert_eq!(found(&mut practice, &query.finish()).len(), 2);
    }

    #[test]
    fn a_blank_chart_number_also_matches_patients_without_one() {
        let mut practice = practice();
        for chart in ["", "&chartNumber=", "&chartNumber=+"] {
            let query = format!("firstName=Olivia&lastName=Sample{chart}");
            let mut expected = vec!["Olivia Sample SB-1000"];
            expected.extend(CHARTLESS);
            assert_eq!(found(&mut practice, &query), expected, "{chart:?}");
        }
        assert_eq!(found(&mut practice, ""), CHARTLESS);
    }

    #[test]
    fn a_shared_chart_number_finds_everyone_who_shares_it() {
        assert_eq!(found(&mut practice(), "chartNumber=SB-1008").len(), 2);
        assert_eq!(found(&mut practice(), "chartNumber=SB-1023").len(), 3);
    }

    #[test]
    fn names_match_exactly_and_only_together() {
        let mut practice = practice();
        for query in [
            "firstName=olivia&lastName=Sample&chartNumber=none",
            "firstName=Olivi*&lastName=Sample&chartNumber=none",
            "firstName=Olivia&chartNumber=none",
            "lastName=Sample&chartNumber=none",
            "FirstName=Olivia&LastName=Sample&chartNumber=none",
        ] {
            assert_eq!(found(&mut practice, query), [""; 0], "{query}");
        }
    }

    #[test]
    fn a_row_has_the_documented_fields_and_0_for_male_1_for_female() {
        let mut practice = practice();
        let patient = &mut practice.patients[0];
        patient.gender = Some(Gender::Female);
        patient.birth_date = crate::scalar::PlainDate::new(1990, 2, 28);
        let row = |practice: &mut Practice| json(&get(practice, "/patient/search?chartNumber=SB-1000", NOW))[0].take();
        assert_eq!(
            row(&mut practice),
            json!({
                "UniqueId": practice.patients[0].id, "DateOfBirth": "1990-02-28T00:00:00", "Gender": 1,
                "ChartNumber": "SB-1000", "FirstName": "Olivia", "LastName": "Sample",
            })
        );
        practice.patients[0].gender = Some(Gender::Male);
        assert_eq!(row(&mut practice)["Gender"], 0);
        practice.patients[0].gender = None;
        assert_eq!(row(&mut practice)["Gender"], Value::Null);
    }
}
