//! How every call is made: token, request, retry, paging, waiting. Pure and sans-IO: a `call::Call` takes an `Event`, which
//! says what happened, and returns the next `Effect` to carry out; time and randomness come from `Env`.
//!
//! ```text
//! let mut event = Event::Continue;
//! loop {
//!     event = match call.next(&transport, event, env) {
//!         Effect::AskToken { .. } => /* the caller's accessToken */ Event::Token(..),
//!         Effect::Send { .. } => /* call.request() */ Event::Response { .. },
//!         Effect::ReadBody => Event::Body(..),
//!         Effect::Sleep { .. } => Event::Continue,
//!         Effect::Done(output) => break Ok(output),
//!         Effect::Fail(error) => break Err(error),
//!         ..
//!     }
//! }
//! ```
//!
//! `client::drive` is that loop.

#[cfg(feature = "client")]
pub(crate) mod auth;
pub(crate) mod backoff;
pub(crate) mod base_url;
pub(crate) mod bearer;
#[cfg(feature = "client")]
pub(crate) mod call;
#[cfg(feature = "client")]
pub mod cursor;
#[cfg(feature = "client")]
mod details;
#[cfg(feature = "client")]
pub(crate) mod download;
#[cfg(feature = "client")]
pub(crate) mod effect;
#[cfg(feature = "client")]
pub(crate) mod endpoints;
#[cfg(feature = "client")]
pub mod error;
#[cfg(feature = "client")]
pub(crate) mod exchange;
pub(crate) mod follow;
#[cfg(feature = "client")]
mod guids;
#[cfg(feature = "client")]
pub(crate) mod pages;
#[cfg(feature = "client")]
pub(crate) mod poll;
#[cfg(feature = "client")]
pub(crate) mod redirect;
#[cfg(feature = "client")]
pub(crate) mod response;
#[cfg(feature = "client")]
pub(crate) mod retry;
pub(crate) mod retry_after;
#[cfg(feature = "client")]
mod transport;
pub(crate) mod walk;

#[cfg(feature = "client")]
pub(crate) use self::effect::{DecodedValue, Effect, Env, Event, Output};
#[cfg(feature = "client")]
pub(crate) use self::transport::{HttpRequest, Policy, Transport};
