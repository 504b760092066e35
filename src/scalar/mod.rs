//! The document's scalars: parsed once, where they enter the program, then trusted. Pure: no I/O, no clock, no JavaScript.

pub mod gender;
pub mod guid;
pub mod id;
pub mod time;

pub use gender::Gender;
pub use guid::Guid;
pub use id::Id;
pub use time::{PlainDate, Timestamp};
