//! A request and its repetitions, as a state machine: with a new token if the first is refused, and again as the retry
//! policy says.

#[cfg(test)]
mod tests;

use super::answer::{self, BodyLength};
use super::auth::{Renewal, Token, token_of};
use super::details;
use super::step::Step;
use super::{Happened, Headers, Nothing, Request, Scope, Transport};
use crate::engine::error::DpmsError;

/// A request under way.
pub(crate) struct Exchange {
    pub request: Request,
    scope: Scope,
    state: State,
    /// Which request of the call this is, from 1, and how many of them the retry policy counts.
    attempt: u32,
    tries: u32,
    /// Whether the token was renewed, and whether a request got no answer.
    renewed: bool,
    unanswered: bool,
    token: Token,
    status: u16,
}

/// What is waited for.
enum State {
    /// The beginning, or the end of a wait.
    Ready,
    /// `accessToken`: to send, or because of this refusal.
    Asking(Option<DpmsError>),
    Refreshing,
    Headers,
    Body(Option<BodyLength>),
    /// The body of a failure.
    Details(DpmsError),
}

/// How a request goes on.
pub(crate) enum Turn<'a> {
    Do(Step),
    End(Result<Answer<'a>, DpmsError>),
}

/// A successful answer.
pub(crate) struct Answer<'a> {
    pub status: u16,
    /// How many requests it took.
    pub attempts: u32,
    /// `None` for a 204: there is nothing (R82). So says also a 404 where a request takes it for that, and a 400 where a
    /// delete does.
    pub body: Option<&'a [u8]>,
}

/// What the clock and the dice say.
#[derive(Clone, Copy)]
pub(crate) struct Chance {
    pub now_ms: f64,
    /// From 0 to 1.
    pub random: f64,
    pub parse_date: fn(&str) -> f64,
}

impl Exchange {
    pub(crate) fn new(request: Request, scope: Scope) -> Self {
        Self {
            request,
            scope,
            state: State::Ready,
            attempt: 1,
            tries: 1,
            renewed: false,
            unanswered: false,
            token: Token::default(),
            status: 0,
        }
    }

    /// Begins anew with another request.
    pub(crate) fn again(&mut self, request: Request) {
        *self = Self::new(request, self.scope);
    }

    /// Begins anew with the same request.
    pub(crate) fn repeat(&mut self) {
        (self.attempt, self.tries, self.renewed, self.unanswered) = (1, 1, false, false);
        self.state = State::Ready;
    }

