//! Walking the pages of a list with `for await`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::unreadable;
use crate::error::{DpmsError, ErrorKind, Failure};
use crate::js::tape::build;
use crate::transport::{Answer, Body, Call, Content, Scope, Transport};
use crate::wire::Guid;
use crate::wire::decode::{Envelope, decode};
use crate::wire::model::Kind;
use crate::wire::tape::Tape;

/// How a list comes in pages.
pub(super) struct Listing {
    /// The call of the page at an offset.
    pub call: Box<dyn Fn(u32) -> Result<Call, Failure>>,
    pub envelope: Envelope,
    pub page: &'static Kind,
    /// The page's cell of its rows, and what each row is.
    pub rows: usize,
    pub row: &'static Kind,
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
    pub transport: Rc<Transport>,
    pub scope: Scope,
    pub listing: Listing,
    progress: Cell<Progress>,
    /// Sorted: a set's code would weigh more than it saves.
    seen: RefCell<Vec<Guid>>,
}

/// How far a walk is.
#[derive(Clone, Copy, Default)]
struct Progress {
    offset: u32,
    done: bool,
    /// The furthest that a page went.
    furthest: u32,
    /// Whether the last page was too short to begin with a known row and get on.
    short: bool,
    rewinds: u32,
    repeats: u32,
}

/// The pages of a walk, for `rows`.
#[wasm_bindgen(skip_typescript)]
pub struct Pages(Rc<Walk>);

#[wasm_bindgen(module = "/src/transport/platform.js")]
extern "C" {
    /// An async iterator over the rows of all pages, which fetches the next page while this one is walked.
    pub(super) fn rows(pages: Pages) -> JsValue;
}

impl From<Walk> for Pages {
    fn from(walk: Walk) -> Self {
        Self(Rc::new(walk))
    }
}

#[wasm_bindgen]
impl Pages {
    /// A promise of the next page's rows; nothing after the last.
    pub fn next(&self) -> Option<Promise> {
        if self.0.is_done() {
            return None;
        }
        let walk = Rc::clone(&self.0);
        Some(future_to_promise(async move {
            let (tape, rows) = walk.advance().await?;
            let rows = rows.into_iter().map(|row| build(&tape, walk.listing.row, row));
            Ok(rows.collect::<js_sys::Array>().into())
        }))
    }
}

impl Walk {
    pub(super) fn new(transport: &Rc<Transport>, scope: Scope, listing: Listing) -> Self {
        Self { transport: Rc::clone(transport), scope, listing, progress: Cell::default(), seen: RefCell::default() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.progress.get().done
    }

    /// The next page, and those of its rows that no page had before.
    pub(super) async fn advance(&self) -> Result<(Tape, Vec<usize>), Failure> {
        let before = self.progress.get();
        self.progress.set(Progress { done: true, ..before }); // unless all goes well
        let overlap = self.listing.rewind > 0 && before.offset > 0 && !before.short;
        let offset = before.offset - u32::from(overlap);
        let call = (self.listing.call)(offset)?;
        let Answer { status, attempts, content } = self.transport.send(&call, &self.scope, Body::Bytes).await?;
        let Content::Bytes(bytes) = content else { return Ok((Tape::default(), Vec::new())) };
        let read = decode(self.listing.envelope, self.listing.page, &bytes);
        let mut tape = read.map_err(|error| unreadable(&call, status, attempts, &error))?;
        let mut rows = tape.rows(self.listing.rows);
        let guid = |tape: &Tape, row: &usize| tape.text(row + self.listing.guid).and_then(|text| text.parse().ok());

        let joins = rows.first().and_then(|row| guid(&tape, row)).is_some_and(|guid| self.has_seen(guid));
        if overlap && !joins && before.rewinds < MAX_REWINDS {
            let offset = offset.saturating_sub(self.listing.rewind);
            self.progress.set(Progress { offset, rewinds: before.rewinds + 1, ..before });
            return Ok((tape, Vec::new()));
        }

        let received = rows.len() as u32;
        let end = offset + received; // rows received, whatever was asked for (R45, R111)
        let done = received == 0 || !(self.listing.more)(&mut tape, offset); // R46
        // Rows that are listed late shift the pages (R47, R122).
        rows.retain(|row| guid(&tape, row).is_none_or(|guid| self.is_first(guid)));
        let repeats = if rows.is_empty() && end > before.furthest { before.repeats + 1 } else { 0 };
        if !done && repeats == MAX_REPEATS {
            return Err(call.fails(DpmsError::new(ErrorKind::Server, REPEATS), attempts).into());
        }
        let furthest = before.furthest.max(end);
        self.progress.set(Progress { offset: end, done, furthest, short: received < 2, repeats, ..before });
        Ok((tape, rows))
    }

    fn has_seen(&self, guid: Guid) -> bool {
        self.seen.borrow().binary_search(&guid).is_ok()
    }

    fn is_first(&self, guid: Guid) -> bool {
        let mut seen = self.seen.borrow_mut();
        let place = seen.binary_search(&guid);
        if let Err(place) = place {
            seen.insert(place, guid);
        }
        place.is_err()
    }
}
