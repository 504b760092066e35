//! The response of pairing (§5.6). Pairing itself is not a call of this API.

use crate::scalar::Id;
use crate::schema::model::model;
use crate::schema::value::Json;

model! {
    /// The response of pairing a practice (§5.6).
    pub struct Pairing {
        /// The practice's id.
        company_id: Id = "CompanyId",
        /// What the practice should fix before it starts, such as patients that share a chart number.
        warnings: Vec<String> = "Warnings",
        /// The OAuth part of the response, with the tokens, unchanged. Keep it on your server.
        #[tsify(type = "unknown")]
        oauth: Option<Json> = "OAuthResponse",
    }
}
