//! What the API's JSON holds, as tables, and how it is read and written by them. Pure: no I/O, no clock, no JavaScript.

pub mod decode;
pub mod input;
mod keys;
pub mod kind;
pub mod model;
mod read;
pub mod request;
pub(crate) mod sorted;
pub mod tape;
pub(crate) mod text;
pub mod validator;
pub mod value;
