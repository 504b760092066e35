//! What a call needs done, and the results.

use super::error::DpmsError;
use super::pages::Listed;
use super::response::{BodyLength, Headers};
use crate::schema::kind::Kind;
use crate::schema::tape::{Ignored, Tape};

/// What a call needs done. For all but `Done` and `Fail`, the result is passed back as an [`Event`].
pub(crate) enum Effect {
    /// Call the caller's `accessToken`.
    AskToken { timeout_ms: f64 },
    /// Wait for a new token: call the caller's `refresh` if `begin`, otherwise share the refresh that is in flight. The refresh
    /// itself may take `timeout_ms`, whoever waits for it; this call waits no longer than `wait_ms`.
    Refresh { begin: bool, rejected: String, given: String, timeout_ms: f64, wait_ms: f64 },
    /// Send the call's request with this token and wait for the response's headers. `redirected` is the URL that a redirect led
    /// to.
    Send { token: String, redirected: Option<String>, attempt: u32, timeout_ms: f64 },
    /// Read the response's body, up to `max_bytes`. No pause in it may exceed `timeout_ms`, and all of it must arrive within
    /// `left_ms`.
    ReadBody { timeout_ms: f64, left_ms: f64, max_bytes: u32 },
    /// Return the response to the caller. Its body fails with these errors if it stalls, takes too long or ends early.
    Stream {
        length: Option<BodyLength>,
        timeout_ms: f64,
        left_ms: f64,
        stalled: DpmsError,
        late: DpmsError,
        truncated: DpmsError,
    },
    /// Wait.
    Sleep { delay_ms: f64, pause: Pause },
    /// Return this to the caller.
    Done(Output),
    /// Reject with this.
    Fail(DpmsError),
}

/// Why a call waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pause {
    /// The request failed and is retried.
    Retry,
    /// The 3D files are being generated and are requested again.
    Generating,
}

/// The result of an effect.
#[derive(Debug)]
pub(crate) enum Event {
    /// The call starts, or continues after a pause.
    Continue,
    /// One of the caller's functions returned this; `None` if it is not a string.
    Token(Option<String>),
    /// The response's status and headers have arrived.
    Response { status: u16, headers: Headers },
    /// The response's whole body has arrived.
    Body(Vec<u8>),
    /// The response's body is longer than allowed.
    TooLarge,
    /// It took too long.
    TimedOut,
    /// It failed; with the platform's error code, if there is one.
    Failed(Option<String>),
}

/// What a step of a call needs from its environment.
#[derive(Clone, Copy)]
pub(crate) struct Env {
    /// Milliseconds since 1970.
    pub now_ms: f64,
    /// From 0 to 1.
    pub random: f64,
    /// Reads an HTTP date as milliseconds since 1970.
    pub date_ms: fn(&str) -> Option<i64>,
}

/// What a call returns to its caller.
pub(crate) enum Output {
    Nothing,
    /// JSON, as it was received.
    Json(String),
    Value(DecodedValue),
    /// A page of a list, for `Pages::take` to process in the list's order.
    Listed(Listed),
}

impl Output {
    /// Returns the values that are not as documented and so count as missing.
    pub(crate) fn ignored(&self) -> Option<&Ignored> {
        match self {
            Self::Value(value) => value.tape.ignored.as_deref(),
            Self::Listed(page) => page.tape.ignored.as_deref(),
            Self::Nothing | Self::Json(_) => None,
        }
    }
}

/// A value on a tape.
pub(crate) struct DecodedValue {
    pub tape: Tape,
    pub kind: &'static Kind,
    pub cell: usize,
}

impl DecodedValue {
    /// Returns the value in a tape's first cells.
    pub(crate) fn new(tape: Tape, kind: &'static Kind) -> Self {
        Self { tape, kind, cell: 0 }
    }

    /// Returns a list of some of the tape's rows.
    pub(crate) fn list(mut tape: Tape, kind: &'static Kind, rows: &[usize]) -> Self {
        let cell = tape.add_row(1);
        tape.set_rows(cell, rows);
        Self { tape, kind, cell }
    }
}
