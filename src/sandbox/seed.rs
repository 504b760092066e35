//! A practice made up from a seed: the same seed at the same time gives the same practice, byte for byte.

use super::clock::{DAY, Millis};
use super::downloads::Archives;
use super::practice::{
    Gender, Generation, LABS, Lab, OPERATORS, Order, Patient, Practice, Prep, Rx, SCANNERS, Settings, doctors,
    procedure,
};
use crate::wire::{Guid, PlainDate};

const ORDERS: usize = 336;

/// So many of them were scanned in the last 90 days.
const RECENT: usize = 124;

/// First names and last names by language. The last names mean "example" or "sample", so nobody takes them for people.
const NAMES: [(&[&str], &[&str]); 12] = [
    (&["Olivia", "Noah", "Grace", "Theo"], &["Sample", "Placeholder"]),
    (&["Erika", "Jürgen", "Käthe", "Max"], &["Mustermann", "Beispiel"]),
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
];

/// Procedures by id (§4.2.3), as often as they are ordered.
const PROCEDURES: [u16; 24] = [30, 30, 30, 30, 30, 62, 88, 4, 4, 4, 3, 7, 5, 1, 1, 80, 2, 8, 15, 13, 20, 22, 24, 46];

const NOTES: [&str; 8] = [
    "Shade A2. Please call before milling.",
    "Patient grinds at night; keep the occlusion light.",
    "Margin is subgingival on the mesial side.",
    "Second scan, the first one lacked the distal of the last molar.",
    "Bitte Kontaktpunkte prüfen – danke!",
    "Contact <5 µm & smooth; see photo \"left\".",
    "Allergic to nickel.",
    "Retainer check in six months.",
];

/// What a tooth can be prepared for, as often as it is.
const UNIT_TYPES: [u8; 10] = [2, 2, 2, 2, 7, 5, 6, 4, 12, 9];

impl Practice {
    /// A practice with its patients and the orders of about 18 months before `now`.
    pub fn new(settings: Settings, seed: u64, now: Millis) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let today = now.div_euclid(DAY);
        let patients = patients(&mut random, today);
        let mut practice = Self {
            settings,
            seed,
            created: now,
            random,
            doctors: doctors(),
            patients,
            requests: Vec::new(),
            orders: Vec::with_capacity(ORDERS),
            journal: Vec::new(),
            archives: Archives::default(),
        };
        let mut scans: Vec<Millis> = (0..ORDERS).map(|nth| practice.scan_time(nth < RECENT, today)).collect();
        scans.sort_unstable();
        let mut id = 48_210_000;
        for (nth, scanned) in scans.into_iter().enumerate() {
            let rx = practice.random_rx(nth);
            let mut order = practice.random_order(rx, id, scanned);
            order.status = practice.random_status(&order, now - scanned);
            id = order.id;
            practice.orders.push(order);
        }
        practice
    }

    /// A moment of a working day before today.
    fn scan_time(&mut self, recent: bool, today: i64) -> Millis {
        let days_ago = if recent { self.random.i64(1..89) } else { self.random.i64(90..545) };
        (today - days_ago) * DAY + self.random.i64(8 * 3600..18 * 3600) * 1000
    }

    fn random_rx(&mut self, nth: usize) -> Rx {
        // Everyone was scanned once before anyone comes back by chance.
        let patient = if nth < self.patients.len() { nth } else { self.random.usize(..self.patients.len()) };
        let procedure_map_id = self.random.choice(PROCEDURES);
        let kind = match procedure_map_id {
            Some(30 | 15 | 20 | 22 | 24 | 46) => Some("Dental"),
            Some(1 | 8 | 13) => Some("Ortho"),
            _ => None,
        };
        let lab = kind.and_then(|kind| self.random_lab(kind));
        let notes = if self.random.u8(..10) < 4 { self.random.choice(NOTES) } else { None };
        Rx {
            id: Guid::from_random(self.random.u128(..)),
            patient,
            doctor: self.random.usize(..self.doctors.len()),
            lab,
            procedure_map_id,
            notes: notes.map(String::from),
        }
    }

    fn random_lab(&mut self, kind: &str) -> Option<&'static Lab> {
        let labs: Vec<_> = LABS.iter().filter(|lab| lab.types.contains(&kind)).collect();
        self.random.choice(labs)
    }

    /// The order of an RX that was scanned: what the scanner and its operator add to it.
    pub(super) fn random_order(&mut self, rx: Rx, after_id: u32, scanned: Millis) -> Order {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let random = &mut self.random;
        let restorative = rx.procedure_map_id.and_then(procedure) == procedure(30);
        Order {
            id: after_id + random.u32(1..60),
            code: (0..8).map(|_| char::from(LETTERS[random.usize(..LETTERS.len())])).collect(),
            status: "Completed",
            scanned,
            scan_seconds: random.u32(95..900),
            operator: OPERATORS[random.usize(..OPERATORS.len())],
            scanner: SCANNERS[random.usize(..SCANNERS.len())],
            preps: if restorative { random_preps(random) } else { Vec::new() },
            generation: Generation::Ready,
            rx,
        }
    }

    /// A status that fits the case (§4.4.6): old cases are done, young ones on their way.
    fn random_status(&mut self, order: &Order, age: Millis) -> &'static str {
        let roll = self.random.usize(..10);
        let Some((name, _)) = order.rx.procedure_map_id.and_then(procedure) else { return "Completed" };
        match name {
            "Invisalign Vivera" if roll == 0 => "Align Production",
            "Invisalign Vivera" => "Exporting to Doctor Site",
            "Fixed Restorative" if age < 60 * DAY => {
                ["iTero Modeling", "Lab Review", "Scanning", "iTero Milling"].get(roll).copied().unwrap_or("Completed")
            }
            "Fixed Restorative" if roll == 0 => "Lab Review",
            _ if age < 10 * DAY && roll < 3 => "Align Production",
            _ => "Completed",
        }
    }
}

