//! What the API's JSON holds, as tables, and how it is read by them. Pure: no I/O, no clock, no JavaScript.

pub mod decode;
mod keys;
pub mod model;
mod read;
pub mod tape;
