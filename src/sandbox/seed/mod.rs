//! Generates a practice from a seed. The same seed and time give the same practice, byte for byte.

mod patients;

use super::clock::{DAY, Millis};
use super::downloads::CACHED_ARCHIVES;
use super::faults::Faults;
use super::file_cache::FileCache;
use super::practice::{Capture, Generation, Lab, Order, Practice, Prep, Rx, Settings};
use super::procedures::procedure;
use super::scanner::capture_kind;
use super::screen_captures::CACHED_PICTURES;
use super::staff::{LABS, OPERATORS, SCANNERS, doctors};
use super::tokens::Tokens;
use crate::scalar::Guid;

const ORDERS: usize = 336;

/// How many of the orders were scanned in the last 90 days.
const RECENT_ORDERS: usize = 124;

/// Procedures by id (§4.2.3), weighted by repetition.
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

/// Unit types of prepared teeth (§4.1.3), weighted by repetition.
const UNIT_TYPES: [u8; 10] = [2, 2, 2, 2, 7, 5, 6, 4, 12, 9];

impl Practice {
    /// Generates a practice with its patients and the orders of about 18 months before `now`.
    pub fn new(settings: Settings, seed: u64, now: Millis) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let today = now.div_euclid(DAY);
        let patients = patients::patients(&mut random, today);
        let tokens = Tokens::new(settings.access_token.as_deref());
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
            archives: FileCache::new(CACHED_ARCHIVES),
            pictures: FileCache::new(CACHED_PICTURES),
            tokens,
            ahead: 0,
            callback_url: None,
            pushes: Vec::new(),
            faults: Faults::default(),
        };
        let mut scans: Vec<Millis> = (0..ORDERS).map(|nth| practice.scan_time(nth < RECENT_ORDERS, today)).collect();
        scans.sort_unstable();
        let mut id = 48_210_000;
        let scanned_patients: Vec<usize> =
            (0..practice.patients.len()).filter(|at| patients::is_scanned(*at)).collect();
        for (nth, scanned) in scans.into_iter().enumerate() {
            // Everyone is scanned once, then patients come back at random.
            let count = scanned_patients.len();
            let patient = scanned_patients[if nth < count { nth } else { practice.random.usize(..count) }];
            let rx = practice.random_rx(patient);
            let mut order = practice.random_order(rx, id, scanned);
            order.status = practice.random_status(&order, now - scanned).into();
            id = order.id;
            if nth % 5 == 2 {
                practice.add_captures(&mut order);
            }
            practice.orders.push(order);
        }
        practice.date_patients(now);
        practice
    }

    /// Returns a time during the working hours of an earlier day.
    fn scan_time(&mut self, recent: bool, today: i64) -> Millis {
        let days_ago = if recent { self.random.i64(1..89) } else { self.random.i64(90..545) };
        (today - days_ago) * DAY + self.random.i64(8 * 3600..18 * 3600) * 1000
    }

    /// Adds a few captures, taken within hours of the scan.
    fn add_captures(&mut self, order: &mut Order) {
        let mut created = order.scanned + Millis::from(order.scan_seconds) * 1000;
        for _ in 0..self.random.u8(1..=4) {
            created += self.random.i64(20_000..3_600_000);
            let id = Guid::from_random(self.random.u128(..));
            order.captures.push(Capture { id, created, kind: capture_kind(order) });
        }
    }

    fn random_rx(&mut self, patient: usize) -> Rx {
        let procedure_map_id = self.random.choice(PROCEDURES);
        let kind = match procedure_map_id {
            Some(30 | 15 | 20 | 22 | 24 | 46) => Some("Dental"),
            Some(1 | 8 | 13) => Some("Ortho"),
            _ => None,
        };
        let lab = kind.and_then(|kind| self.random_lab(kind));
        let notes = if self.random.u8(..10) < 4 { self.random.choice(NOTES) } else { None };
        let id = Guid::from_random(self.random.u128(..));
        let doctor = self.random.usize(..self.doctors.len());
        Rx {
            id,
            patient,
            doctor,
            license_number: self.doctors[doctor].license_number.clone(),
            lab,
            procedure_map_id,
            notes: notes.map(String::from),
        }
    }

    fn random_lab(&mut self, kind: &str) -> Option<&'static Lab> {
        let labs: Vec<_> = LABS.iter().filter(|lab| lab.types.contains(&kind)).collect();
        self.random.choice(labs)
    }

    /// Turns an RX into an order, with random values for what the scanner and its operator add.
    pub(super) fn random_order(&mut self, rx: Rx, after_id: u32, scanned: Millis) -> Order {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let random = &mut self.random;
        let restorative = rx.procedure_map_id.and_then(procedure) == procedure(30);
        Order {
            id: after_id + random.u32(1..60),
            code: (0..8).map(|_| char::from(LETTERS[random.usize(..LETTERS.len())])).collect(),
            status: "Completed".into(),
            scanned,
            scan_seconds: random.u32(95..900),
            operator: OPERATORS[random.usize(..OPERATORS.len())],
            scanner: SCANNERS[random.usize(..SCANNERS.len())],
            preps: if restorative { random_preps(random) } else { Vec::new() },
            generation: Generation::Ready,
            revision: 0,
            captures: Vec::new(),
            rx,
        }
    }

    /// Returns a status that fits the order (§4.4.6): old orders are completed, recent ones in progress.
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

