//! Live events: what to send to which of a practice's sockets, and when to close one.
//!
//! A socket gets events in the order of their `seq`, from its reader's position on. The events are read from the feed's rows,
//! so none is kept in memory for a slow reader. These rules keep a reader from missing or repeating an event:
//!
//! - A reader gets only events that are on disk (`stored`), so that nobody sees an event that a crash undoes.
//! - A reader gets the event after the last one it got, or its socket is closed. No event is ever skipped.
//! - The position is stored with the socket. When a socket breaks, the position is lost, and the reader sends it again.

mod reader;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::{Map, Value};

use super::practice::Registered;
use super::rows::{Rows, Store, key, read};
use super::state::Counts;
use crate::webhook::clock::{Millis, SECOND};
pub use reader::{Opening, Reader, WINDOW};

/// How many sockets may be open for sessions of one subject.
pub const MOST_OF_SUBJECT: usize = 128;
/// How many sockets of a practice may be open in total.
pub const MOST_OF_PRACTICE: usize = 1_024;

/// The shortest time between two searches for sockets whose session has expired.
const LOOK_EVERY: Millis = 15 * SECOND;

/// The longest message from a reader. The shell needs to pass at most one character more.
pub const LONGEST_MESSAGE: usize = 64;

/// Why a socket is closed: the codes of RFC 6455, or an HTTP status plus 4000.
pub mod close {
    /// The reader sent something other than a valid acknowledgement.
    pub const BROKEN: u16 = 1008;
    /// The socket was opened by another release.
    pub const RESTARTED: u16 = 1012;
    /// Too many sockets are open.
    pub const BUSY: u16 = 1013;
    /// The session has expired.
    pub const OVER: u16 = 4401;
    /// The session may not read events.
    pub const FORBIDDEN: u16 = 4403;
    /// The practice is not registered.
    pub const NOT_REGISTERED: u16 = 4404;
    /// The reader acknowledges nothing.
    pub const SLOW: u16 = 4408;
    /// The next event is no longer kept, or the feed is another one. The reason is the `seq` of the first event that is
    /// available.
    pub const GAP: u16 = 4409;
}

/// The inputs of a practice's live events.
#[derive(Clone, Debug)]
pub enum LiveInput {
    /// A socket is requested. Its number is the next one.
    Open(Opening),
    /// There are new events, or it is time to check the sockets.
    Look,
    /// A message from reader 0, the only one that is passed.
    Message(String),
}

/// What to do. The fields are in the order of execution.
#[derive(Default, Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct LiveEffects {
    /// The requested socket is not opened but closed with this code and reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<(u16, String)>,
    /// The messages to send.
    pub texts: Vec<String>,
    /// The number of each reader to send to, and the index of its message.
    pub sends: Vec<(usize, usize)>,
    /// The new states of the readers that have changed.
    pub readers: Vec<(usize, String)>,
    /// The sockets to close, each with its code and reason.
    pub closes: Vec<(usize, u16, String)>,
    /// When to check the sockets again, or `Some(None)` if there are none; `None` if that has not changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Option<Millis>>,
}

/// Handles one input at `now`. `readers` are the open sockets, each as it was last returned; events up to `stored` are on disk.
pub fn live(rows: &dyn Rows, readers: &[String], input: LiveInput, stored: u64, now: Millis) -> LiveEffects {
    let store = Store::new(rows);
    let feed = store.get(key::PRACTICE).map(|practice: Registered| practice.since);
    let recorded = store.get::<Counts>(key::COUNTS).unwrap_or_default().events;
    let readers: Vec<_> = readers.iter().map(|reader| Reader::parse(reader)).collect();
    let (pages, effects) = (Vec::new(), LiveEffects::default());
    let mut live = Live { store, feed, recorded, last: recorded.min(stored), now, pages, effects };
    match input {
        LiveInput::Open(opening) => {
            if let Err(refused) = live.open(opening, &readers) {
                live.effects = LiveEffects { refused: Some(refused), ..LiveEffects::default() };
            }
        }
        LiveInput::Look => live.look(readers),
        LiveInput::Message(message) => {
            if let Some(reader) = readers.into_iter().next() {
                live.take(0, reader, |reader| reader.acknowledge(acknowledged(&message)?, now).then_some(()));
            }
        }
    }
    live.effects
}

struct Live<'a> {
    store: Store<'a>,
    /// `None` if the practice is not registered.
    feed: Option<Millis>,
    /// The newest event.
    recorded: u64,
    /// The newest event that may be sent.
    last: u64,
    now: Millis,
    /// The pages that were read: most readers are at the same position.
    pages: Vec<Page>,
    effects: LiveEffects,
}

/// The events after `after`, with consecutive numbers.
struct Page {
    after: u64,
    events: Vec<String>,
    /// The messages made from it: how many events each has, and its index.
    texts: Vec<(usize, usize)>,
}

/// The code and reason that a socket is closed with.
type Closing = (u16, String);

fn closing(code: u16) -> Closing {
    (code, String::new())
}

