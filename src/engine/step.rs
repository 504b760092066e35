//! What JavaScript is to do next: plain data, which `platform.js` carries out.

use super::Request;
use super::answer::BodyLength;
use crate::engine::error::DpmsError;
use crate::json::{Object, list, quoted};
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;

/// A step: JSON whose `do` says what to do, and a value that goes along.
pub(crate) struct Step {
    pub json: String,
    pub value: Option<Built>,
}

/// A value that JavaScript builds from a tape.
pub(crate) struct Built {
    pub tape: Tape,
    pub kind: &'static Kind,
    pub cell: usize,
}

/// What a call gives its caller.
pub(crate) enum Value {
    Nothing,
    /// JSON, as it is.
    Json(String),
    Built(Built),
}

impl Value {
    /// What an answer holds by its model.
    pub(crate) fn of(tape: Tape, kind: &'static Kind) -> Self {
        Self::Built(Built { tape, kind, cell: 0 })
    }
}

impl Step {
    /// Call `accessToken`.
    pub(super) fn ask(timeout_ms: f64) -> Self {
        start("ask").number("timeoutMs", whole(timeout_ms)).into()
    }

    /// Call `refresh`, if this call is to begin one, and wait for it. `instead_of` is for its outcome.
    pub(super) fn refresh(begin: bool, token: &str, instead_of: &str, timeout_ms: f64) -> Self {
        let step = start("refresh").flag("begin", begin).text("token", token).text("insteadOf", instead_of);
        step.number("timeoutMs", whole(timeout_ms)).into()
    }

    /// Send the request and wait for its answer's headers.
    pub(super) fn send(request: &Request, token: &str, attempt: u32, timeout_ms: f64) -> Self {
        let pair = |(key, value): &(String, String)| list([quoted(key), quoted(value)].into_iter());
        start("send")
            .text("method", request.method.as_str())
            .text("endpoint", request.endpoint)
            .number("attempt", attempt.into())
            .text("url", &request.url)
            .list("query", request.query.iter().map(pair))
            .nullable("body", request.body.as_deref())
            .text("token", token)
            .number("timeoutMs", whole(timeout_ms))
            .into()
    }

    /// Read the answer's body.
    pub(super) fn read() -> Self {
        start("read").into()
    }

    /// Give the caller the answer, whose body is to fail as said if it stalls or ends early.
    pub(super) fn stream(length: Option<BodyLength>, stalled: &DpmsError, truncated: &DpmsError) -> Self {
        let step = start("stream").raw("stalled", &stalled.json()).raw("truncated", &truncated.json());
        match length {
            Some(BodyLength { bytes, exact }) => step.number("length", bytes).flag("exact", exact).into(),
            None => step.into(),
        }
    }

    /// Wait, and tell so.
    pub(crate) fn wait(event: &str, delay_ms: f64) -> Self {
        start("wait").text("event", event).number("delayMs", delay_ms as u64).into()
    }

    /// Give the caller a value.
    pub(crate) fn done(value: Value) -> Self {
        let step = start("done");
        match value {
            Value::Nothing => step.into(),
            Value::Json(json) => step.raw("value", &json).into(),
            Value::Built(built) => Self { value: Some(built), ..step.into() },
        }
    }

    /// Give the caller a page of a list, with what else is to be told of it.
    pub(crate) fn page(rows: Built, more: bool, told: Object) -> Self {
        Self { value: Some(rows), ..told.text("do", "done").flag("more", more).into() }
    }

    /// Reject with this error.
    pub(crate) fn fail(mut error: DpmsError) -> Self {
        let value = error.matches.take();
        Self { json: start("fail").raw("error", &error.json()).end(), value }
    }
}

impl From<Object> for Step {
    fn from(object: Object) -> Self {
        Self { json: object.end(), value: None }
    }
}

fn start(what: &str) -> Object {
    Object::new().text("do", what)
}

/// Milliseconds as the platform's timers count them; a limit is never cut to nothing.
fn whole(ms: f64) -> u64 {
    ms.ceil() as u64
}
