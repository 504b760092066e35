//! The kinds of restoration on a tooth, by the code that orders' preps carry (§4.1.3).

/// The codes' names; the code is the place, from 1.
pub const UNIT_TYPES: [&str; 13] = [
    "Regular",
    "Crown",
    "3/4 Crown",
    "Implant Abutment",
    "Inlay",
    "Onlay",
    "Veneer",
    "Detachable",
    "Missing (edentulous space)",
    "Missing (no spaces)",
    "Deciduous",
    "Scan body",
    "CerecGuide",
];
