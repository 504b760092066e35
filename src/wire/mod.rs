//! The API document as types, one file per resource. Pure: no I/O, no clock, no JavaScript.
//!
//! What the client reads is deserialised from the wire's names and serialised under JavaScript's, so a field is named
//! once; what it sends is the other way round.

#[cfg(feature = "webhook")]
pub mod callback;
pub mod decode;
pub mod guid;
pub mod id;
mod json;
pub mod nullable;
pub mod order_status;
pub mod orders;
pub mod practice_configuration;
pub mod procedures;
pub mod scan_request;
pub mod time;

pub use guid::Guid;
pub use id::Id;
pub use time::{PlainDate, Timestamp};
