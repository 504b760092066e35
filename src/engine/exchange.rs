//! A request and its retries, as a state machine: it is sent again with a new token if the first is refused, and as often as
//! the retry policy allows.

#[cfg(test)]
mod tests;

use super::auth::{Renewal, Token, token_of};
use super::effect::Pause;
use super::error::DpmsError;
use super::redirect::next_url;
use super::response::{self, BodyLength, Headers};
use super::retry_after::retry_after_ms;
use super::{Effect, Env, Event, HttpRequest, Policy, Transport, details};
use crate::api::endpoint::{Absent, Returns};

/// How many milliseconds too early a platform's timer may fire.
const EARLY_MS: f64 = 1.0;

/// A request in progress.
pub(crate) struct Exchange {
    pub request: HttpRequest,
    pub policy: Policy,
    /// When the call must be finished, in milliseconds since 1970; `None` before it starts.
    ends_ms: Option<f64>,
    state: State,
    /// The number of this request within the call, from 1, and how many requests count for the retry policy.
    attempt: u32,
    tries: u32,
    /// Whether the token was renewed, and whether a request got no response.
    renewed: bool,
    unanswered: bool,
    /// How many redirects the request has followed.
    redirects: u32,
    token: Token,
    status: u16,
}

/// What the exchange waits for.
enum State {
    /// The start, or the end of a wait.
    Ready,
    /// `accessToken`: to send its token, or because the last one was refused with this error.
    Asking(Option<DpmsError>),
    Refreshing,
    Headers,
    Body(Option<BodyLength>),
    /// The body of a failure.
    Details(DpmsError),
}

/// What comes next for a request.
pub(crate) enum Progress {
    /// It needs something done.
    Needs(Effect),
    /// It has ended.
    Ended(Result<Received, DpmsError>),
}

/// A successful response.
pub(crate) struct Received {
    pub status: u16,
    /// How many requests it took.
    pub attempts: u32,
    /// `None` for a 204, which means that there is nothing (R82), and for a refusal that means the same for the endpoint.
    pub body: Option<Vec<u8>>,
}

impl Exchange {
    pub(crate) fn new(request: HttpRequest, policy: Policy) -> Self {
        Self {
            request,
            policy,
            ends_ms: None,
            state: State::Ready,
            attempt: 1,
            tries: 1,
            renewed: false,
            unanswered: false,
            redirects: 0,
            token: Token::default(),
            status: 0,
        }
    }

    /// Starts again with the same request, but without more time.
    pub(crate) fn repeat(&mut self) {
        (self.attempt, self.tries, self.renewed, self.unanswered) = (1, 1, false, false);
        self.state = State::Ready;
    }

