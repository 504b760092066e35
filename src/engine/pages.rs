//! The pages of a list: what a `Walk` needs to know of each, and the rows that no page had before.

use super::call::{Flow, PreparedCall};
use super::error::{DpmsError, ErrorKind};
use super::exchange::{Exchange, Received};
use super::guids::Guids;
use super::walk::{self, Next, Walk};
use super::{DecodedValue, Effect, Env, HttpRequest, Output, response};
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
    /// How many rows to go back when a page shows that rows before it are gone, and others have taken their places unseen
    /// (R47). To see it, each page is asked for from the last known row on. 0 to do without.
    pub rewind: u32,
    /// How many rows a list can have that ends some day.
    pub max_rows: u32,
}

/// As how many rows a page counts at least: a list of pages that hold one row each is not to take that many requests.
const LEAST_ROWS: u32 = 25;

const REPEATS: &str = "The API gives the same rows again and again where others should follow: report it to iTero.";

/// The pages of a list, one after the other.
pub(crate) struct Pages {
    listing: Listing,
    walk: Walk,
    /// How many rows came so far.
    rows: u32,
    seen: Guids,
}

/// A page whose rows no page had before.
pub(crate) struct Page {
    pub tape: Tape,
    pub rows: Vec<usize>,
    /// Whether the list goes on.
    pub has_more: bool,
}

impl Pages {
    pub(crate) fn new(listing: Listing) -> Self {
        let walk = Walk::new(listing.rewind);
        Self { listing, walk, rows: 0, seen: Guids::default() }
    }

    /// Returns the call that gives page after page.
    pub(crate) fn call(self) -> PreparedCall {
        PreparedCall { request: self.request(), flow: Box::new(self) }
    }

    /// What a row is recognized by; `None` for what cannot be.
    pub(crate) fn key(&self, tape: &Tape, row: usize) -> Option<Guid> {
        let guid: Guid = tape.text(row + self.listing.guid)?.parse().ok()?;
        if guid != Guid::default() {
            return Some(guid);
        }
        Some(Guid::of_number(tape.number(row + self.listing.id?)? as u64))
    }

    /// Returns the request of the next page.
    pub(crate) fn request(&self) -> HttpRequest {
        (self.listing.request)(self.walk.offset())
    }

    /// Takes a page, and asks for the next if there is one.
    pub(crate) fn take(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
    ) -> Result<Page, DpmsError> {
        let page = self.page(&exchange.request, exchange.policy.max_response_bytes as usize, outcome?)?;
        if page.has_more {
            exchange.restart(self.request());
        }
        Ok(page)
    }

    fn page(&mut self, request: &HttpRequest, max_bytes: usize, received: Received) -> Result<Page, DpmsError> {
        let Received { status, attempts, body } = received;
        let Some(body) = body else {
            return Ok(Page { tape: Tape::default(), rows: Vec::new(), has_more: false });
        };
        let Listing { envelope, page, cell, has_more, .. } = self.listing;
        let read = decode_within(envelope, page, &body, max_bytes);
        let mut tape = read.map_err(|error| request.unreadable(status, attempts, &error))?;
        let has_more = has_more(&mut tape, self.walk.offset());
        let mut rows = tape.rows(cell);
        self.rows = self.rows.saturating_add(LEAST_ROWS.max(rows.len() as u32));
        if has_more && self.rows > self.listing.max_rows {
            return Err(request.fails(response::endless(self.listing.max_rows).with_status(status), attempts));
        }
        let is_known = |row: &usize| self.key(&tape, *row).is_some_and(|key| self.seen.find(key).is_some());
        let page = walk::Page {
            received: rows.len() as u32,
            first_is_known: rows.first().is_some_and(is_known),
            has_new: !rows.iter().all(is_known),
            has_more,
        };
        let next = self.walk.take(page);
        match next {
            Next::Rewind => rows.clear(),
            // Rows that are listed late shift the pages (R47, R122).
            Next::Page | Next::End => rows.retain(|row| {
                let key = self.key(&tape, *row);
                // A nil GUID is no row's own, so whatever has it is given rather than lost.
                key.is_none_or(|key| self.seen.add(key) || key.is_number())
            }),
            Next::Repeats => return Err(request.fails(DpmsError::new(ErrorKind::Server, REPEATS), attempts)),
        }
        Ok(Page { tape, rows, has_more: next != Next::End })
    }
}

impl Flow for Pages {
    fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
        _: Env,
    ) -> Result<Effect, DpmsError> {
        let Page { tape, rows, has_more } = self.take(exchange, outcome)?;
        Ok(Effect::Done(Output::Page { rows: DecodedValue::list(tape, self.listing.rows, &rows), has_more }))
    }
}
