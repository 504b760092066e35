//! The practice that the sandbox plays: who belongs to it, what was ordered and what was scanned.

use super::clock::Millis;
use super::control::Event;
use super::downloads::Archives;
use crate::wire::{Guid, PlainDate};

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What comes before `/api/third-party/v2`, without a trailing slash.
    pub base_url: String,
    /// The only token that is let in.
    pub access_token: String,
    /// How long a new order's 3D archive takes after it is first asked for.
    pub generation_ms: Millis,
}

/// A practice with a memory. It does no I/O and knows no clock: every call is told the time.
pub struct Practice {
    pub(super) settings: Settings,
    pub(super) seed: u64,
    pub(super) created: Millis,
    pub(super) random: fastrand::Rng,
    pub(super) doctors: Vec<Doctor>,
    pub(super) patients: Vec<Patient>,
    /// RXs that wait for their scan.
    pub(super) requests: Vec<Rx>,
    /// Scanned RXs, oldest scan first.
    pub(super) orders: Vec<Order>,
    /// All that happened since the practice was made up.
    pub(super) journal: Vec<Event>,
    pub(super) archives: Archives,
}

/// The practice's own id and name.
pub const COMPANY_ID: u32 = 90_360;
pub const COMPANY_NAME: &str = "Sandbox Dental Practice";

#[derive(Clone, Debug)]
pub struct Doctor {
    pub id: u32,
    pub name: &'static str,
    pub license_number: String,
    pub supported_case_types: &'static [u8],
}

#[derive(Debug)]
pub struct Lab {
    pub id: u32,
    pub name: &'static str,
    pub types: &'static [&'static str],
    pub address: &'static str,
    pub defined_case_types: &'static [u8],
}

#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// The number that orders still carry, deprecated.
    pub record_id: u32,
    pub first_name: String,
    pub last_name: String,
    /// Not blank; patients without one exist (R26).
    pub chart_number: Option<String>,
    pub gender: Option<Gender>,
    pub birth_date: Option<PlainDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    Male,
    Female,
}

impl Gender {
    pub fn word(self) -> &'static str {
        match self {
            Self::Male => "Male",
            Self::Female => "Female",
        }
    }
}

/// What to scan, for whom. The patient and the doctor are places in the practice's lists, from which nobody leaves.
#[derive(Clone, Debug)]
pub struct Rx {
    pub id: Guid,
    pub patient: usize,
    pub doctor: usize,
    pub lab: Option<&'static Lab>,
    /// A procedure of §4.2.3 that the practice knows.
    pub procedure_map_id: Option<u16>,
    pub notes: Option<String>,
}

/// A scanned RX.
#[derive(Clone, Debug)]
pub struct Order {
    pub rx: Rx,
    pub id: u32,
    pub code: String,
    pub status: &'static str,
    pub scanned: Millis,
    pub scan_seconds: u32,
    pub operator: (u32, &'static str),
    pub scanner: (u32, &'static str),
    pub preps: Vec<Prep>,
    pub generation: Generation,
}

/// A tooth to treat. `ada_id` is its universal number, `unit_type` a code of §4.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prep {
    pub ada_id: u8,
    pub unit_type: u8,
    pub bridge_id: Option<u8>,
}

impl Prep {
    pub fn unit_type_name(&self) -> &'static str {
        UNIT_TYPES.iter().find(|(id, _)| *id == self.unit_type).map_or("Regular", |(_, name)| name)
    }
}

/// How far the 3D archive of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    Ready,
    /// Starts when it is asked for (§4.7.3).
    NotAsked,
    AskedAt(Millis),
}

/// An order with all that its papers name.
pub struct Case<'a> {
    pub order: &'a Order,
    pub patient: &'a Patient,
    pub doctor: &'a Doctor,
    pub practice: &'static str,
}

impl Case<'_> {
    /// Name and type of the procedure, as orders spell them (§4.4.4). An RX without one was scanned as a study model.
    pub fn procedure(&self) -> (&'static str, Option<&'static str>) {
        self.order.rx.procedure_map_id.and_then(procedure).unwrap_or(STUDY_MODEL)
    }
}

impl Practice {
    pub(super) fn case<'a>(&'a self, order: &'a Order) -> Case<'a> {
        Case {
            order,
            patient: &self.patients[order.rx.patient],
            doctor: &self.doctors[order.rx.doctor],
            practice: COMPANY_NAME,
        }
    }
}

const STUDY_MODEL: (&str, Option<&str>) = ("Study Model - iRecord", None);