    pub(crate) fn next(&mut self, transport: &Transport, event: Event, env: Env) -> Progress {
        self.ends_ms.get_or_insert(env.now_ms + self.policy.deadline_ms);
        if matches!(event, Event::Continue | Event::TimedOut) && self.left_ms(env) <= EARLY_MS {
            return self.fails(response::late(self.policy.deadline_ms));
        }
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Ready => self.ask(transport, None, env),
            State::Asking(refusal) => match token_of(event, "accessToken") {
                Ok(given) => self.given(transport, given, refusal, env),
                Err(error) => self.fails(error),
            },
            State::Refreshing => match token_of(event, "refresh") {
                Ok(_) => self.resend(transport, env),
                Err(error) => self.fails(error),
            },
            State::Headers => match event {
                Event::Response { status, headers } => self.responded(transport, status, &headers, env),
                Event::TimedOut => self.failed(transport, response::timeout(self.policy.timeout_ms), env),
                Event::Failed(code) => self.failed(transport, response::network(code), env),
                _ => self.failed(transport, response::network(None), env),
            },
            State::Body(length) => match event {
                Event::Body(body) if length.is_none_or(|length| length.fits(&body)) => self.ends(Some(body)),
                Event::TooLarge => self.fails(response::too_large().with_status(self.status)),
                Event::TimedOut => self.failed(transport, response::timeout(self.policy.timeout_ms), env),
                _ => self.failed(transport, response::truncated(), env),
            },
            State::Details(mut error) => {
                if let Event::Body(body) = event {
                    details::add(&mut error, &self.request, &body);
                }
                self.failed(transport, error, env)
            }
        }
    }

    /// Gets the token: to send it, or to see whether it is still the one that was refused.
    fn ask(&mut self, transport: &Transport, refusal: Option<DpmsError>, env: Env) -> Progress {
        let fixed = transport.auth.borrow().fixed();
        match fixed {
            Some(token) => self.given(transport, token, refusal, env),
            None => {
                self.state = State::Asking(refusal);
                Progress::Needs(Effect::AskToken { timeout_ms: self.wait_ms(env) })
            }
        }
    }

    fn given(&mut self, transport: &Transport, given: String, refusal: Option<DpmsError>, env: Env) -> Progress {
        let Some(refusal) = refusal else {
            self.token = transport.auth.borrow().token(given);
            self.redirects = 0;
            return self.send(None, env);
        };
        let renewal = transport.auth.borrow_mut().renew(&self.token, &given, env.now_ms, self.policy.timeout_ms);
        match renewal {
            Renewal::Done => self.resend(transport, env),
            Renewal::Never => self.retry(refusal, env),
            Renewal::Begin | Renewal::Share => {
                self.state = State::Refreshing;
                let (begin, rejected) = (renewal == Renewal::Begin, self.token.text.clone());
                let wait_ms = self.wait_ms(env).min(transport.auth.borrow().refresh_left_ms(env.now_ms));
                let timeout_ms = self.policy.timeout_ms;
                Progress::Needs(Effect::Refresh { begin, rejected, given, timeout_ms, wait_ms })
            }
        }
    }

    fn send(&mut self, redirected: Option<String>, env: Env) -> Progress {
        self.state = State::Headers;
        let (token, attempt, timeout_ms) = (self.token.text.clone(), self.attempt, self.wait_ms(env));
        Progress::Needs(Effect::Send { token, redirected, attempt, timeout_ms })
    }

    /// Sends the request again with another token. This does not count as a retry, since only the token was at fault.
    fn resend(&mut self, transport: &Transport, env: Env) -> Progress {
        self.attempt += 1;
        self.ask(transport, None, env)
    }

    fn responded(&mut self, transport: &Transport, status: u16, headers: &Headers, env: Env) -> Progress {
        self.status = status;
        let endpoint = self.request.endpoint;
        match next_url(transport, endpoint.method, status, &headers.redirect, self.redirects) {
            Ok(None) => {}
            Ok(redirected) => {
                self.redirects += 1;
                self.attempt += 1;
                return self.send(redirected, env);
            }
            Err(error) => return self.failed(transport, error, env),
        }
        let is_web_page = headers.content_type.starts_with("text/html");
        if status == 404 && matches!(endpoint.absent, Absent::NotFound(_)) && !is_web_page {
            return self.ends(None);
        }
        if let Some(mut error) = response::failure(status, endpoint.hints) {
            error.retry_after_ms =
                retry_after_ms(&headers.retry_after, env.now_ms as i64, env.date_ms).map(|ms| ms as f64);
            // Other bodies of refusals are not specified (R3).
            return if details::are_in(endpoint.explains, status, transport.endpoints.is_relay) {
                self.state = State::Details(error);
                self.read_body(env)
            } else {
                self.failed(transport, error, env)
            };
        }
        let length = response::body_length(headers);
        if status == 204 {
            self.ends(None)
        } else if matches!(endpoint.returns, Returns::File) {
            let error = |error| self.request.fails(error, self.attempt).with_status(status);
            let Policy { timeout_ms, deadline_ms, .. } = self.policy;
            let (stalled, late) = (error(response::timeout(timeout_ms)), error(response::late(deadline_ms)));
            let (truncated, left_ms) = (error(response::truncated()), self.left_ms(env));
            self.state = State::Body(None); // for a response that turns out not to be a file
            Progress::Needs(Effect::Stream { length, timeout_ms, left_ms, stalled, late, truncated })
        } else {
            self.state = State::Body(length);
            self.read_body(env)
        }
    }

    fn read_body(&self, env: Env) -> Progress {
        let Policy { timeout_ms, max_response_bytes: max_bytes, .. } = self.policy;
        Progress::Needs(Effect::ReadBody { timeout_ms, left_ms: self.left_ms(env), max_bytes })
    }

    /// Returns how much time the call has left.
    pub(crate) fn left_ms(&self, env: Env) -> f64 {
        self.ends_ms.unwrap_or(f64::INFINITY) - env.now_ms
    }

    /// Returns how long to wait for something that arrives all at once, such as a token or headers.
    fn wait_ms(&self, env: Env) -> f64 {
        self.policy.timeout_ms.min(self.left_ms(env))
    }

    /// Decides what to do about a request that failed.
    fn failed(&mut self, transport: &Transport, error: DpmsError, env: Env) -> Progress {
        if self.unanswered && matches!(self.request.endpoint.absent, Absent::Deleted) && error.status == Some(400) {
            return self.ends(None);
        }
        self.unanswered |= error.status.is_none();
        if error.status == Some(401) && !self.renewed {
            self.renewed = true;
            return self.ask(transport, Some(error), env);
        }
        self.retry(error, env)
    }

    fn retry(&mut self, error: DpmsError, env: Env) -> Progress {
        let delay_ms = self.policy.retry.delay_ms(self.tries, self.request.endpoint.creates(), &error, env.random);
        let Some(delay_ms) = delay_ms.filter(|delay_ms| *delay_ms < self.left_ms(env)) else {
            return self.fails(error);
        };
        self.tries += 1;
        self.attempt += 1;
        Progress::Needs(Effect::Sleep { delay_ms, pause: Pause::Retry })
    }

    fn fails(&self, error: DpmsError) -> Progress {
        Progress::Ended(Err(self.request.fails(error, self.attempt)))
    }

    fn ends(&self, body: Option<Vec<u8>>) -> Progress {
        Progress::Ended(Ok(Received { status: self.status, attempts: self.attempt, body }))
    }
}
