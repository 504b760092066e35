//! The body that explains a V3 call's 400 (§5.2.4).

use crate::schema::model::model;

model! {
    /// Why a call was refused.
    pub struct Refusal {
        /// A code such as `INVALID_REQUEST_PARAMETERS`.
        code: Option<String> = "Code",
        /// The parameters that were refused.
        errors: Vec<RefusedField> = "Errors",
    }
}

model! {
    /// A parameter that was refused.
    pub struct RefusedField {
        /// Its key on the wire. What is wrong with it is left out: it may quote the value.
        field: Option<String> = "Field",
    }
}

model! {
    /// Why the edge function's relay, and not the API, refused a call: a problem document (RFC 9457).
    pub struct RelayRefusal {
        /// `insufficient-scope` or `practice-needs-pairing`.
        code: Option<String> = "code",
        /// The scope that the session lacks.
        scope: Option<String> = "scope",
    }
}
