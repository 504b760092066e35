//! The procedures that a scan request can name (§4.2.3).

use tsify::Tsify;

use crate::schema::input::{Argument, Input, NonBlank, Text};
use crate::schema::request::request;

/// A procedure with its type and destination: one row of the table that `procedureMapId` refers to.
#[derive(Clone, Copy, Tsify, Debug, PartialEq, Eq)]
#[tsify(missing_as_null)]
pub struct Procedure {
    /// Goes into a scan request as `procedureMapId`. The ids have gaps.
    pub id: u16,
    /// Such as `Fixed Restorative`. Every row spells the same procedure in the same way.
    pub procedure: &'static str,
    /// Such as `Night guard`; `null` for a procedure without a type.
    #[serde(rename = "type")]
    pub procedure_type: Option<&'static str>,
    /// Where the scan goes.
    #[serde(rename = "sendTo")]
    pub send_to: SendTo,
}

/// Where a scan goes: to a lab of type `Ortho` or `Dental`, which `labId` then names (§4.2.3), to the practice's account on
/// myitero.com, or nowhere.
#[derive(Clone, Copy, Tsify, Debug, Default, PartialEq, Eq)]
pub enum SendTo {
    /// A lab of type `Ortho`.
    #[serde(rename = "ortho-lab")]
    OrthoLab,
    /// A lab of type `Dental`, which is restorative.
    #[serde(rename = "resto-lab")]
    RestoLab,
    /// The practice's account on myitero.com.
    #[serde(rename = "myitero")]
    MyItero,
    /// No destination.
    #[default]
    #[serde(rename = "none")]
    NoSendTo,
}

use SendTo::{MyItero, NoSendTo, OrthoLab, RestoLab};

impl SendTo {
    /// Returns its name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            OrthoLab => "ortho-lab",
            RestoLab => "resto-lab",
            MyItero => "myitero",
            NoSendTo => "none",
        }
    }

    /// Returns the destination with a name, such as `ortho-lab`.
    pub fn from_name(name: &str) -> Option<Self> {
        [OrthoLab, RestoLab, MyItero, NoSendTo].into_iter().find(|send_to| send_to.name() == name)
    }
}

request! {
    /// What to look for in the table of procedures. Case and punctuation of the names do not matter.
    pub struct ProcedureQuery {
        /// Such as `Fixed Restorative`.
        procedure: NonBlank = required,
        /// `null` for a procedure without a type.
        r#type: Text,
        /// Where the scan goes.
        send_to: SendTo = required,
    }
}

impl Input for SendTo {
    type Value = Self;
    const TYPE: &'static str = "SendTo";
    const ALLOWED: &'static str = "\"ortho-lab\", \"resto-lab\", \"myitero\" or \"none\"";

    fn read(argument: &Argument) -> Option<Self> {
        Self::from_name(argument.text()?)
    }
}

/// Returns the row of a procedure. The document's tables spell the same names differently, so case, punctuation and their known
/// typos do not matter.
pub fn find_procedure(procedure: &str, procedure_type: Option<&str>, send_to: SendTo) -> Option<Procedure> {
    PROCEDURES.into_iter().find(|row| {
        row.send_to == send_to
            && loosely(row.procedure) == loosely(procedure)
            && row.procedure_type.map(loosely) == procedure_type.map(loosely)
    })
}

fn loosely(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    match letters.as_str() {
        "invisalignviverra" => "invisalignvivera".into(),
        "viverraretainer" => "viveraretainer".into(),
        "bitesplit" => "bitesplint".into(),
        "fulldentrueimplantbased" => "fulldentureimplantbased".into(),
        _ => letters,
    }
}

const fn procedure(
    id: u16,
    procedure: &'static str,
    procedure_type: Option<&'static str>,
    send_to: SendTo,
) -> Procedure {
    Procedure { id, procedure, procedure_type, send_to }
}

