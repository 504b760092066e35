//! Walking the pages of a list.

use super::call::{Flow, unreadable};
use crate::engine::Request;
use crate::engine::error::{DpmsError, ErrorKind};
use crate::engine::exchange::{Answer, Chance, Exchange};
use crate::engine::step::{Built, Step};
use crate::json::Object;
use crate::scalar::Guid;
use crate::schema::decode::{Envelope, decode};
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;

/// How a list comes in pages.
pub(super) struct Listing {
    /// The request of the page at an offset.
    pub request: Box<dyn Fn(u32) -> Result<Request, DpmsError>>,
    pub envelope: Envelope,
    pub page: &'static Kind,
    /// The page's cell of its rows, and what they are.
    pub cell: usize,
    pub rows: &'static Kind,
    /// A row's cell of its GUID, by which rows that come twice are told.
    pub guid: usize,
    /// Whether there is more after a page with rows, which was asked for at an offset.
    pub more: fn(&mut Tape, u32) -> bool,
    /// How many rows to go back when a page shows that rows before it are gone, and others have taken their places unseen
    /// (R47). To see it, each page is asked for from the last row on that is known. 0 to do without.
    pub rewind: u32,
}

/// How often to go back for rows that were hidden: a list that moves faster than it can be read has no end.
const MAX_REWINDS: u32 = 10;

/// How many pages without a new row, one after the other, are a list that repeats itself.
const MAX_REPEATS: u32 = 3;

const REPEATS: &str = "The API gives the same rows again and again where others should follow: report it to iTero.";

/// A walk over a list.
pub(super) struct Walk {
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
pub(super) struct Page {
    pub tape: Tape,
    /// The rows that no page had before.
    pub rows: Vec<usize>,
    /// Whether the walk goes on.
    pub more: bool,
}

impl Walk {
    pub(super) fn new(listing: Listing) -> Self {
        Self { listing, progress: Progress::default(), seen: Vec::new() }
    }

    /// The request of the next page.
    pub(super) fn request(&self) -> Result<Request, DpmsError> {
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
    pub(super) fn turn(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Answer<'_>, DpmsError>,
    ) -> Result<Page, DpmsError> {
        let page = self.page(&exchange.request, outcome?)?;
        if page.more {
            exchange.again(self.request()?);
        }
        Ok(page)
    }

    fn page(&mut self, request: &Request, answer: Answer<'_>) -> Result<Page, DpmsError> {
        let Answer { status, attempts, body } = answer;
        let Some(body) = body else { return Ok(Page { tape: Tape::default(), rows: Vec::new(), more: false }) };
        let before = self.progress;
        let (overlap, offset) = (self.overlaps(), self.start());
        let read = decode(self.listing.envelope, self.listing.page, body);
        let mut tape = read.map_err(|error| unreadable(request, status, attempts, &error))?;
        let mut rows = tape.rows(self.listing.cell);
        let guid = |tape: &Tape, row: &usize| tape.text(row + self.listing.guid).and_then(|text| text.parse().ok());

        let first: Option<Guid> = rows.first().and_then(|row| guid(&tape, row));
        let joins = first.is_some_and(|guid| self.seen.binary_search(&guid).is_ok());
        if overlap && !joins && before.rewinds < MAX_REWINDS {
            let offset = offset.saturating_sub(self.listing.rewind);
            self.progress = Progress { offset, rewinds: before.rewinds + 1, ..before };
            return Ok(Page { tape, rows: Vec::new(), more: true });
        }

        let received = rows.len() as u32;
        let end = offset + received; // rows received, whatever was asked for (R45, R111)
        let more = received > 0 && (self.listing.more)(&mut tape, offset); // R46
        // Rows that are listed late shift the pages (R47, R122).
        let seen = &mut self.seen;
        rows.retain(|row| guid(&tape, row).is_none_or(|guid| is_first(seen, guid)));
        let repeats = if rows.is_empty() && end > before.furthest { before.repeats + 1 } else { 0 };
        if more && repeats == MAX_REPEATS {
            return Err(request.fails(DpmsError::new(ErrorKind::Server, REPEATS), attempts));
        }
        let furthest = before.furthest.max(end);
        self.progress = Progress { offset: end, furthest, short: received < 2, repeats, ..before };
        Ok(Page { tape, rows, more })
    }

    /// Some rows of a page, to be built.
    pub(super) fn built(&self, mut tape: Tape, rows: &[usize]) -> Built {
        let cell = tape.add_row(1);
        tape.set_rows(cell, rows);
        Built { tape, kind: self.listing.rows, cell }
    }
}

/// Walks for the caller, page by page.
impl Flow for Walk {
    fn end(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Answer<'_>, DpmsError>,
        _: Chance,
    ) -> Result<Step, DpmsError> {
        let Page { tape, rows, more } = self.turn(exchange, outcome)?;
        Ok(Step::page(self.built(tape, &rows), more, Object::new()))
    }
}

fn is_first(seen: &mut Vec<Guid>, guid: Guid) -> bool {
    let place = seen.binary_search(&guid);
    if let Err(place) = place {
        seen.insert(place, guid);
    }
    place.is_err()
}
