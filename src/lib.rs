//! iTero DPMS API: client, edge function and sandbox, one feature and one WebAssembly module each.
#![warn(missing_docs)]

/// The allocator: a third of the size of std's, and as fast for few, large allocations.
#[cfg(all(
    any(feature = "client", feature = "webhook", feature = "scan"),
    not(feature = "sandbox"),
    target_arch = "wasm32"
))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "the other entries need a part of the document"))]
pub mod api;
#[cfg(feature = "client")]
pub mod client;
#[cfg(all(feature = "client", any(test, not(target_arch = "wasm32"))))]
mod decoders;
#[cfg(any(feature = "client", feature = "webhook"))]
#[cfg_attr(not(feature = "client"), allow(dead_code, unused_imports, reason = "the edge function needs a part of it"))]
pub mod engine;
#[cfg_attr(not(feature = "client"), allow(dead_code, unused_imports, reason = "the other entries need a part of it"))]
mod json;
#[cfg(feature = "sandbox")]
#[allow(clippy::disallowed_methods, reason = "its lists are its own")]
pub mod sandbox;
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "the other entries need a part of it"))]
pub mod scalar;
#[cfg(feature = "scan")]
pub mod scan;
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "the other entries need a part of it"))]
pub mod schema;
#[cfg(feature = "webhook")]
#[allow(clippy::disallowed_methods, reason = "a step's rows are few")]
pub mod webhook;

#[cfg(all(feature = "client", any(test, not(target_arch = "wasm32"))))]
pub use decoders::{DECODERS, Decoder};
