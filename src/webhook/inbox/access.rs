//! Whether the API may be called now, and what a response says about that.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Inbox;
use super::input::{Reason, Response};
use super::log::LogEvent;
use super::rows::key;
use super::token::Token;
use crate::engine::retry_after::{http_date_ms, retry_after_ms};
use crate::webhook::clock::{HOUR, MINUTE, Millis, SECOND};

/// How many orders to ask for in one alarm.
const CALLS: usize = 20;

/// A `Retry-After` is honoured up to here: nobody may silence an inbox for good.
const LONGEST_RETRY_AFTER: Millis = HOUR;

/// A server that is left alone for a while, since it fails.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pause {
    pub failures: u32,
    pub until: Millis,
}

/// When the API may be called, and by how many calls at once.
pub(super) struct Access {
    /// `None` until there is another token.
    pub from: Option<Millis>,
    pub calls: usize,
}

impl Access {
    pub fn is_open(&self, now: Millis) -> bool {
        self.from.is_some_and(|from| from <= now)
    }

    /// Returns when something due at `due` can be done.
    pub fn after(&self, due: Millis) -> Option<Millis> {
        self.from.map(|from| from.max(due))
    }
}

/// The outcome of a call to the API.
pub(super) enum ApiOutcome<'a> {
    /// A 200 with this body.
    Success(&'a str),
    /// The API refuses this call: a status between 400 and 499.
    Refused(u16),
    /// The API is in trouble; it is left alone for a while.
    Unavailable,
    /// The token was refused; there will be another.
    Unauthorized,
    /// There is a response, but it cannot be used.
    Unusable(Reason),
}

impl Inbox<'_> {
    pub(super) fn access(&self) -> Access {
        let token: Option<Token> = self.store.get(key::TOKEN);
        let Some((practice, token)) = self.practice.as_ref().zip(token) else {
            return Access { from: None, calls: 0 };
        };
        let api: Pause = self.store.get(key::API).unwrap_or_default();
        if token.rejected && practice.registration.refresh.is_some() {
            return Access { from: None, calls: 0 };
        }
        // A single call checks whether things are better.
        let doubtful = token.rejected || api.failures > 0;
        let from = if token.rejected { api.until.max(token.retry_at) } else { api.until };
        Access { from: Some(from), calls: if doubtful { 1 } else { CALLS } }
    }

    /// Classifies the outcome of a call, and records what it says about the API and the token.
    pub(super) fn classify<'a>(&mut self, token: Millis, outcome: Result<&'a Response, Reason>) -> ApiOutcome<'a> {
        let response = match outcome {
            Ok(response) => response,
            Err(reason @ (Reason::Timeout | Reason::Network)) => {
                self.pause_api(None, reason.as_str().into());
                return ApiOutcome::Unavailable;
            }
            Err(reason @ (Reason::TooLarge | Reason::Crashed)) => return ApiOutcome::Unusable(reason),
        };
        match response.status {
            200 => {
                self.resume_api(token);
                ApiOutcome::Success(&response.body)
            }
            401 => {
                self.token_rejected(token);
                ApiOutcome::Unauthorized
            }
            403 => {
                self.resume(key::API);
                ApiOutcome::Refused(403)
            }
            status @ (400..=428 | 430..=499) => {
                self.resume_api(token);
                ApiOutcome::Refused(status)
            }
            // Also redirects, which would send the token elsewhere, and unexpected statuses.
            status => {
                self.pause_api(response.headers.retry_after.as_deref(), status.to_string().into());
                ApiOutcome::Unavailable
            }
        }
    }

    fn pause_api(&mut self, retry_after: Option<&str>, reason: Cow<'static, str>) {
        let until = self.pause(key::API, SECOND, retry_after);
        self.log(LogEvent::ApiPaused { reason, for_ms: until - self.now });
    }

    fn resume_api(&mut self, token: Millis) {
        self.resume(key::API);
        self.token_works(token);
    }

    /// Leaves a server alone, for longer each time; returns until when.
    pub(super) fn pause(&mut self, key: &'static str, first: Millis, retry_after: Option<&str>) -> Millis {
        let mut pause: Pause = self.store.get(key).unwrap_or_default();
        // Calls that fail together are one failure.
        if pause.until <= self.now {
            pause.failures += 1;
            pause.until = self.now + self.backoff(pause.failures, first, 5 * MINUTE, key);
        }
        pause.until = pause.until.max(self.now + self.asked_to_wait(retry_after));
        self.store.put(key, &pause);
        pause.until
    }

    /// Returns how long a `Retry-After` asks to wait.
    pub(super) fn asked_to_wait(&self, retry_after: Option<&str>) -> Millis {
        let asked = retry_after.and_then(|header| retry_after_ms(header, self.now, http_date_ms));
        asked.map_or(0, |asked| asked.min(LONGEST_RETRY_AFTER))
    }

    /// Ends a server's pause.
    pub(super) fn resume(&mut self, key: &'static str) {
        self.store.remove(key);
    }
}
