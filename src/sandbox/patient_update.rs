//! Patient's Details Update by Patient ID (§5.3).

use serde::{Deserialize, Serialize};

use super::clock::Millis;
use super::http::{Refusal, Response, read};
use super::practice::Practice;
use super::snapshot::Event;
use crate::scalar::Guid;

/// The body of §5.3.2. Null is the same as not given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct UpdateById {
    patient_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chart_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
}

impl Practice {
    /// Responds with the updated record (§5.3.3).
    pub(super) fn update_patient(&mut self, body: &[u8], now: Millis) -> Result<Response, Refusal> {
        self.require_patient_updates()?;
        let at = self.update_by_id(read(body, "an update of a patient")?, now)?;
        let missing = || Refusal::new(500, "The sandbox lost the patient.");
        Response::json(200, &self.updated_record(at).ok_or_else(missing)?)
    }

    /// Returns the index of the updated patient. Values equal to the stored ones count as an update, so that a repeated
    /// call succeeds (R129).
    pub(super) fn update_by_id(&mut self, update: UpdateById, now: Millis) -> Result<usize, Refusal> {
        // A missing GUID is 404 and an unknown one 400, not the other way round (R126).
        let id = update.patient_id.as_deref().filter(|id| !id.trim().is_empty());
        let id = id.ok_or_else(|| Refusal::not_found("PatientId is missing."))?;
        let id: Guid = id.parse().map_err(|_| Refusal::bad_request("PatientId is not a GUID."))?;
        let values =
            [("ChartNumber", &update.chart_number), ("FirstName", &update.first_name), ("LastName", &update.last_name)];
        not_blank(&values)?;
        if values.iter().all(|(_, value)| value.is_none()) {
            return Err(Refusal::bad_request("One or more of ChartNumber, FirstName and LastName must be set."));
        }
        let unknown = || Refusal::bad_request("There is no patient with this PatientId.");
        let (at, patient) =
            self.patients.iter_mut().enumerate().find(|(_, patient)| patient.id == id).ok_or_else(unknown)?;

        let event = Event::PatientUpdated { update: update.clone(), at: now };
        set(&mut patient.first_name, update.first_name);
        set(&mut patient.last_name, update.last_name);
        patient.chart_number = update.chart_number.or(patient.chart_number.take());
        patient.updated = Some(now);
        self.journal.push(event);
        self.archives.clear();
        Ok(at)
    }
}

/// Replaces the stored value if one is given.
pub fn set(stored: &mut String, given: Option<String>) {
    if let Some(given) = given {
        *stored = given;
    }
}

