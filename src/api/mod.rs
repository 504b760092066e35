//! The API document, one file per resource: what its calls send and return. Pure: no I/O, no clock, no JavaScript.

#[cfg(any(feature = "webhook", test, not(target_arch = "wasm32")))]
pub mod callback;
#[cfg(any(feature = "webhook", test))]
pub mod calls;
pub mod downloads;
pub mod endpoint;
#[cfg(all(test, feature = "client", not(target_arch = "wasm32")))]
mod matrix;
pub mod order_status;
pub mod orders;
pub mod pairing;
pub mod patients;
pub mod practice_configuration;
pub mod procedures;
pub mod refusal;
pub mod scan_request;
pub mod scope;
pub mod screen_captures;
pub mod unit_types;