/// Returns one or two teeth, or a bridge over a missing one.
fn random_preps(random: &mut fastrand::Rng) -> Vec<Prep> {
    // Not the wisdom teeth, at the ends of both jaws.
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
    use super::super::patients::Patient;
    use super::super::test::{NOW, get, search, settings};
    use super::*;
    use std::collections::HashSet;

    fn listing(seed: u64, now: Millis) -> Vec<u8> {
        get(&mut Practice::new(settings(), seed, now), "/orders/practice?Offset=0&pageSize=1024", now).body
    }

    #[test]
    fn the_same_seed_at_the_same_time_is_the_same_practice() {
        assert_eq!(listing(1, NOW), listing(1, NOW));
        assert_ne!(listing(1, NOW), listing(2, NOW));
        let others = |seed| {
            let mut practice = Practice::new(settings(), seed, NOW);
            (search(&mut practice, "").body, get(&mut practice, "/latest-files", NOW).body)
        };
        assert_eq!(others(1), others(1));
        assert_ne!(others(1), others(2));
    }

    #[test]
    fn the_same_seed_gives_an_order_the_same_files() {
        let gallery = || {
            let mut practice = Practice::new(settings(), 1, NOW);
            let id = practice.orders[200].id;
            get(&mut practice, &format!("/order/{id}/download/IMAGE_GALLERY"), NOW).body
        };
        assert_eq!(gallery(), gallery());
    }

    #[test]
    fn some_patients_lack_values_as_real_ones_do() {
        let practice = Practice::new(settings(), 1, NOW);
        let patients = &practice.patients;
        assert!(patients.iter().any(|patient| patient.birth_date.is_none()));
        assert!(patients.iter().any(|patient| patient.gender.is_none()));
        assert!(patients.iter().any(|patient| patient.created.is_none() && patient.updated.is_none()));
        assert_eq!(practice.with_chart_number(None).len(), 3);
        assert_eq!((0..patients.len()).filter(|at| practice.last_scan(*at).is_none()).count(), 5);
    }

    #[test]
    fn chart_numbers_are_shared_by_two_and_by_three_patients() {
        let practice = Practice::new(settings(), 1, NOW);
        let numbers: HashSet<_> =
            practice.patients.iter().filter_map(|patient| patient.chart_number.as_deref()).collect();
        let mut shared: Vec<_> =
            numbers.into_iter().map(|number| practice.with_chart_number(Some(number)).len()).collect();
        shared.sort_unstable_by(|few, many| many.cmp(few));
        assert_eq!(shared[..3], [3, 2, 1]);
    }

    #[test]
    fn names_are_in_many_scripts_including_right_to_left_ones() {
        let patients = Practice::new(settings(), 1, NOW).patients;
        for script in ['\u{5d0}'..='\u{5ea}', '\u{620}'..='\u{64a}', 'а'..='я', 'α'..='ω', '一'..='龥', 'à'..='ÿ']
        {
            let written = |patient: &Patient| patient.first_name.contains(|letter| script.contains(&letter));
            assert!(patients.iter().any(written), "{script:?}");
        }
    }

    #[test]
    fn records_are_created_before_the_first_scan_and_updated_before_now() {
        for seed in 0..20 {
            let practice = Practice::new(settings(), seed, NOW);
            for (at, patient) in practice.patients.iter().enumerate() {
                let Some((created, updated)) = patient.created.zip(patient.updated) else { continue };
                let first_scan = practice.orders.iter().find(|order| order.rx.patient == at).map(|order| order.scanned);
                assert!(created <= updated && updated < NOW);
                assert!(first_scan.is_none_or(|scanned| created < scanned));
            }
            assert!(practice.patients.iter().any(|patient| patient.updated > patient.created));
        }
    }

    #[test]
    fn some_recent_orders_have_captures_and_most_orders_have_none() {
        for seed in 0..20 {
            let practice = Practice::new(settings(), seed, NOW);
            let since = |days: i64| {
                let recent = |order: &&Order| order.captures.iter().any(|capture| capture.created >= NOW - days * DAY);
                practice.orders.iter().filter(recent).count()
            };
            assert!(since(14) >= 2 && since(90) >= 20 && since(600) > since(90), "{} {}", since(14), since(90));
            assert!(practice.orders.iter().filter(|order| order.captures.is_empty()).count() > 200);
            for order in &practice.orders {
                assert!(order.captures.is_sorted_by_key(|capture| capture.created));
                assert!(order.captures.iter().all(|capture| (order.scanned..NOW).contains(&capture.created)));
            }
        }
    }

    #[test]
    fn all_orders_are_in_the_past_whatever_the_seed() {
        for seed in 0..20 {
            let practice = Practice::new(settings(), seed, NOW);
            assert!(practice.orders.iter().all(|order| order.scanned < NOW && order.scanned > NOW - 546 * DAY));
            assert!(practice.orders.iter().filter(|order| order.scanned > NOW - 90 * DAY).count() >= 100);
        }
    }
}
