//! What a call wants done, and what comes of it.

use super::error::DpmsError;
use super::pages::Listed;
use super::response::{BodyLength, Headers};
use crate::schema::kind::Kind;
use crate::schema::tape::{Ignored, Tape};

/// What a call wants done. All but `Done` and `Fail` are answered by an [`Event`].
pub(crate) enum Effect {
    /// Call the caller's `accessToken`.
    AskToken { timeout_ms: f64 },
    /// Wait for a new token: call the caller's `refresh` if `begin`, otherwise share the refresh that is under way.
    /// The refresh has its `timeout_ms` whoever waits for it, and this call waits no longer than `wait_ms`.
    Refresh { begin: bool, rejected: String, given: String, timeout_ms: f64, wait_ms: f64 },
    /// Send the call's request with this token and wait for the response's headers. `redirected` is where a redirect led.
    Send { token: String, redirected: Option<String>, attempt: u32, timeout_ms: f64 },
    /// Read the response's body, if it is not longer than this: each silence no longer than `timeout_ms`, all of it no longer
    /// than `left_ms`.
    ReadBody { timeout_ms: f64, left_ms: f64, max_bytes: u32 },
    /// Give the caller the response, whose body fails with these errors where it stalls, takes too long or ends early.
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
    /// Give the caller this.
    Done(Output),
    /// Reject with this.
    Fail(DpmsError),
}

/// Why a call waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pause {
    /// The request failed and is tried again.
    Retry,
    /// The 3D files are being generated and are asked for again.
    Generating,
}

/// What became of an effect.
#[derive(Debug)]
pub(crate) enum Event {
    /// The call begins, or goes on after a pause.
    Continue,
    /// A function of the caller's returned this; `None` for what is no string.
    Token(Option<String>),
    /// The response's status and headers are there.
    Response { status: u16, headers: Headers },
    /// The response's whole body is there.
    Body(Vec<u8>),
    /// The response's body is longer than it may be.
    TooLarge,
    /// It took too long.
    TimedOut,
    /// It failed; with the platform's code for it, where it has one.
    Failed(Option<String>),
}

/// What a step of a call needs to know of the world.
#[derive(Clone, Copy)]
pub(crate) struct Env {
    /// Milliseconds since 1970.
    pub now_ms: f64,
    /// From 0 to 1.
    pub random: f64,
    /// Reads an HTTP date as milliseconds since 1970.
    pub date_ms: fn(&str) -> Option<i64>,
}

/// What a call gives its caller.
pub(crate) enum Output {
    Nothing,
    /// JSON, as it came.
    Json(String),
    Value(DecodedValue),
    /// A page of a list, to be taken in its turn.
    Listed(Listed),
}

impl Output {
    /// What was not as documented and counts as missing.
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
    /// The value in a tape's first cells.
    pub(crate) fn new(tape: Tape, kind: &'static Kind) -> Self {
        Self { tape, kind, cell: 0 }
    }

    /// A list of some of the tape's rows.
    pub(crate) fn list(mut tape: Tape, kind: &'static Kind, rows: &[usize]) -> Self {
        let cell = tape.add_row(1);
        tape.set_rows(cell, rows);
        Self { tape, kind, cell }
    }
}
