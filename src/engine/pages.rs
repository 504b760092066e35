//! Walking the pages of a list.

use super::call::{Flow, PreparedCall};
use super::error::{DpmsError, ErrorKind};
use super::exchange::{Exchange, Received};
use super::{DecodedValue, Effect, Env, HttpRequest, Output};
use crate::scalar::Guid;
use crate::schema::decode::{Envelope, decode};
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
    /// Whether there is more after a page with rows, which was asked for at an offset.
    pub has_more: fn(&mut Tape, u32) -> bool,
    /// How many rows to go back when a page shows that rows before it are gone, and others have taken their places unseen
    /// (R47). To see it, each page is asked for from the last known row on. 0 to do without.
    pub rewind: u32,
}

/// How often to go back for rows that were hidden: a list that moves faster than it can be read has no end.
const MAX_REWINDS: u32 = 10;

/// How many pages without a new row, one after the other, are a list that repeats itself.
const MAX_REPEATS: u32 = 3;

const REPEATS: &str = "The API gives the same rows again and again where others should follow: report it to iTero.";

/// A walk over a list.
pub(crate) struct Walk {
    listing: Listing,
    progress: Progress,
    /// Sorted: a set's code would weigh more than it saves.
    seen: Vec<Guid>,
}

/// How far a walk is.
#[derive(Clone, Copy, Default)]
struct Progress {
    offset: u32,
    /// The furthest that a page went.
    furthest: u32,
    /// Whether the last page was too short to begin with a known row and get on.
    short: bool,
    rewinds: u32,
    repeats: u32,
}

/// A page of a walk.
pub(crate) struct Page {
    pub tape: Tape,
    /// The rows that no page had before.
    pub rows: Vec<usize>,
    /// Whether the walk goes on.
    pub has_more: bool,
}

impl Walk {
    pub(crate) fn new(listing: Listing) -> Self {
        Self { listing, progress: Progress::default(), seen: Vec::new() }
    }

    /// Returns the call that walks for the caller, page by page.
    pub(crate) fn call(self) -> PreparedCall {
        PreparedCall { request: self.request(), flow: Box::new(self) }
    }

    /// Returns the request of the next page.
    pub(crate) fn request(&self) -> HttpRequest {
        (self.listing.request)(self.start())
    }

    /// Where the next page starts.
    fn start(&self) -> u32 {
        self.progress.offset - u32::from(self.overlaps())
    }

    /// Whether the next page is to begin with a row that is known.
    fn overlaps(&self) -> bool {
        self.listing.rewind > 0 && self.progress.offset > 0 && !self.progress.short
    }

    /// Takes a page, and asks for the next if there is one.
    pub(crate) fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
    ) -> Result<Page, DpmsError> {
        let page = self.page(&exchange.request, outcome?)?;
        if page.has_more {
            exchange.restart(self.request());
        }
        Ok(page)
    }

    fn page(&mut self, request: &HttpRequest, received: Received) -> Result<Page, DpmsError> {
        let Received { status, attempts, body } = received;
        let Some(body) = body else {
            return Ok(Page { tape: Tape::default(), rows: Vec::new(), has_more: false });
        };
        let before = self.progress;
        let (overlap, offset) = (self.overlaps(), self.start());
        let read = decode(self.listing.envelope, self.listing.page, &body);
        let mut tape = read.map_err(|error| request.unreadable(status, attempts, &error))?;
        let mut rows = tape.rows(self.listing.cell);
        let guid = |tape: &Tape, row: &usize| tape.text(row + self.listing.guid).and_then(|text| text.parse().ok());

        let first: Option<Guid> = rows.first().and_then(|row| guid(&tape, row));
        let joins = first.is_some_and(|guid| self.seen.binary_search(&guid).is_ok());
        if overlap && !joins && before.rewinds < MAX_REWINDS {
            let offset = offset.saturating_sub(self.listing.rewind);
            self.progress = Progress { offset, rewinds: before.rewinds + 1, ..before };
            return Ok(Page { tape, rows: Vec::new(), has_more: true });
        }

        let received = rows.len() as u32;
        let end = offset + received; // rows received, whatever was asked for (R45, R111)
        let has_more = received > 0 && (self.listing.has_more)(&mut tape, offset); // R46
        // Rows that are listed late shift the pages (R47, R122).
        let seen = &mut self.seen;
        rows.retain(|row| guid(&tape, row).is_none_or(|guid| is_first(seen, guid)));
        let repeats = if rows.is_empty() && end > before.furthest { before.repeats + 1 } else { 0 };
        if has_more && repeats == MAX_REPEATS {
            return Err(request.fails(DpmsError::new(ErrorKind::Server, REPEATS), attempts));
        }
        let furthest = before.furthest.max(end);
        self.progress = Progress { offset: end, furthest, short: received < 2, repeats, ..before };
        Ok(Page { tape, rows, has_more })
    }

    /// Returns some rows of a page.
    fn rows(&self, tape: Tape, rows: &[usize]) -> DecodedValue {
        DecodedValue::list(tape, self.listing.rows, rows)
    }
}

impl Flow for Walk {
    fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
        _: Env,
    ) -> Result<Effect, DpmsError> {
        let Page { tape, rows, has_more } = self.receive(exchange, outcome)?;
        Ok(Effect::Done(Output::Page { rows: self.rows(tape, &rows), has_more }))
    }
}

fn is_first(seen: &mut Vec<Guid>, guid: Guid) -> bool {
    let place = seen.binary_search(&guid);
    if let Err(place) = place {
        seen.insert(place, guid);
    }
    place.is_err()
}
