//! Whether the API may be called now, and what an answer says about that.

use super::Inbox;
use super::backoff::backoff;
use super::input::{Answer, Reason};
use super::rows::key;
use super::token::Token;
use crate::webhook::clock::{HOUR, MINUTE, Millis, SECOND, retry_after};
use crate::webhook::json::{object, record};

/// How many orders to ask for in one alarm.
const CALLS: usize = 20;

/// A `Retry-After` is honoured up to here: nobody may silence an inbox for good.
const LONGEST_RETRY_AFTER: Millis = HOUR;

record! {
    /// A server that is left alone for a while, since it fails.
    #[derive(Default, Clone, Copy)]
    pub(super) struct Pause {
        pub failures: u32,
        pub until: Millis,
    }
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

    /// When something that is due at `due` can be done.
    pub fn after(&self, due: Millis) -> Option<Millis> {
        self.from.map(|from| from.max(due))
    }
}

/// What an answer is to the one who asked.
pub(super) enum Verdict<'a> {
    /// A 200 with this body.
    Read(&'a str),
    /// The API says no to this call: a status between 400 and 499.
    Refused(u16),
    /// The API is in trouble; it is left alone for a while.
    Trouble,
    /// The token was refused; there will be another.
    Unauthorized,
    /// There is an answer, but not one to work with.
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
        // A single call goes to see whether things are better.
        let doubtful = token.rejected || api.failures > 0;
        let from = if token.rejected { api.until.max(token.retry_at) } else { api.until };
        Access { from: Some(from), calls: if doubtful { 1 } else { CALLS } }
    }

    /// Judges an answer of the API, and takes note of what it says about the API and the token.
    pub(super) fn judge<'a>(&mut self, token: Millis, outcome: Result<&'a Answer, Reason>) -> Verdict<'a> {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(reason @ (Reason::Timeout | Reason::Network)) => {
                self.pause_api(None, reason.name());
                return Verdict::Trouble;
            }
            Err(reason @ (Reason::TooLarge | Reason::Crashed)) => return Verdict::Unusable(reason),
        };
        match answer.status {
            200 => {
                self.resume_api(token);
                Verdict::Read(&answer.body)
            }
            401 => {
                self.token_rejected(token);
                Verdict::Unauthorized
            }
            403 => {
                self.resume(key::API);
                Verdict::Refused(403)
            }
            status @ (400..=428 | 430..=499) => {
                self.resume_api(token);
                Verdict::Refused(status)
            }
            // Also redirects, which would carry the token away, and what makes no sense.
            status => {
                self.pause_api(answer.headers.retry_after.as_deref(), &status.to_string());
                Verdict::Trouble
            }
        }
    }

    fn pause_api(&mut self, retry_after: Option<&str>, reason: &str) {
        let until = self.pause(key::API, SECOND, retry_after);
        self.log("api.paused", object! { "reason": reason, "forMs": until - self.now });
    }

    fn resume_api(&mut self, token: Millis) {
        self.resume(key::API);
        self.token_works(token);
    }

    /// Leaves a server alone, for longer each time; until when.
    pub(super) fn pause(&mut self, key: &'static str, first: Millis, header: Option<&str>) -> Millis {
        let mut pause: Pause = self.store.get(key).unwrap_or_default();
        let asked = header.and_then(|header| retry_after(header, self.now)).unwrap_or(0);
        // Calls that fail together are one failure.
        if pause.until <= self.now {
            pause.failures += 1;
            pause.until = self.now + backoff(pause.failures, first, 5 * MINUTE, key, self.now);
        }
        pause.until = pause.until.max(asked.min(self.now + LONGEST_RETRY_AFTER));
        self.store.put(key, &pause);
        pause.until
    }

    pub(super) fn resume(&mut self, key: &'static str) {
        self.store.remove(key);
    }
}
