//! The practice's staff and labs. None of them is real.

use super::export_settings::ExportSettings;
use super::practice::{Doctor, Lab};

/// The labs that the practice works with.
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

/// Returns the practice's doctors with their initial license numbers.
pub fn doctors() -> Vec<Doctor> {
    let doctor = |id, name, license: &str, supported_case_types| Doctor {
        id,
        name,
        license_number: license.into(),
        supported_case_types,
        export_settings: ExportSettings::default(),
    };
    vec![
        doctor(5201, "Dr. Amélie Exemplaire", "EX-10001", &[1, 2, 3, 5]),
        doctor(5202, "Dr. Max Mustermann", "EX-10002", &[1, 2]),
        doctor(5203, "Dr. Siobhán O’Sample", "EX-10003", &[2, 3, 4]),
        doctor(5204, "Dr. 見本 花子", "", &[1, 5]),
    ]
}

/// The scanners' operators.
pub const OPERATORS: [(u32, &str); 4] =
    [(6301, "Jo Placeholder"), (6302, "Nadia Prøve"), (6303, "Dr. Max Mustermann"), (6304, "Tomás Muestra")];

/// The scanners, by model.
pub const SCANNERS: [(u32, &str); 3] = [(4, "iTero Element 2"), (6, "iTero Element 5D"), (9, "iTero Lumina")];
