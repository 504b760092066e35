//! The kinds of restoration on a tooth, by the code that the preps of orders have (§4.1.3).

/// The names; a name's code is its position, counted from 1.
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
