//! The edge function: no scan is ever lost.
//!
//! ```text
//! POST /callback/<secret> ─ receive ─▶ the practice's inbox ─▶ work row, stored, then acknowledged
//!                                          │ alarm
//!                                          ├─▶ GET orders/:rxId, the proof ─▶ event ─▶ feed, signed push
//!                                          └─▶ GET orders/practice, every hour ─▶ events that no callback announced
//! ```
//!
//! This module makes all decisions and performs no I/O: [`receive()`] validates a request, [`inbox::step`] returns what to
//! store, which calls to make and when to wake up. `shell` exports both to JavaScript, which executes them.

pub mod clock;
mod cors;
mod fields;
pub mod inbox;
mod live;
pub mod portal;
pub mod receive;
pub mod registration;
pub mod relay;
pub mod reply;
mod secrets;
pub mod sessions;
pub mod settings;
#[cfg(target_arch = "wasm32")]
mod shell;
mod url;

pub use portal::visit;
pub use receive::receive;
pub use reply::Reply;
pub use settings::Settings;