/// The procedure behind a `procedureMapId`, in the names that orders carry (§4.4.4), which are not quite those of the
/// scan request's table (R54). `None` for an id that is not in the table (R28).
pub fn procedure(map_id: u16) -> Option<(&'static str, Option<&'static str>)> {
    const ALIGNERS: &str = "Invisalign Vivera";
    const APPLIANCE: &str = "Appliance";
    const DENTURE: &str = "Denture/Removable";
    const IMPLANT: &str = "Implant Planning";
    Some(match map_id {
        1 | 54 | 78 | 80 => STUDY_MODEL,
        2 => ("Study Model - iRecord", Some("Ortho Model/iCast")),
        3 => (ALIGNERS, Some("Invisalign Aligners")),
        4 => (ALIGNERS, Some("Invisalign First Aligners")),
        5 => (ALIGNERS, Some("Invisalign First Palatal Expander")),
        6 => (ALIGNERS, Some("Vivera Retainer")),
        7 => (ALIGNERS, Some("Invisalign Retainer")),
        8 | 14 | 55 | 81 => (APPLIANCE, Some("Night guard")),
        9 | 15 | 56 | 82 => (APPLIANCE, Some("Bite Splint")),
        10 | 16 | 66 | 92 => (APPLIANCE, Some("Sports/Mouth guard")),
        11 | 17 | 67 | 93 => (APPLIANCE, Some("Apnea/Sleep Appliance")),
        13 | 19 | 69 | 94 => (APPLIANCE, Some("Ortho Appliance")),
        41 | 42 | 63 | 89 => (APPLIANCE, None),
        20 | 57 | 83 => (DENTURE, Some("Partial Denture/Framework")),
        21 | 58 | 84 => (DENTURE, Some("Immediate Denture")),
        22 | 70 | 95 => (DENTURE, Some("Full Denture Tissue Based")),
        23 | 71 | 96 => (DENTURE, Some("Full Denture Implant Based")),
        104 | 105 | 107 => (DENTURE, Some("Full Immediate Denture")),
        48 | 72 | 97 => (DENTURE, None),
        24 | 59 | 85 => (IMPLANT, Some("Surgical guide Tooth supported")),
        25 | 60 | 86 => (IMPLANT, Some("Surgical guide Tissue Supported")),
        26 | 61 | 87 => (IMPLANT, Some("Surgical guide Bone supported")),
        46 | 64 | 90 => (IMPLANT, Some("Surgical planning only - No guide")),
        44 | 65 | 91 => (IMPLANT, None),
        30 | 62 | 88 => ("Fixed Restorative", None),
        _ => return None,
    })
}

/// The unit types of §4.1.3.
pub const UNIT_TYPES: [(u8, &str); 13] = [
    (1, "Regular"),
    (2, "Crown"),
    (3, "3/4 Crown"),
    (4, "Implant Abutment"),
    (5, "Inlay"),
    (6, "Onlay"),
    (7, "Veneer"),
    (8, "Detachable"),
    (9, "Missing (edentulous space)"),
    (10, "Missing (no spaces)"),
    (11, "Deciduous"),
    (12, "Scan body"),
    (13, "CerecGuide"),
];

/// The labs that the practice works with, none of them real.
pub static LABS: [Lab; 5] = [
    Lab {
        id: 7101,
        name: "Example Crown & Bridge",
        types: &["Dental"],
        address: "1 Placeholder Way, Springfield",
        defined_case_types: &[1, 2],
    },
    Lab {
        id: 7102,
        name: "Musterlabor Zahntechnik",
        types: &["Dental"],
        address: "Musterstraße 12, 00000 Musterstadt",
        defined_case_types: &[1],
    },
    Lab {
        id: 7103,
        name: "Ortho-Exemple S.A.R.L.",
        types: &["Ortho"],
        address: "3 rue de l’Exemple, 00000 Nulle-Part",
        defined_case_types: &[2, 3],
    },
    Lab {
        id: 7104,
        name: "見本歯科技工所",
        types: &["Dental", "Ortho"],
        address: "見本県見本市 1-2-3",
        defined_case_types: &[1, 2, 3],
    },
    Lab { id: 7105, name: "Smiles in Alignment", types: &["Ortho"], address: "", defined_case_types: &[] },
];

/// The practice's doctors, as they start.
pub fn doctors() -> Vec<Doctor> {
    let doctor = |id, name, license: &str, supported_case_types| Doctor {
        id,
        name,
        license_number: license.into(),
        supported_case_types,
    };
    vec![
        doctor(5201, "Dr. Amélie Exemplaire", "EX-10001", &[1, 2, 3, 5]),
        doctor(5202, "Dr. Max Mustermann", "EX-10002", &[1, 2]),
        doctor(5203, "Dr. Siobhán O’Sample", "EX-10003", &[2, 3, 4]),
        doctor(5204, "Dr. 見本 花子", "", &[1, 5]),
    ]
}

/// Who works the scanners.
pub const OPERATORS: [(u32, &str); 4] =
    [(6301, "Jo Placeholder"), (6302, "Nadia Prøve"), (6303, "Dr. Max Mustermann"), (6304, "Tomás Muestra")];

/// The scanners, by model.
pub const SCANNERS: [(u32, &str); 3] = [(4, "iTero Element 2"), (6, "iTero Element 5D"), (9, "iTero Lumina")];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::procedures::PROCEDURES;

    #[test]
    fn every_procedure_of_the_scan_request_is_known_and_no_other() {
        let known: Vec<u16> = (0..=u16::MAX).filter(|id| procedure(*id).is_some()).collect();
        let listed: Vec<u16> = PROCEDURES.iter().map(|procedure| procedure.id).collect();
        assert_eq!(known, listed);
    }
}