/// The whole table, by id.
#[rustfmt::skip]
pub const PROCEDURES: [Procedure; 70] = [
    procedure(1, "Study Model - iRecord", None, OrthoLab),
    procedure(2, "Study Model - iRecord", Some("iCast"), NoSendTo),
    procedure(3, "Invisalign - Vivera", Some("Aligners"), NoSendTo),
    procedure(4, "Invisalign - Vivera", Some("First Aligners"), NoSendTo),
    procedure(5, "Invisalign - Vivera", Some("First Palatal Expander"), NoSendTo),
    procedure(6, "Invisalign - Vivera", Some("Vivera Retainer"), NoSendTo),
    procedure(7, "Invisalign - Vivera", Some("Invisalign Retainer"), NoSendTo),
    procedure(8, "Appliance", Some("Night guard"), OrthoLab),
    procedure(9, "Appliance", Some("Bite Splint"), OrthoLab),
    procedure(10, "Appliance", Some("Sports/Mouth guard"), OrthoLab),
    procedure(11, "Appliance", Some("Apnea/Sleep Appliance"), OrthoLab),
    procedure(13, "Appliance", Some("Ortho Appliance"), OrthoLab),
    procedure(14, "Appliance", Some("Night guard"), RestoLab),
    procedure(15, "Appliance", Some("Bite Splint"), RestoLab),
    procedure(16, "Appliance", Some("Sports/Mouth guard"), RestoLab),
    procedure(17, "Appliance", Some("Apnea/Sleep Appliance"), RestoLab),
    procedure(19, "Appliance", Some("Ortho Appliance"), RestoLab),
    procedure(20, "Denture/Removable", Some("Partial Denture/Framework"), RestoLab),
    procedure(21, "Denture/Removable", Some("Immediate Denture"), RestoLab),
    procedure(22, "Denture/Removable", Some("Full Denture Tissue Based"), RestoLab),
    procedure(23, "Denture/Removable", Some("Full Denture Implant Based"), RestoLab),
    procedure(24, "Implant Planning", Some("Surgical guide Tooth supported"), RestoLab),
    procedure(25, "Implant Planning", Some("Surgical guide Tissue Supported"), RestoLab),
    procedure(26, "Implant Planning", Some("Surgical guide Bone supported"), RestoLab),
    procedure(30, "Fixed Restorative", None, RestoLab),
    procedure(41, "Appliance", None, OrthoLab),
    procedure(42, "Appliance", None, RestoLab),
    procedure(44, "Implant Planning", None, RestoLab),
    procedure(46, "Implant Planning", Some("Surgical planning only - No guide"), RestoLab),
    procedure(48, "Denture/Removable", None, RestoLab),
    procedure(54, "Study Model - iRecord", None, NoSendTo),
    procedure(55, "Appliance", Some("Night guard"), NoSendTo),
    procedure(56, "Appliance", Some("Bite Splint"), NoSendTo),
    procedure(57, "Denture/Removable", Some("Partial Denture/Framework"), NoSendTo),
    procedure(58, "Denture/Removable", Some("Immediate Denture"), NoSendTo),
    procedure(59, "Implant Planning", Some("Surgical guide Tooth supported"), NoSendTo),
    procedure(60, "Implant Planning", Some("Surgical guide Tissue Supported"), NoSendTo),
    procedure(61, "Implant Planning", Some("Surgical guide Bone supported"), NoSendTo),
    procedure(62, "Fixed Restorative", None, NoSendTo),
    procedure(63, "Appliance", None, NoSendTo),
    procedure(64, "Implant Planning", Some("Surgical planning only - No guide"), NoSendTo),
    procedure(65, "Implant Planning", None, NoSendTo),
    procedure(66, "Appliance", Some("Sports/Mouth guard"), NoSendTo),
    procedure(67, "Appliance", Some("Apnea/Sleep Appliance"), NoSendTo),
    procedure(69, "Appliance", Some("Ortho Appliance"), NoSendTo),
    procedure(70, "Denture/Removable", Some("Full Denture Tissue Based"), NoSendTo),
    procedure(71, "Denture/Removable", Some("Full Denture Implant Based"), NoSendTo),
    procedure(72, "Denture/Removable", None, NoSendTo),
    procedure(78, "Study Model - iRecord", None, RestoLab),
    procedure(80, "Study Model - iRecord", None, MyItero),
    procedure(81, "Appliance", Some("Night guard"), MyItero),
    procedure(82, "Appliance", Some("Bite Splint"), MyItero),
    procedure(83, "Denture/Removable", Some("Partial Denture/Framework"), MyItero),
    procedure(84, "Denture/Removable", Some("Immediate Denture"), MyItero),
    procedure(85, "Implant Planning", Some("Surgical guide Tooth supported"), MyItero),
    procedure(86, "Implant Planning", Some("Surgical guide Tissue Supported"), MyItero),
    procedure(87, "Implant Planning", Some("Surgical guide Bone supported"), MyItero),
    procedure(88, "Fixed Restorative", None, MyItero),
    procedure(89, "Appliance", None, MyItero),
    procedure(90, "Implant Planning", Some("Surgical planning only - No guide"), MyItero),
    procedure(91, "Implant Planning", None, MyItero),
    procedure(92, "Appliance", Some("Sports/Mouth guard"), MyItero),
    procedure(93, "Appliance", Some("Apnea/Sleep Appliance"), MyItero),
    procedure(94, "Appliance", Some("Ortho Appliance"), MyItero),
    procedure(95, "Denture/Removable", Some("Full Denture Tissue Based"), MyItero),
    procedure(96, "Denture/Removable", Some("Full Denture Implant Based"), MyItero),
    procedure(97, "Denture/Removable", None, MyItero),
    procedure(104, "Denture/Removable", Some("Full Immediate Denture"), RestoLab),
    procedure(105, "Denture/Removable", Some("Full Immediate Denture"), NoSendTo),
    procedure(107, "Denture/Removable", Some("Full Immediate Denture"), MyItero),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn id(procedure: &str, procedure_type: Option<&str>, send_to: SendTo) -> Option<u16> {
        find_procedure(procedure, procedure_type, send_to).map(|row| row.id)
    }

    #[test]
    fn the_documents_examples_are_found() {
        assert_eq!(id("Fixed Restorative", None, RestoLab), Some(30));
        assert_eq!(id("Invisalign - Viverra", Some("First Aligners"), NoSendTo), Some(4));
    }

    #[test]
    fn every_documented_spelling_finds_the_same_row() {
        assert_eq!(id("Study Model / iRecord", None, OrthoLab), Some(1));
        assert_eq!(id("study model - irecord", None, OrthoLab), Some(1));
        assert_eq!(id("Appliance", Some("Bite Split"), MyItero), Some(82));
        assert_eq!(id("Invisalign Vivera", Some("Viverra Retainer"), NoSendTo), Some(6));
        assert_eq!(id("Denture/Removable", Some("Full Dentrue Implant Based"), MyItero), Some(96));
    }

    #[test]
    fn a_combination_that_is_not_in_the_table_is_not_found() {
        assert_eq!(id("Fixed Restorative", None, OrthoLab), None);
        assert_eq!(id("Fixed Restorative", Some("Night guard"), RestoLab), None);
        assert_eq!(id("", None, RestoLab), None);
    }

    #[test]
    fn ids_and_combinations_are_unique() {
        for (at, row) in PROCEDURES.iter().enumerate() {
            assert_eq!(id(row.procedure, row.procedure_type, row.send_to), Some(row.id));
            assert!(PROCEDURES.iter().skip(at + 1).all(|later| later.id > row.id));
        }
    }
}
