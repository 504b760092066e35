//! A reader: what is known of one socket. It is what the socket carries itself, so that it outlives the process. A text of few
//! characters: there may be a thousand.

use std::fmt::{Display, Formatter, Result as Written};

use crate::webhook::clock::{Millis, SECOND};

/// How many events may be on their way to a reader, sent and not acknowledged.
pub const WINDOW: u64 = 64;

/// How long a reader may acknowledge nothing of what it was sent.
pub(super) const STALLS_AFTER: Millis = 120 * SECOND;

/// A socket that is open.
#[derive(Clone, PartialEq, Debug)]
pub struct Reader {
    /// The last event that was sent.
    pub sent: u64,
    /// The last event that was acknowledged.
    pub acknowledged: u64,
    /// When it acknowledged last, or was sent something after it had acknowledged everything.
    pub since: Millis,
    /// When its session is over.
    pub until: Millis,
    /// Which feed it reads.
    pub feed: Millis,
    /// Whose session it is, as a fingerprint.
    pub subject: String,
}

impl Reader {
    /// How many more events it may be sent.
    pub fn room(&self) -> u64 {
        WINDOW.saturating_sub(self.sent.saturating_sub(self.acknowledged))
    }

    /// Whether it takes nothing of what it was sent.
    pub fn is_stalled(&self, now: Millis) -> bool {
        self.sent > self.acknowledged && self.since + STALLS_AFTER <= now
    }

    /// Events up to `seq` are sent.
    pub fn send(&mut self, seq: u64, now: Millis) {
        if self.sent == self.acknowledged {
            self.since = now;
        }
        self.sent = seq;
    }

    /// Events up to `seq` are acknowledged. Returns whether they were sent.
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

/// Who opens a socket, and for what.
#[derive(Clone, PartialEq, Debug)]
pub struct Opening {
    /// Events after this one; 0 for all that are kept.
    pub after: u64,
    /// Of which feed that is, if the reader knows.
    pub feed: Option<Millis>,
    /// Whose session it is, as a fingerprint.
    pub subject: String,
    /// When the session is over.
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
