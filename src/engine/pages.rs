//! The pages of a list: what a `Walk` needs to know of each, and the rows that no page had before.
//!
//! Each page is a call of its own, so several may be under way: `Pages` says where they are likely to start, and takes them in
//! the list's order. A page that was asked for in the wrong place is asked for again.

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

/// How a list comes in pages.
pub(crate) struct Listing {
    /// The request of the page at an offset.
    pub request: Box<dyn Fn(u32) -> HttpRequest>,
    pub envelope: Envelope,
    pub page: &'static Kind,
    /// The page's cell of its rows, and what they are.
    pub cell: usize,
    pub rows: &'static Kind,
    /// A row's cell of its GUID, by which rows that come twice are recognized.
    pub guid: usize,
    /// A row's cell of another id, for those whose GUID is nil.
    pub id: Option<usize>,
    /// Whether there is more after a page with rows, which was asked for at an offset.
    pub has_more: fn(&mut Tape, u32) -> bool,
    /// How many rows are asked for at a time.
    pub page_size: u32,
    /// How many rows a list can have that ends some day.
    pub max_rows: u32,
}

/// As how many rows a page counts at least: a list of pages that hold one row each is not to take that many requests.
const LEAST_ROWS: u32 = 25;

const REPEATS: &str = "The API gives the same rows again and again where others should follow: report it to iTero.";

/// The pages of a list, one after the other.
pub(crate) struct Pages {
    listing: Rc<Listing>,
    walk: Walk,
    /// How many rows after a page the one after it is likely to start; 0 if that cannot be guessed.
    stride: u32,
    /// How many rows came so far.
    rows: u32,
    seen: Guids,
}

/// A page as it came.
pub(crate) struct Listed {
    pub tape: Tape,
    rows: Vec<usize>,
    has_more: bool,
    status: u16,
    attempts: u32,
}

/// A page whose rows no page had before.
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
    /// The pages of a list. `joined` for each to start with the last row of the one before, so that no row is missed that takes
    /// the place of another that is gone (R47): needed where pages are not asked for in the order in which they are read.
    pub(crate) fn new(listing: Listing, joined: bool) -> Self {
        let walk = Walk::new(if joined { listing.page_size } else { 0 });
        Self { listing: Rc::new(listing), walk, stride: 0, rows: 0, seen: Guids::default() }
    }

    /// What the rows are.
    pub(crate) fn kind(&self) -> &'static Kind {
        self.listing.rows
    }

    /// Returns where the next page starts, or where the page `ahead` of it is likely to.
    pub(crate) fn offset(&self, ahead: u32) -> Option<u32> {
        let is_known = ahead == 0 || self.stride > 0;
        is_known.then(|| self.walk.offset().saturating_add(ahead.saturating_mul(self.stride)))
    }

    /// Returns the call that gives the page at an offset, which is then to be taken.
    pub(crate) fn call_at(&self, offset: u32) -> PreparedCall {
        let listing = Rc::clone(&self.listing);
        PreparedCall { request: (listing.request)(offset), flow: Box::new(PageAt { listing, offset }) }
    }

    /// Takes the page at the next offset, which came for a request.
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
                // A nil GUID is no row's own, so whatever has it is given rather than lost.
                key(row).is_none_or(|key| self.seen.add(key) || key.is_number())
            }),
            Next::Repeats => return Err(request.fails(DpmsError::new(ErrorKind::Server, REPEATS), attempts)),
        }
        self.stride = received.saturating_sub(1); // a row less than came: the next page starts with the last
        Ok(Page { tape, rows, has_more: next != Next::End })
    }
}

/// What a row is recognized by, from its cells of a GUID and of another id; `None` for what cannot be.
pub(crate) fn key(tape: &Tape, row: usize, guid: usize, id: Option<usize>) -> Option<Guid> {
    let guid: Guid = tape.text(row + guid)?.parse().ok()?;
    if guid != Guid::default() {
        return Some(guid);
    }
    Some(Guid::of_number(tape.number(row + id?)? as u64))
}

/// One page, which is read when it comes and taken in its turn.
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
