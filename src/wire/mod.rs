//! The API document as types, one file per resource. Pure: no I/O, no clock, no JavaScript.
//!
//! What the client reads is declared by `model!`, under JavaScript's names beside the wire's; what it sends is a type here
//! and a table of parameters in `client`.

#[cfg(any(feature = "webhook", test, not(target_arch = "wasm32")))]
pub mod callback;
pub mod cursor;
pub mod decode;
pub(crate) mod decoders;
pub mod gender;
pub mod guid;
pub mod id;
pub(crate) mod json;
mod keys;
pub mod model;
pub mod order_status;
pub mod orders;
pub mod pairing;
pub mod patients;
pub mod practice_configuration;
pub mod procedures;
mod read;
pub mod refusal;
pub mod scan_request;
pub mod screen_captures;
pub mod tape;
pub mod time;
pub mod unit_types;

#[cfg(any(test, not(target_arch = "wasm32")))]
pub use decoders::DECODERS;
pub use gender::Gender;
pub use guid::Guid;
pub use id::Id;
pub use time::{PlainDate, Timestamp};
