//! Walking the pages of a list with `for await`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::unreadable;
use crate::error::Failure;
use crate::js::tape::build;
use crate::transport::{Answer, Body, Call, Content, Scope, Transport};
use crate::wire::Guid;
use crate::wire::decode::{DecodeError, Envelope, decode};
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
}

/// A walk over a list.
pub(super) struct Walk {
    pub transport: Rc<Transport>,
    pub scope: Scope,
    pub listing: Listing,
    offset: Cell<u32>,
    done: Cell<bool>,
    /// Sorted: a set's code would weigh more than it saves.
    seen: RefCell<Vec<Guid>>,
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
        if self.0.done.get() {
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
        Self {
            transport: Rc::clone(transport),
            scope,
            listing,
            offset: Cell::new(0),
            done: Cell::new(false),
            seen: RefCell::default(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done.get()
    }

    /// The next page, and those of its rows that no page had before.
    pub(super) async fn advance(&self) -> Result<(Tape, Vec<usize>), Failure> {
        self.done.set(true); // unless all goes well
        let offset = self.offset.get();
        let call = (self.listing.call)(offset)?;
        let Answer { status, attempts, content } = self.transport.send(&call, &self.scope, Body::Bytes).await?;
        let Content::Bytes(bytes) = content else { return Ok((Tape::default(), Vec::new())) };
        let read = decode(self.listing.envelope, self.listing.page, &bytes);
        let mut tape = read.map_err(|error: DecodeError| unreadable(&call, status, attempts, &error))?;
        let mut rows = tape.rows(self.listing.rows);
        self.offset.set(offset + rows.len() as u32); // rows received, whatever was asked for (R45, R111)
        self.done.set(rows.is_empty() || !(self.listing.more)(&mut tape, offset)); // R46
        // Rows that are listed late shift the pages (R47, R122).
        rows.retain(|row| {
            let guid = tape.text(row + self.listing.guid).and_then(|text| text.parse().ok());
            guid.is_none_or(|guid| self.is_first(guid))
        });
        Ok((tape, rows))
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
