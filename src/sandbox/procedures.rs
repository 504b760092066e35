//! Procedures with the names that orders use (§4.4.4).

/// The procedure of an RX without one.
pub const STUDY_MODEL: (&str, Option<&str>) = ("Study Model - iRecord", None);

/// Returns the procedure of a `procedureMapId` with the names that orders use (§4.4.4), which differ slightly from those in the
/// scan request's table (R54). Returns `None` for an id that is not in the table (R28).
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::procedures::PROCEDURES;

    #[test]
    fn every_procedure_of_the_scan_request_is_known_and_no_other() {
        let known: Vec<u16> = (0..=u16::MAX).filter(|id| procedure(*id).is_some()).collect();
        let listed: Vec<u16> = PROCEDURES.iter().map(|procedure| procedure.id).collect();
        assert_eq!(known, listed);
    }
}