/// Refuses blank values. Whether they would clear the stored ones is not documented (R130).
pub fn not_blank(values: &[(&str, &Option<String>)]) -> Result<(), Refusal> {
    match values.iter().find(|(_, value)| value.as_ref().is_some_and(|value| value.trim().is_empty())) {
        Some((field, _)) => Err(Refusal::bad_request(format!("{field} must not be blank."))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, UNKNOWN, get, json, patch, practice, search};
    use super::*;
    use crate::scalar::{Gender, PlainDate};
    use serde_json::{Value, json};

    fn update(practice: &mut Practice, body: &Value) -> u16 {
        patch(practice, "/patients", body, NOW).status
    }

    #[test]
    fn an_update_by_id_returns_the_updated_record() {
        let mut practice = practice();
        let patient = &mut practice.patients[9];
        patient.gender = Some(Gender::Female);
        patient.birth_date = PlainDate::new(1990, 2, 28);
        let (id, record_id) = (patient.id, patient.record_id);
        let body = json!({ "PatientId": id.to_string().to_uppercase(), "FirstName": "Franz", "ChartNumber": "N-1" });
        let response = patch(&mut practice, "/patients", &body, NOW + 11);
        assert_eq!(response.status, 200);
        assert_eq!(
            json(&response),
            json!({
                "LastScanDate": null, "RowStatus": 1, "DateUpdated": "2025-06-15T12:00:00.0110000Z", "Type": 0,
                "AlignPatientId": null, "Id": record_id, "UID": id, "FirstName": "Franz", "LastName": "d’Exemple",
                "ChartNumber": "N-1", "DateOfBirth": "1990-02-28T00:00:00.000", "Gender": 1, "MI": null, "ZipCode": null,
            })
        );
        let found = json(&search(&mut practice, "ChartNumber=N-1"))["Data"][0].take();
        assert_eq!((&found["FirstName"], &found["UpdatedDate"]), (&json!("Franz"), &json!("2025-06-15T12:00:00Z")));
    }

    #[test]
    fn each_field_can_be_set_alone_and_null_leaves_the_others_unchanged() {
        for key in ["FirstName", "LastName", "ChartNumber"] {
            let mut practice = practice();
            let mut expected = practice.patients[0].clone();
            match key {
                "FirstName" => expected.first_name = "New".into(),
                "LastName" => expected.last_name = "New".into(),
                _ => expected.chart_number = Some("New".into()),
            }
            expected.updated = Some(NOW);
            let mut body =
                json!({ "PatientId": expected.id, "FirstName": null, "LastName": null, "ChartNumber": null });
            body[key] = json!("New");
            assert_eq!(update(&mut practice, &body), 200);
            assert_eq!(practice.patients[0], expected);
        }
    }

    #[test]
    fn a_missing_guid_is_404_and_an_unknown_one_400() {
        let mut practice = practice();
        for body in
            [json!({ "FirstName": "X" }), json!({ "PatientId": null, "FirstName": "X" }), json!({ "PatientId": "" })]
        {
            assert_eq!(update(&mut practice, &body), 404, "{body}");
        }
        assert_eq!(update(&mut practice, &json!({ "PatientId": UNKNOWN, "FirstName": "X" })), 400);
        assert_eq!(update(&mut practice, &json!({ "PatientId": "42", "FirstName": "X" })), 400);
    }

    #[test]
    fn an_update_without_values_or_with_a_blank_or_mistyped_one_is_400_and_changes_nothing() {
        let mut practice = practice();
        let id = practice.patients[0].id;
        let patients = practice.patients.clone();
        for body in [
            json!({ "PatientId": id }),
            json!({ "PatientId": id, "FirstName": null }),
            json!({ "PatientId": id, "firstName": "X" }),
            json!({ "PatientId": id, "FirstName": " ", "LastName": "X" }),
            json!({ "PatientId": id, "ChartNumber": "" }),
            json!({ "PatientId": id, "LastName": 7 }),
            json!([]),
            json!(null),
        ] {
            assert_eq!(update(&mut practice, &body), 400, "{body}");
        }
        assert_eq!(practice.patients, patients);
        assert!(practice.journal.is_empty());
    }

    #[test]
    fn an_update_with_the_stored_values_succeeds_so_that_a_call_can_be_repeated() {
        let mut practice = practice();
        let body = json!({ "PatientId": practice.patients[0].id, "FirstName": "Olivia" });
        assert_eq!(update(&mut practice, &body), 200);
        assert_eq!(update(&mut practice, &body), 200);
    }

    #[test]
    fn a_chart_number_can_be_set_that_another_patient_has() {
        let mut practice = practice();
        let body = json!({ "PatientId": practice.patients[0].id, "ChartNumber": "SB-1001" });
        assert_eq!(update(&mut practice, &body), 200);
        assert_eq!(
            patch(
                &mut practice,
                "/patient/by-chart-number",
                &json!({ "ChartNumber": "SB-1001", "FirstName": "X" }),
                NOW
            )
            .status,
            409
        );
    }

    #[test]
    fn orders_and_their_files_show_a_changed_name() {
        let mut practice = practice();
        let (id, order_id, rx_id) = (practice.patients[0].id, practice.orders[0].id, practice.orders[0].rx.id);
        assert_eq!(practice.orders[0].rx.patient, 0);
        let files = |practice: &mut Practice| get(practice, &format!("/order/{order_id}/download/IDE"), NOW).body;
        let before = files(&mut practice);
        update(&mut practice, &json!({ "PatientId": id, "FirstName": "Renamed" }));
        let order = json(&get(&mut practice, &format!("/orders/{rx_id}"), NOW));
        assert_eq!(order["Data"]["PatientFirstName"], "Renamed");
        assert!(files(&mut practice) != before);
    }
}
