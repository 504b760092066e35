//! A reader: the state of one socket. It is stored with the socket, so that it outlives the process, as a short text, since
//! there may be a thousand.

use std::fmt::{Display, Formatter, Result as Written};

use crate::webhook::clock::{Millis, SECOND};

/// How many events a reader may have that were sent but not acknowledged.
pub const WINDOW: u64 = 64;

/// How long a reader may take to acknowledge an event.
pub(super) const STALLS_AFTER: Millis = 120 * SECOND;

/// An open socket.
#[derive(Clone, PartialEq, Debug)]
pub struct Reader {
    /// The last event that was sent.
    pub sent: u64,
    /// The last event that was acknowledged.
    pub acknowledged: u64,
    /// When it last acknowledged an event, or was sent one after it had acknowledged everything.
    pub since: Millis,
    /// When its session expires.
    pub until: Millis,
    /// The feed that it reads.
    pub feed: Millis,
    /// The session's subject, as a fingerprint.
    pub subject: String,
}

impl Reader {
    /// Returns how many more events may be sent to it.
    pub fn room(&self) -> u64 {
        WINDOW.saturating_sub(self.sent.saturating_sub(self.acknowledged))
    }

    /// Returns whether it has not acknowledged for too long.
    pub fn is_stalled(&self, now: Millis) -> bool {
        self.sent > self.acknowledged && self.since + STALLS_AFTER <= now
    }

    /// Records that events up to `seq` are sent.
    pub fn send(&mut self, seq: u64, now: Millis) {
        if self.sent == self.acknowledged {
            self.since = now;
        }
        self.sent = seq;
    }

    /// Records that events up to `seq` are acknowledged. Returns false if they were not sent.
    pub fn acknowledge(&mut self, seq: u64, now: Millis) -> bool {
        if seq > self.acknowledged {
            self.acknowledged = seq;
            self.since = now;
        }
        seq <= self.sent
    }

    /// Reads what `to_string` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let [sent, acknowledged, since, until, feed, subject] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            sent: sent.parse().ok()?,
            acknowledged: acknowledged.parse().ok()?,
            since: since.parse().ok()?,
            until: until.parse().ok()?,
            feed: feed.parse().ok()?,
            subject: subject.to_owned(),
        })
    }
}

impl Display for Reader {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        let Self { sent, acknowledged, since, until, feed, subject } = self;
        write!(f, "{sent} {acknowledged} {since} {until} {feed} {subject}")
    }
}

/// Who requests a socket, and from which event on.
#[derive(Clone, PartialEq, Debug)]
pub struct Opening {
    /// The last event that the reader has; 0 for all events that are kept.
    pub after: u64,
    /// The feed that `after` belongs to, if the reader knows it.
    pub feed: Option<Millis>,
    /// The session's subject, as a fingerprint.
    pub subject: String,
    /// When the session expires.
    pub until: Millis,
}

impl Opening {
    /// Reads what `to_string` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let [after, feed, until, subject] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let (after, until, subject) = (after.parse().ok()?, until.parse().ok()?, subject.to_owned());
        Some(Self { after, feed: feed.parse().ok(), subject, until })
    }
}

impl Display for Opening {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        let Self { after, feed, subject, until } = self;
        match feed {
            Some(feed) => write!(f, "{after} {feed} {until} {subject}"),
            None => write!(f, "{after} - {until} {subject}"),
        }
    }
}
