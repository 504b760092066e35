//! A call in progress: the requests that it makes, and how it handles their responses.

use super::error::DpmsError;
use super::exchange::{Exchange, Progress, Received};
use super::{DecodedValue, Effect, Env, Event, HttpRequest, Output, Policy, Transport, response};
use crate::api::endpoint::{Absent, Endpoint, Returns};
use crate::json::quoted;
use crate::schema::decode::{DecodeError, decode_within, json};
use crate::schema::request::{Pair, body};
use crate::schema::tape::Tape;

/// A call that is ready to start: its first request, and what to do with the outcome.
pub(crate) struct PreparedCall {
    pub request: HttpRequest,
    pub flow: Box<dyn Flow>,
}

/// What a call does with the outcome of a request.
pub(crate) trait Flow {
    /// Returns the next effect; to send the request again, it restarts the exchange.
    fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
        env: Env,
    ) -> Result<Effect, DpmsError>;
}

/// A call in progress.
pub(crate) struct Call {
    exchange: Exchange,
    flow: Box<dyn Flow>,
}

impl Call {
    pub(crate) fn new(prepared: PreparedCall, policy: Policy) -> Self {
        let PreparedCall { request, flow } = prepared;
        Self { exchange: Exchange::new(request, policy), flow }
    }

    /// Returns the request that [`Effect::Send`] sends.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.exchange.request
    }

    /// Returns what to do after `event`.
    pub(crate) fn next(&mut self, transport: &Transport, event: Event, env: Env) -> Effect {
        match self.exchange.next(transport, event, env) {
            Progress::Needs(effect) => effect,
            Progress::Ended(outcome) => {
                self.flow.receive(&mut self.exchange, outcome, env).unwrap_or_else(Effect::Fail)
            }
        }
    }
}

impl Endpoint {
    /// Returns the request of this endpoint, with `segments` in place of the path's `:names`, in their order.
    pub(crate) fn request(&'static self, transport: &Transport, segments: &[&str]) -> Result<HttpRequest, DpmsError> {
        let url = transport.endpoints.url(self, segments)?;
        let subject = segments.last().copied().unwrap_or_default().to_owned();
        Ok(HttpRequest { subject, ..HttpRequest::new(self, url) })
    }

    /// Returns the call of this endpoint, whose path has no `:names`, with these arguments.
    pub(crate) fn call(&'static self, transport: &Transport, pairs: Vec<Pair>) -> Result<PreparedCall, DpmsError> {
        Ok(self.request(transport, &[])?.taking(pairs).call())
    }
}

impl HttpRequest {
    /// Adds the arguments: to the body of a POST or PATCH, otherwise to the query.
    pub(crate) fn taking(self, pairs: Vec<Pair>) -> Self {
        if self.endpoint.method.sends_body() { self.with_body(body(&pairs)) } else { self.with_query(pairs) }
    }

    /// Returns a call that makes this request and returns what its endpoint declares.
    pub(crate) fn call(self) -> PreparedCall {
        self.call_completed(|_| {})
    }

    /// Like [`call`](Self::call), but `complete` changes the values that were read before they are returned.
    pub(crate) fn call_completed(self, complete: impl Fn(&mut Tape) + 'static) -> PreparedCall {
        PreparedCall { request: self, flow: Box::new(ReadOnce { complete: Box::new(complete) }) }
    }

    /// Returns the error of a response that could not be read.
    pub(crate) fn unreadable(&self, status: u16, attempts: u32, error: &DecodeError) -> DpmsError {
        self.fails(response::unreadable(error).with_status(status), attempts)
    }
}

/// A call that only reads the response.
struct ReadOnce {
    complete: Box<dyn Fn(&mut Tape)>,
}

impl ReadOnce {
    fn read(&self, endpoint: &Endpoint, body: &[u8], max_bytes: usize) -> Result<Output, DecodeError> {
        match endpoint.returns {
            Returns::Value(envelope, kind) => {
                let mut tape = decode_within(envelope, kind, body, max_bytes)?;
                (self.complete)(&mut tape);
                Ok(Output::Value(DecodedValue::new(tape, kind)))
            }
            Returns::Json => Ok(Output::Json(json(body, max_bytes)?.unwrap_or("null").to_owned())),
            Returns::Nothing | Returns::File => Ok(Output::Nothing),
        }
    }

    /// Returns the result of a call whose response has no body.
    fn absent(&self, request: &HttpRequest) -> Option<Output> {
        match (request.endpoint.absent, request.endpoint.returns) {
            (Absent::NotFound(instead), Returns::Value(_, kind)) => {
                let mut tape = instead();
                (self.complete)(&mut tape);
                Some(Output::Value(DecodedValue::new(tape, kind)))
            }
            (Absent::Deleted, _) => Some(Output::Json(quoted(&request.subject))),
            _ => None,
        }
    }
}

impl Flow for ReadOnce {
    fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
        _: Env,
    ) -> Result<Effect, DpmsError> {
        let Received { status, attempts, body } = outcome?;
        let (request, max_bytes) = (&exchange.request, exchange.policy.max_response_bytes as usize);
        let absent = if body.is_none() { self.absent(request) } else { None };
        let output = match absent {
            Some(output) => output,
            None => self
                .read(request.endpoint, &body.unwrap_or_default(), max_bytes)
                .map_err(|error| request.unreadable(status, attempts, &error))?,
        };
        Ok(Effect::Done(output))
    }
}
