//! Whether the API may be called now, and what a response says about that.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::input::{Reason, Response};
use super::log::LogEvent;
use super::rows::key;
use super::token::Token;
use super::{Asked, Inbox};
use crate::engine::retry_after::{http_date_ms, retry_after_ms};
use crate::webhook::clock::{HOUR, MINUTE, Millis, SECOND};

/// The longest `Retry-After` that is honoured: no server may stop an inbox for good.
const LONGEST_RETRY_AFTER: Millis = HOUR;

/// The pause in the calls to a server that fails.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pause {
    pub failures: u32,
    pub until: Millis,
    /// The item of the last failure: an RX or an event. Release 0.1.0 did not store it.
    #[serde(default)]
    pub at: String,
}

impl Pause {
    /// Returns whether the server may still be failing.
    pub fn is_doubt(&self) -> bool {
        self.failures > 0
    }
}

/// When the API may be called.
pub(super) struct Access {
    /// `None` until there is a new token.
    pub from: Option<Millis>,
    /// Whether a single call has to check first whether the API works.
    pub is_doubtful: bool,
}

impl Access {
    pub fn is_open(&self, now: Millis) -> bool {
        self.from.is_some_and(|from| from <= now)
    }

    /// Returns when a call that is due at `due` can be made.
    pub fn after(&self, due: Millis) -> Option<Millis> {
        self.from.map(|from| from.max(due))
    }
}

/// The outcome of a call to the API.
pub(super) enum ApiOutcome<'a> {
    /// A 200 with this body.
    Success(&'a str),
    /// The API refuses this call: a status from 400 to 499.
    Refused(u16),
    /// The API fails: calls to it pause for a while.
    Unavailable(Trouble),
    /// The token was refused and is replaced.
    Unauthorized,
    /// There is a response, but it is unusable.
    Unusable(Reason),
}

/// What a server's failure says about the item that was requested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing: the item will succeed as soon as the server works again.
    General,
    /// The last failure was about the same item, so the server may fail at this item alone: the pause does not grow.
    AtThisAgain,
}

impl Inbox<'_> {
    pub(super) fn access(&self) -> Access {
        let token: Option<Token> = self.store.get(key::TOKEN);
        let Some((practice, token)) = self.practice.as_ref().zip(token) else {
            return Access { from: None, is_doubtful: true };
        };
        let api: Pause = self.store.get(key::API).unwrap_or_default();
        if token.rejected && practice.registration.refresh.is_some() {
            return Access { from: None, is_doubtful: true };
        }
        let from = if token.rejected { api.until.max(token.retry_at) } else { api.until };
        Access { from: Some(from), is_doubtful: token.rejected || api.is_doubt() }
    }

    /// Classifies the outcome of a call about an item, and records what it says about the API and the token.
    pub(super) fn classify<'a>(
        &mut self,
        about: &str,
        Asked { token, .. }: Asked,
        outcome: Result<&'a Response, Reason>,
    ) -> ApiOutcome<'a> {
        let response = match outcome {
            Ok(response) => response,
            Err(reason @ (Reason::Timeout | Reason::Network)) => {
                return ApiOutcome::Unavailable(self.pause_api(about, None, reason.as_str().into()));
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
            // Includes redirects, which would send the token elsewhere, and unexpected statuses.
            status => {
                let retry_after = response.headers.retry_after.as_deref();
                ApiOutcome::Unavailable(self.pause_api(about, retry_after, status.to_string().into()))
            }
        }
    }

    fn pause_api(&mut self, about: &str, retry_after: Option<&str>, reason: Cow<'static, str>) -> Trouble {
        let (until, trouble) = self.pause(key::API, about, SECOND, retry_after);
        if until > self.now {
            self.log(LogEvent::ApiPaused { reason, for_ms: until - self.now });
        }
        trouble
    }

    fn resume_api(&mut self, token: Millis) {
        self.resume(key::API);
        self.token_works(token);
    }

    /// Pauses the calls to a server that failed at an item, for longer each time. Returns when the pause ends.
    pub(super) fn pause(
        &mut self,
        key: &'static str,
        about: &str,
        first: Millis,
        retry_after: Option<&str>,
    ) -> (Millis, Trouble) {
        let mut pause: Pause = self.store.get(key).unwrap_or_default();
        let trouble = if pause.at == about { Trouble::AtThisAgain } else { Trouble::General };
        // Calls that fail together are one failure.
        if trouble == Trouble::General && pause.until <= self.now {
            pause.failures += 1;
            pause.until = self.now + self.backoff(pause.failures, first, 5 * MINUTE, key);
        }
        pause.until = pause.until.max(self.now + self.asked_to_wait(retry_after));
        about.clone_into(&mut pause.at);
        self.store.put(key, &pause);
        (pause.until, trouble)
    }

    /// Returns how long a `Retry-After` header asks to wait.
    pub(super) fn asked_to_wait(&self, retry_after: Option<&str>) -> Millis {
        let asked = retry_after.and_then(|header| retry_after_ms(header, self.now, http_date_ms));
        asked.map_or(0, |asked| asked.min(LONGEST_RETRY_AFTER))
    }

    /// Ends a server's pause.
    pub(super) fn resume(&mut self, key: &'static str) {
        self.store.remove(key);
    }
}
