//! iTero DPMS API: client, edge function and sandbox, one feature and one WebAssembly module each.
#![warn(missing_docs)]

/// A third the size of std's, and as quick for few, large allocations.
#[cfg(all(any(feature = "client", feature = "webhook"), not(feature = "sandbox"), target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "client")]
pub mod error;
#[cfg(feature = "client")]
mod js;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "client")]
pub mod transport;
#[cfg(feature = "webhook")]
pub mod webhook;
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "the other entries need a part of the document"))]
pub mod wire;
