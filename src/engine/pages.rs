//! The pages of a list: what a `Walk` needs to know about each, and its rows that were on no earlier page.
//!
//! Each page is a call of its own, so several can be in flight: `Pages` says where they are likely to start, and takes them in
//! the list's order. A page that was requested at the wrong offset is requested again.

use std::rc::Rc;

use super::call::{Flow, PreparedCall};
use super::error::{DpmsError, ErrorKind};
use super::exchange::{Exchange, Received};
use super::guids::Guids;
use super::walk::{self, Next, Walk};
use super::{Effect, Env, HttpRequest, Output, response};
use crate::scalar::Guid;
use crate::schema::decode::{Envelope, decode_within};
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;

/// How a list is divided into pages.
pub(crate) struct Listing {
    /// The request of the page at an offset.
    pub request: Box<dyn Fn(u32) -> HttpRequest>,
    pub envelope: Envelope,
    pub page: &'static Kind,
    /// The cell of the page that holds its rows, and the kind of that list.
    pub cell: usize,
    pub rows: &'static Kind,
    /// The cell of a row that holds its GUID, by which rows that are listed twice are recognized.
    pub guid: usize,
    /// The cell of a row that holds another id, for rows whose GUID is nil.
    pub id: Option<usize>,
    /// Whether more rows follow a page that was requested at an offset.
    pub has_more: fn(&mut Tape, u32) -> bool,
    /// How many rows are requested at a time.
    pub page_size: u32,
    /// The limit of a list's length: a longer one is taken to be endless.
    pub max_rows: u32,
}

/// The least number of rows that a page counts as, so that a list with one row a page does not take as many requests as
/// `max_rows`.
const LEAST_ROWS: u32 = 25;

const REPEATS: &str = "The API gives the same rows again and again where others should follow: report it to iTero.";

/// The pages of a list, one after the other.
pub(crate) struct Pages {
    listing: Rc<Listing>,
    walk: Walk,
    /// How many rows after the start of a page the next page is likely to start; 0 if that cannot be guessed.
    stride: u32,
    /// How many rows have been received so far.
    rows: u32,
    seen: Guids,
}

/// A page as it was received.
pub(crate) struct Listed {
    pub tape: Tape,
    rows: Vec<usize>,
    has_more: bool,
    status: u16,
    attempts: u32,
}

/// A page with only the rows that were on no earlier page.
pub(crate) struct Page {
    pub tape: Tape,
    pub rows: Vec<usize>,
    /// Whether the list goes on.
    pub has_more: bool,
}

impl Listing {
    /// Reads the page at an offset.
    fn read(&self, exchange: &Exchange, offset: u32, received: Received) -> Result<Listed, DpmsError> {
        let Received { status, attempts, body } = received;
        let Some(body) = body else {
            return Ok(Listed { tape: Tape::default(), rows: Vec::new(), has_more: false, status, attempts });
        };
        let read = decode_within(self.envelope, self.page, &body, exchange.policy.max_response_bytes as usize);
        let mut tape = read.map_err(|error| exchange.request.unreadable(status, attempts, &error))?;
        let has_more = (self.has_more)(&mut tape, offset);
        Ok(Listed { rows: tape.rows(self.cell), tape, has_more, status, attempts })
    }
}

impl Pages {
    /// Returns the pages of a list. With `joined`, each page starts with the last row of the page before, so that no row is
    /// missed when an earlier one is deleted (R47). This is needed where pages are not requested in the order in which they are
    /// read.
    pub(crate) fn new(listing: Listing, joined: bool) -> Self {
        let walk = Walk::new(if joined { listing.page_size } else { 0 });
        Self { listing: Rc::new(listing), walk, stride: 0, rows: 0, seen: Guids::default() }
    }

    /// Returns the kind of the list of rows.
    pub(crate) fn kind(&self) -> &'static Kind {
        self.listing.rows
    }

    /// Returns where the next page starts, or where the page that is `ahead` pages after it is likely to start.
    pub(crate) fn offset(&self, ahead: u32) -> Option<u32> {
        let is_known = ahead == 0 || self.stride > 0;
        is_known.then(|| self.walk.offset().saturating_add(ahead.saturating_mul(self.stride)))
    }

    /// Returns the call that gets the page at an offset, for [`take`](Self::take).
    pub(crate) fn call_at(&self, offset: u32) -> PreparedCall {
        let listing = Rc::clone(&self.listing);
        PreparedCall { request: (listing.request)(offset), flow: Box::new(PageAt { listing, offset }) }
    }

    /// Takes the page at the next offset, which is the response to `request`.
    pub(crate) fn take(&mut self, request: &HttpRequest, page: Listed) -> Result<Page, DpmsError> {
        let Listed { tape, mut rows, has_more, status, attempts } = page;
        let received = rows.len() as u32;
        self.rows = self.rows.saturating_add(LEAST_ROWS.max(received));
        if has_more && self.rows > self.listing.max_rows {
            return Err(request.fails(response::endless(self.listing.max_rows).with_status(status), attempts));
        }
        let Listing { guid, id, .. } = *self.listing;
        let key = |row: &usize| key(&tape, *row, guid, id);
        let is_known = |row: &usize| key(row).is_some_and(|key| self.seen.find(key).is_some());
        let page = walk::Page {
            received,
            first_is_known: rows.first().is_some_and(is_known),
            has_new: !rows.iter().all(is_known),
            has_more,
        };
        let next = self.walk.take(page);
        match next {
            Next::Rewind => rows.clear(),
            // Rows that are listed late shift the pages (R47, R122).
            Next::Page | Next::End => rows.retain(|row| {
                // A nil GUID does not identify a row, so rows that have one are all kept: a duplicate is better than a lost
                // row.
                key(row).is_none_or(|key| self.seen.add(key) || key.is_number())
            }),
            Next::Repeats => return Err(request.fails(DpmsError::new(ErrorKind::Server, REPEATS), attempts)),
        }
        self.stride = received.saturating_sub(1); // one row less than received: the next page starts with the last row
        Ok(Page { tape, rows, has_more: next != Next::End })
    }
}

/// Returns the key by which a row is recognized, from its cells of a GUID and of another id; `None` if it has neither.
pub(crate) fn key(tape: &Tape, row: usize, guid: usize, id: Option<usize>) -> Option<Guid> {
    let guid: Guid = tape.text(row + guid)?.parse().ok()?;
    if guid != Guid::default() {
        return Some(guid);
    }
    Some(Guid::of_number(tape.number(row + id?)? as u64))
}

/// One page, which is read as soon as it arrives and taken in the list's order.
struct PageAt {
    listing: Rc<Listing>,
    offset: u32,
}

impl Flow for PageAt {
    fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
        _: Env,
    ) -> Result<Effect, DpmsError> {
        Ok(Effect::Done(Output::Listed(self.listing.read(exchange, self.offset, outcome?)?)))
    }
}
