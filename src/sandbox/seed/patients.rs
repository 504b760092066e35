//! The patients of a generated practice.

use super::super::clock::{DAY, Millis};
use super::super::patients::Patient;
use super::super::practice::Practice;
use crate::scalar::{Gender, Guid, PlainDate};

/// First and last names by language. The last names mean "example" or "sample", so that nobody mistakes them for people.
const NAMES: [(&[&str], &[&str]); 14] = [
    (&["Olivia", "Noah"], &["Sample", "Placeholder"]),
    (&["Erika", "Jürgen"], &["Mustermann", "Beispiel"]),
    (&["Zoë", "François", "Anaïs", "Rémi"], &["d’Exemple", "Échantillon"]),
    (&["Aoife", "Seán", "Róisín"], &["O'Sample", "Mac Template"]),
    (&["Lucía", "Íñigo", "Begoña"], &["Ejemplo Muestra", "De Prueba"]),
    (&["João", "Inês"], &["Modelo", "Exemplo da Silva"]),
    (&["Søren", "Åse", "Björn"], &["Prøvesen", "Exempelsson"]),
    (&["太郎", "花子"], &["見本", "例題"]),
    (&["小明", "美玲"], &["样本", "示例"]),
    (&["Иван", "Ольга"], &["Примеров", "Образцова"]),
    (&["Łukasz", "Agnieszka"], &["Przykład", "Wzór"]),
    (&["Νίκος", "Ελένη"], &["Παράδειγμα", "Δείγμα"]),
    (&["ليلى", "يوسف"], &["مثال", "نموذج"]),
    (&["נועה", "יונתן"], &["דוגמה", "לדוגמה"]),
];

/// Patients who were registered and never scanned.
const NEVER_SCANNED: [usize; 5] = [9, 24, 44, 58, 63];

/// A patient whose record has no dates.
const UNDATED: usize = 11;

/// Generates the patients, before any of them is scanned.
pub fn patients(random: &mut fastrand::Rng, today: i64) -> Vec<Patient> {
    let mut patients: Vec<Patient> = Vec::new();
    for (first_names, last_names) in NAMES {
        for last_name in last_names {
            for first_name in first_names {
                let nth = patients.len() as u32;
                let born = PlainDate::from_days_since_epoch(today - random.i64(7 * 365..88 * 365));
                let gender = if random.bool() { Gender::Female } else { Gender::Male };
                patients.push(Patient {
                    id: Guid::from_random(random.u128(..)),
                    record_id: 300_100 + 7 * nth,
                    first_name: (*first_name).into(),
                    last_name: (*last_name).into(),
                    chart_number: chart_number(nth),
                    gender: (random.u8(..10) > 0).then_some(gender),
                    birth_date: (random.u8(..8) > 0).then_some(born),
                    created: None,
                    updated: None,
                });
            }
        }
    }
    // Two patients with the same name and different chart numbers (§5.1).
    if let Some([first, second]) = patients.get_mut(36..38) {
        second.first_name.clone_from(&first.first_name);
        second.last_name.clone_from(&first.last_name);
    }
    patients
}

/// Returns the chart number of a patient. As in real practices, some have none, two share one and three share another
/// (§5.1, §5.6).
fn chart_number(nth: u32) -> Option<String> {
    match nth {
        17 | 40 | 55 => None,
        29 => Some("SB-1008".into()),
        44 | 51 => Some("SB-1023".into()),
        _ => Some(format!("SB-{}", 1000 + nth)),
    }
}

/// Whether a patient was ever scanned.
pub fn is_scanned(patient: usize) -> bool {
    !NEVER_SCANNED.contains(&patient)
}

impl Practice {
    /// Dates the records: each is created before its first scan, and some are updated later.
    pub(super) fn date_patients(&mut self, now: Millis) {
        let first_scans: Vec<Option<Millis>> = (0..self.patients.len())
            .map(|at| self.orders.iter().find(|order| order.rx.patient == at).map(|order| order.scanned))
            .collect();
        for (at, (patient, first_scan)) in self.patients.iter_mut().zip(first_scans).enumerate() {
            let created = first_scan.unwrap_or(now) - self.random.i64(DAY..40 * DAY);
            let updated = if self.random.u8(..3) == 0 { self.random.i64(created..now) } else { created };
            if at != UNDATED {
                patient.created = Some(created);
                patient.updated = Some(updated);
            }
        }
    }
}
