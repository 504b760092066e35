//! A call under way: the requests that it makes, and what becomes of their answers.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::pages::Walk;
use crate::client::platform;
use crate::engine::answer;
use crate::engine::error::DpmsError;
use crate::engine::exchange::{Answer, Chance, Exchange, Turn};
use crate::engine::step::{Step, Value};
use crate::engine::{Happened, Headers, Request, Scope, Transport};
use crate::schema::decode::{DecodeError, Envelope, decode};
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;

/// A call of the document, begun by its arguments: its first request, and how it goes on.
pub(super) struct Prepared {
    pub request: Request,
    pub flow: Box<dyn Flow>,
}

/// What becomes of a request's outcome.
pub(super) trait Flow {
    /// The next step, for which the exchange may be begun anew.
    fn end(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Answer<'_>, DpmsError>,
        chance: Chance,
    ) -> Result<Step, DpmsError>;
}

/// From an answer's body, or from an answer that there is nothing, to a value.
type Read = dyn Fn(Option<&[u8]>) -> Result<Value, DecodeError>;

/// An answer is read, and that is all.
struct Reading(Box<Read>);

impl Flow for Reading {
    fn end(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Answer<'_>, DpmsError>,
        _: Chance,
    ) -> Result<Step, DpmsError> {
        let Answer { status, attempts, body } = outcome?;
        let value = (self.0)(body).map_err(|error| unreadable(&exchange.request, status, attempts, &error))?;
        Ok(Step::done(value))
    }
}

impl Prepared {
    /// A call whose answer is what a model says.
    pub(super) fn of(request: Request, envelope: Envelope, kind: &'static Kind) -> Self {
        Self::completed(request, envelope, kind, |_| {})
    }

    /// The same, with a last touch.
    pub(super) fn completed(
        request: Request,
        envelope: Envelope,
        kind: &'static Kind,
        complete: impl Fn(&mut Tape) + 'static,
    ) -> Self {
        Self::reading(request, move |body| {
            let mut tape = decode(envelope, kind, body.unwrap_or_default())?;
            complete(&mut tape);
            Ok(Value::of(tape, kind))
        })
    }

    /// A call whose answer is read by `read`.
    pub(super) fn reading(
        request: Request,
        read: impl Fn(Option<&[u8]>) -> Result<Value, DecodeError> + 'static,
    ) -> Self {
        Self { request, flow: Box::new(Reading(Box::new(read))) }
    }

    /// A walk over a list.
    pub(super) fn walk(walk: Walk) -> Result<Self, DpmsError> {
        Ok(Self { request: walk.request()?, flow: Box::new(walk) })
    }
}

pub(super) fn unreadable(request: &Request, status: u16, attempts: u32, error: &DecodeError) -> DpmsError {
    request.fails(answer::unreadable(error).with_status(status), attempts)
}

/// A call under way. `platform.js` tells what happened and gets the next step.
#[wasm_bindgen(skip_typescript)]
pub struct Call {
    transport: Rc<Transport>,
    exchange: Exchange,
    flow: Box<dyn Flow>,
}

impl Call {
    pub(super) fn new(transport: &Rc<Transport>, prepared: Prepared, scope: Scope) -> Self {
        let Prepared { request, flow } = prepared;
        Self { transport: Rc::clone(transport), exchange: Exchange::new(request, scope), flow }
    }

    fn step(&mut self, happened: Happened<'_>) -> JsValue {
        let chance = platform::chance();
        let step = match self.exchange.next(&self.transport, happened, chance) {
            Turn::Do(step) => step,
            Turn::End(outcome) => self.flow.end(&mut self.exchange, outcome, chance).unwrap_or_else(Step::fail),
        };
        step.into()
    }
}

#[wasm_bindgen]
impl Call {
    /// The first step, or the one after a wait or a page.
    pub fn next(&mut self) -> JsValue {
        self.step(Happened::Ready)
    }

    /// The caller's function gave a text, or something else.
    pub fn given(&mut self, text: Option<String>) -> JsValue {
        self.step(Happened::Given(text))
    }

    /// An answer's headers are there; as lines, see `Headers`.
    pub fn answered(&mut self, status: u16, headers: &str) -> JsValue {
        self.step(Happened::Headers(status, Headers::of(headers)))
    }

    /// An answer's body is there.
    pub fn received(&mut self, body: &[u8]) -> JsValue {
        self.step(Happened::Body(body))
    }

    /// Nothing came within `timeoutMs`.
    pub fn silent(&mut self) -> JsValue {
        self.step(Happened::Silence)
    }

    /// The step failed; with the platform's short name for it, where it has one.
    pub fn broken(&mut self, code: Option<String>) -> JsValue {
        self.step(Happened::Broken(code))
    }
}