fn patients(random: &mut fastrand::Rng, today: i64) -> Vec<Patient> {
    let mut patients = Vec::new();
    for (first_names, last_names) in NAMES {
        for last_name in last_names {
            for first_name in first_names {
                let nth = patients.len() as u32;
                let chart_number = match nth {
                    // Patients without a chart number, and two who share one, are what practices really have (§5.1).
                    17 | 40 | 55 => None,
                    29 => Some("SB-1008".into()),
                    _ => Some(format!("SB-{}", 1000 + nth)),
                };
                let born = PlainDate::from_days_since_epoch(today - random.i64(7 * 365..88 * 365));
                let gender = if random.bool() { Gender::Female } else { Gender::Male };
                patients.push(Patient {
                    record_id: 300_100 + 7 * nth,
                    first_name: (*first_name).into(),
                    last_name: (*last_name).into(),
                    chart_number,
                    gender: (random.u8(..10) > 0).then_some(gender),
                    birth_date: (random.u8(..8) > 0).then_some(born),
                });
            }
        }
    }
    patients
}

/// One to three teeth, or a bridge over a missing one.
fn random_preps(random: &mut fastrand::Rng) -> Vec<Prep> {
    // Wisdom teeth, at the ends of both jaws, are left alone.
    let first = if random.bool() { random.u8(2..=13) } else { random.u8(18..=29) };
    if random.u8(..4) == 0 {
        let part = |ada_id, unit_type| Prep { ada_id, unit_type, bridge_id: Some(1) };
        return vec![part(first, 2), part(first + 1, 9), part(first + 2, 2)];
    }
    let teeth = first..=first + random.u8(..2);
    teeth.map(|ada_id| Prep { ada_id, unit_type: random.choice(UNIT_TYPES).unwrap_or(2), bridge_id: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, get, settings};
    use super::*;

    fn listing(seed: u64, now: Millis) -> Vec<u8> {
        get(&mut Practice::new(settings(), seed, now), "/orders/practice?Offset=0&pageSize=1024", now).body
    }

    #[test]
    fn the_same_seed_at_the_same_time_is_the_same_practice() {
        assert_eq!(listing(1, NOW), listing(1, NOW));
        assert_ne!(listing(1, NOW), listing(2, NOW));
    }

    #[test]
    fn an_orders_files_are_the_same_each_time() {
        let gallery = || {
            let mut practice = Practice::new(settings(), 1, NOW);
            let id = practice.orders[200].id;
            get(&mut practice, &format!("/order/{id}/download/IMAGE_GALLERY"), NOW).body
        };
        assert_eq!(gallery(), gallery());
    }

    #[test]
    fn patients_lack_what_real_ones_lack() {
        let patients = Practice::new(settings(), 1, NOW).patients;
        assert!(patients.len() >= 60);
        assert!(patients.iter().any(|patient| patient.birth_date.is_none()));
        assert!(patients.iter().any(|patient| patient.gender.is_none()));
        assert!(patients.iter().any(|patient| patient.chart_number.is_none()));
        let numbers: Vec<_> = patients.iter().filter_map(|patient| patient.chart_number.as_ref()).collect();
        assert!(numbers.iter().enumerate().any(|(at, number)| numbers[..at].contains(number)));
    }

    #[test]
    fn orders_lie_before_now_whatever_the_seed() {
        for seed in 0..20 {
            let practice = Practice::new(settings(), seed, NOW);
            assert!(practice.orders.iter().all(|order| order.scanned < NOW && order.scanned > NOW - 546 * DAY));
            assert!(practice.orders.iter().filter(|order| order.scanned > NOW - 90 * DAY).count() >= 100);
        }
    }
}