    pub(crate) fn next<'a>(&mut self, transport: &Transport, happened: Happened<'a>, chance: Chance) -> Turn<'a> {
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Ready => self.ask(transport, None, chance),
            State::Asking(refusal) => match token_of(happened, "accessToken") {
                Ok(given) => self.given(transport, given, refusal, chance),
                Err(error) => self.fails(error),
            },
            State::Refreshing => match token_of(happened, "refresh") {
                Ok(_) => self.resend(transport, chance),
                Err(error) => self.fails(error),
            },
            State::Headers => match happened {
                Happened::Headers(status, headers) => self.answered(transport, status, headers, chance),
                Happened::Silence => self.failed(transport, answer::timeout(self.scope.timeout_ms), chance),
                Happened::Broken(code) => self.failed(transport, answer::network(code), chance),
                _ => self.failed(transport, answer::network(None), chance),
            },
            State::Body(length) => match happened {
                Happened::Body(body) if length.is_none_or(|length| length.fits(body)) => self.ends(Some(body)),
                Happened::Silence => self.failed(transport, answer::timeout(self.scope.timeout_ms), chance),
                _ => self.failed(transport, answer::truncated(), chance),
            },
            State::Details(mut error) => {
                if let Happened::Body(body) = happened {
                    details::add(&mut error, &self.request, body);
                }
                self.failed(transport, error, chance)
            }
        }
    }

    /// Asks for the token: to send it, or to see whether it is still the one that was refused.
    fn ask<'a>(&mut self, transport: &Transport, refusal: Option<DpmsError>, chance: Chance) -> Turn<'a> {
        let fixed = transport.auth.borrow().fixed();
        match fixed {
            Some(token) => self.given(transport, token, refusal, chance),
            None => {
                self.state = State::Asking(refusal);
                Turn::Do(Step::ask(self.scope.timeout_ms))
            }
        }
    }

    fn given<'a>(
        &mut self,
        transport: &Transport,
        given: String,
        refusal: Option<DpmsError>,
        chance: Chance,
    ) -> Turn<'a> {
        let Some(refusal) = refusal else {
            self.token = transport.auth.borrow().token(given);
            self.state = State::Headers;
            return Turn::Do(Step::send(&self.request, &self.token.text, self.attempt, self.scope.timeout_ms));
        };
        let renewal = transport.auth.borrow_mut().renew(&self.token, &given);
        match renewal {
            Renewal::Done => self.resend(transport, chance),
            Renewal::Never => self.retry(refusal, chance),
            Renewal::Begin | Renewal::Share => {
                self.state = State::Refreshing;
                let begin = renewal == Renewal::Begin;
                Turn::Do(Step::refresh(begin, &self.token.text, &given, self.scope.timeout_ms))
            }
        }
    }

    /// Sends the request again with another token; no retry, since nothing failed but the token.
    fn resend<'a>(&mut self, transport: &Transport, chance: Chance) -> Turn<'a> {
        self.attempt += 1;
        self.ask(transport, None, chance)
    }

    fn answered<'a>(&mut self, transport: &Transport, status: u16, headers: Headers<'_>, chance: Chance) -> Turn<'a> {
        self.status = status;
        let is_page = headers.content_type.starts_with("text/html");
        if status == 404 && self.request.nothing == Nothing::NotFound && !is_page {
            return self.ends(None);
        }
        if let Some(mut error) = answer::failure(status, self.request.advice) {
            error.retry_after_ms = answer::retry_after_ms(headers.retry_after, chance);
            // What else a failure's body says is not promised (R3).
            return if self.request.details.come_with(status) {
                self.state = State::Details(error);
                Turn::Do(Step::read())
            } else {
                self.failed(transport, error, chance)
            };
        }
        let length = answer::body_length(headers);
        if status == 204 {
            self.ends(None)
        } else if self.request.streams {
            let error = |error| self.request.fails(error, self.attempt).with_status(status);
            let stalled = error(answer::timeout(self.scope.timeout_ms));
            self.state = State::Headers; // in case the platform cannot stream
            Turn::Do(Step::stream(length, &stalled, &error(answer::truncated())))
        } else {
            self.state = State::Body(length);
            Turn::Do(Step::read())
        }
    }

    /// What to do about a request that failed.
    fn failed<'a>(&mut self, transport: &Transport, error: DpmsError, chance: Chance) -> Turn<'a> {
        if self.unanswered && self.request.nothing == Nothing::Deleted && error.status == Some(400) {
            return self.ends(None);
        }
        self.unanswered |= error.status.is_none();
        if error.status == Some(401) && !self.renewed {
            self.renewed = true;
            return self.ask(transport, Some(error), chance);
        }
        self.retry(error, chance)
    }

    fn retry<'a>(&mut self, error: DpmsError, chance: Chance) -> Turn<'a> {
        let delay_ms = self.scope.retry.delay_ms(self.tries, self.request.creates(), &error, chance.random);
        let Some(delay_ms) = delay_ms else { return self.fails(error) };
        self.tries += 1;
        self.attempt += 1;
        Turn::Do(Step::wait("retry", delay_ms))
    }

    fn fails<'a>(&self, error: DpmsError) -> Turn<'a> {
        Turn::End(Err(self.request.fails(error, self.attempt)))
    }

    fn ends<'a>(&self, body: Option<&'a [u8]>) -> Turn<'a> {
        Turn::End(Ok(Answer { status: self.status, attempts: self.attempt, body }))
    }
}