impl Live<'_> {
    fn open(&mut self, opening: Opening, readers: &[Option<Reader>]) -> Result<(), Closing> {
        let Opening { after, feed: expected, subject, until } = opening;
        let of_subject = readers.iter().flatten().filter(|reader| reader.subject == subject).count();
        if readers.len() >= MOST_OF_PRACTICE || of_subject >= MOST_OF_SUBJECT {
            return Err(closing(close::BUSY));
        }
        if until <= self.now {
            return Err(closing(close::OVER));
        }
        let feed = self.feed.ok_or_else(|| closing(close::NOT_REGISTERED))?;
        let is_of_another = after > self.recorded || expected.is_some_and(|expected| expected != feed);
        let sent = match after {
            0 => (self.oldest(0) - 1).min(self.last),
            _ if is_of_another => return Err((close::GAP, self.oldest(0).to_string())),
            after => after,
        };
        let mut reader = Reader { sent, acknowledged: sent, since: self.now, until, feed, subject };
        self.effects.texts.push(format!(r#"{{"type":"hello","feed":{feed},"after":{sent}}}"#));
        self.effects.sends.push((readers.len(), 0));
        self.fill(readers.len(), &mut reader)?;
        self.effects.readers.push((readers.len(), reader.to_string()));
        self.wake(readers.iter().flatten().chain([&reader]).map(|reader| reader.until).min());
        Ok(())
    }

    fn look(&mut self, readers: Vec<Option<Reader>>) {
        let mut first: Option<Millis> = None;
        for (number, reader) in readers.into_iter().enumerate() {
            let until = reader.as_ref().map(|reader| reader.until);
            if self.take(number, reader, |_| Some(())) {
                first = first.into_iter().chain(until).min();
            }
        }
        self.wake(first);
    }

    /// Applies what a reader says, then sends it the next events, or closes its socket. Returns whether the socket is still
    /// open.
    fn take(&mut self, number: usize, reader: Option<Reader>, says: impl FnOnce(&mut Reader) -> Option<()>) -> bool {
        match self.served(number, reader, says) {
            Ok(()) => true,
            Err((code, reason)) => {
                self.effects.closes.push((number, code, reason));
                false
            }
        }
    }

    fn served(
        &mut self,
        number: usize,
        reader: Option<Reader>,
        says: impl FnOnce(&mut Reader) -> Option<()>,
    ) -> Result<(), Closing> {
        // Another release wrote this state. The reader knows its position.
        let before = reader.ok_or_else(|| closing(close::RESTARTED))?;
        if before.until <= self.now {
            return Err(closing(close::OVER));
        }
        let mut reader = before.clone();
        says(&mut reader).ok_or_else(|| closing(close::BROKEN))?;
        if reader.is_stalled(self.now) {
            return Err(closing(close::SLOW));
        }
        self.fill(number, &mut reader)?;
        if reader != before {
            self.effects.readers.push((number, reader.to_string()));
        }
        Ok(())
    }

    /// Sends a reader as many events as it has room for.
    fn fill(&mut self, number: usize, reader: &mut Reader) -> Result<(), Closing> {
        match self.feed {
            None => return Err(closing(close::NOT_REGISTERED)),
            Some(feed) if feed != reader.feed => return Err((close::GAP, self.oldest(0).to_string())),
            Some(_) => {}
        }
        let most = reader.room().min(self.last.saturating_sub(reader.sent));
        if most == 0 {
            return Ok(());
        }
        let Some((text, events)) = self.text(reader.sent, most as usize) else {
            return Err((close::GAP, self.oldest(reader.sent).to_string()));
        };
        self.effects.sends.push((number, text));
        reader.send(reader.sent + events as u64, self.now);
        Ok(())
    }

    /// Returns the index of a message with at most `most` events after `after`, and how many it has; `None` if the next event
    /// is no longer kept.
    fn text(&mut self, after: u64, most: usize) -> Option<(usize, usize)> {
        let place = match self.pages.iter().position(|page| page.after == after) {
            Some(place) => place,
            None => {
                let events = self.after(after, WINDOW as usize).into_iter().zip(after + 1..);
                let events = events.take_while(|((seq, _), next)| seq == next).map(|((_, event), _)| event).collect();
                self.pages.push(Page { after, events, texts: Vec::new() });
                self.pages.len() - 1
            }
        };
        let page = self.pages.get_mut(place)?;
        let events = page.events.get(..most.min(page.events.len())).filter(|events| !events.is_empty())?;
        if let Some((_, text)) = page.texts.iter().find(|(count, _)| *count == events.len()) {
            return Some((*text, events.len()));
        }
        let text = self.effects.texts.len();
        self.effects.texts.push(format!(r#"{{"type":"events","events":[{}]}}"#, events.join(",")));
        page.texts.push((events.len(), text));
        Some((text, events.len()))
    }

    /// Returns the first event after `after` that is available.
    fn oldest(&self, after: u64) -> u64 {
        self.after(after, 1).first().map_or(self.recorded + 1, |(seq, _)| *seq)
    }

    fn after(&self, seq: u64, limit: usize) -> Vec<(u64, String)> {
        let rows = self.store.texts(key::EVENT, &key::of_event(key::EVENT, seq + 1), limit).into_iter();
        rows.filter_map(|(key, event)| Some((key.strip_prefix(key::EVENT)?.parse().ok()?, event))).collect()
    }

    fn wake(&mut self, first: Option<Millis>) {
        self.effects.wake_at = Some(first.map(|first| first.max(self.now + LOOK_EVERY)));
    }
}

/// Returns the event that a message acknowledges. There are no other kinds of message.
fn acknowledged(message: &str) -> Option<u64> {
    let message: Map<String, Value> = (message.len() <= LONGEST_MESSAGE).then(|| read(message)).flatten()?;
    if message.get("type")? == "ack" { message.get("seq")?.as_u64() } else { None }
}
