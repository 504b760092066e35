//! Tables of what the API's JSON contains, and how they are used to read and write it. Pure: no I/O, no clock, no JavaScript.

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
