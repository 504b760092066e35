//! The practice's patients, and their records in the responses to updates (§5.3, §5.4).

use serde::Serialize;

use super::clock::{self, Millis};
use super::http::Refusal;
use super::practice::{COMPANY_ID, Practice};
use crate::scalar::{Gender, Guid, PlainDate};

#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    pub id: Guid,
    /// The deprecated number that orders still contain (R60).
    pub record_id: u32,
    pub first_name: String,
    pub last_name: String,
    /// Never blank. Some patients have none (R26).
    pub chart_number: Option<String>,
    pub gender: Option<Gender>,
    pub birth_date: Option<PlainDate>,
    pub created: Option<Millis>,
    pub updated: Option<Millis>,
}

/// Parses a gender, which must be spelled as in the document.
pub fn gender_named(word: &str) -> Option<Gender> {
    [Gender::Male, Gender::Female].into_iter().find(|gender| gender.word() == word)
}

/// Returns the number that chapter 5 uses for a gender (R24).
pub fn gender_code(gender: Gender) -> u8 {
    match gender {
        Gender::Male => 0,
        Gender::Female => 1,
    }
}

/// A record as §5.3.3 shows it. §5.4.3 has two more fields and writes the times in another form.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Record<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    doctor_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<u32>,
    last_scan_date: Option<String>,
    row_status: u8,
    date_updated: Option<String>,
    r#type: u8,
    align_patient_id: Option<&'a str>,
    id: u32,
    #[serde(rename = "UID")]
    uid: Guid,
    first_name: &'a str,
    last_name: &'a str,
    chart_number: Option<&'a str>,
    date_of_birth: Option<String>,
    gender: Option<u8>,
    #[serde(rename = "MI")]
    mi: Option<&'a str>,
    zip_code: Option<&'a str>,
}

impl Practice {
    /// Refuses if chapter 5 is not enabled (R10).
    pub(super) fn require_patient_updates(&self) -> Result<(), Refusal> {
        let disabled = || Refusal::new(403, "Patient management is not enabled for this integration.");
        self.settings.patient_updates.then_some(()).ok_or_else(disabled)
    }

    /// Returns when a patient was last scanned.
    pub(super) fn last_scan(&self, patient: usize) -> Option<Millis> {
        // Orders are sorted by the time of their scan.
        self.orders.iter().rev().find(|order| order.rx.patient == patient).map(|order| order.scanned)
    }

    /// Returns the indices of the patients with a chart number, or of those without one for `None`.
    pub(super) fn with_chart_number(&self, chart_number: Option<&str>) -> Vec<usize> {
        let matching = self.patients.iter().enumerate();
        matching.filter(|(_, patient)| patient.chart_number.as_deref() == chart_number).map(|(at, _)| at).collect()
    }

    /// Returns the record that the response to an update of §5.3 holds.
    pub(super) fn updated_record(&self, at: usize) -> Option<Record<'_>> {
        let patient = self.patients.get(at)?;
        Some(Record {
            doctor_id: None,
            company_id: None,
            last_scan_date: self.last_scan(at).map(clock::timestamp),
            row_status: 1,
            // This has seven fractional digits and a zone; the candidates have six digits and no zone (R137).
            date_updated: patient.updated.map(|at| format!("{}0000Z", clock::timestamp_millis(at))),
            r#type: 0,
            align_patient_id: None,
            id: patient.record_id,
            uid: patient.id,
            first_name: &patient.first_name,
            last_name: &patient.last_name,
            chart_number: patient.chart_number.as_deref(),
            date_of_birth: patient.birth_date.map(|date| format!("{date}T00:00:00.000")),
            gender: patient.gender.map(gender_code),
            mi: None,
            zip_code: None,
        })
    }

    /// Returns one of the patients who share a chart number, as the 409 of §5.4.3 lists them.
    pub(super) fn candidate(&self, at: usize) -> Option<Record<'_>> {
        let updated = self.patients.get(at)?.updated;
        let last_order = self.orders.iter().rev().find(|order| order.rx.patient == at);
        let doctor = last_order.map_or(0, |order| order.rx.doctor);
        Some(Record {
            doctor_id: self.doctors.get(doctor).map(|doctor| doctor.id),
            company_id: Some(COMPANY_ID),
            date_updated: updated.map(|at| format!("{}000", clock::timestamp_millis(at))),
            r#type: 1,
            ..self.updated_record(at)?
        })
    }
}
