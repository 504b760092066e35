//! What pairing answers (§5.6). Pairing itself is not a call of this API.

use crate::scalar::Id;
use crate::schema::model::model;
use crate::schema::value::Json;

model! {
    /// The outcome of pairing a practice.
    pub struct Pairing {
        /// The practice.
        company_id: Id = "CompanyId",
        /// What the practice should fix before it starts, such as patients that share a chart number.
        warnings: Vec<String> = "Warnings",
        /// The OAuth part, with the tokens, as it came. Keep it on your server.
        #[tsify(type = "unknown")]
        oauth: Option<Json> = "OAuthResponse",
    }
}
