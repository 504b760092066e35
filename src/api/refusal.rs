//! The body that explains a V3 call's 400 (§5.2.4).

use crate::schema::model::model;

model! {
    /// Why a call was refused.
    pub struct Refusal {
        /// Such as `INVALID_REQUEST_PARAMETERS`.
        code: Option<String> = "Code",
        /// What is wrong with which parameter.
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
    /// Why the edge function's relay refused a call, which is not the API's business: a problem (RFC 9457).
    pub struct RelayRefusal {
        /// `insufficient-scope` or `practice-needs-pairing`.
        code: Option<String> = "code",
        /// The scope that the session lacks.
        scope: Option<String> = "scope",
    }
}
