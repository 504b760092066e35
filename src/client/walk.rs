//! Walks over lists: `orders` and `patients` give one row after the other, while the pages after it are on their way.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use super::arguments::Passed;
use super::drive::{Driver, Terms};
use super::options::CallOptions;
use super::{DpmsClient, Shared, task};
use crate::api::endpoint::Endpoint;
use crate::engine::DecodedValue;
use crate::engine::pages::{Listed, Listing, Page, Pages};
use crate::schema::input::{inputs, whole_number};
use crate::schema::request::request;

request! {
    /// `CallOptions` for a walk over a list; they apply to each page.
    pub struct WalkOptions extends CallOptions {
        /// How many pages to fetch ahead while you process one: 1 by default, at most 4. More pages make a walk faster if
        /// you do little with each row, at the cost of memory and load on the API. Pages after the next are requested at
        /// the offset where they should start; if the list has changed meanwhile, they are requested again, so no row is
        /// missed.
        pages_ahead: PagesAhead,
    }
}

inputs! {
    /// How many pages to fetch ahead.
    PagesAhead: "number" => u32, "a whole number from 1 to 4", |value| whole_number(value, 1, 4);
}

#[wasm_bindgen(module = "/src/client/platform.js")]
extern "C" {
    /// Returns the signal with which a walk is also left.
    #[wasm_bindgen(js_name = walkSignal)]
    fn walk_signal(signal: &JsValue) -> JsValue;

    /// Returns an async iterator over the rows, which asks for the next page when it begins one.
    fn rows(pages: WalkedPages, signal: &JsValue) -> JsValue;
}

/// The pages of a walk; empty while a page is awaited, and after an error.
#[wasm_bindgen(skip_typescript)]
pub struct WalkedPages(Rc<Cell<Option<Walk>>>);

/// A walk over a list, page by page.
pub(super) struct Walk {
    shared: Rc<Shared>,
    terms: Terms,
    pages: Pages,
    /// How many pages to have on their way, and those that are, in the list's order.
    ahead: usize,
    coming: Vec<Coming>,
}

/// A page that was asked for.
struct Coming {
    offset: u32,
    arrival: Rc<Arrival>,
}

#[derive(Default)]
struct Arrival {
    /// The page and what asked for it, or why there is none.
    page: Cell<Option<Result<(Driver, Listed), JsValue>>>,
    /// Who waits for it.
    waker: Cell<Option<Waker>>,
}

impl DpmsClient {
    /// Begins a walk over what an endpoint lists, as an async iterator.
    pub(super) fn walk(&self, endpoint: &Endpoint, listing: Listing, options: &JsValue) -> Result<JsValue, JsValue> {
        let passed = Passed::read(options, &[])?;
        let options: WalkOptions = passed.parse("options")?;
        let ahead = options.pages_ahead.unwrap_or(1) as usize;
        let pages = Pages::new(listing, ahead > 1);
        let mut terms = self.terms(endpoint, &passed, &options.base);
        terms.signal = walk_signal(&terms.signal);
        let signal = terms.signal.clone();
        let walk = Walk::new(self, pages, ahead, terms);
        Ok(rows(WalkedPages(Rc::new(Cell::new(Some(walk)))), &signal))
    }
}

#[wasm_bindgen]
impl WalkedPages {
    /// Returns the next page: its rows, and whether there are more.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        let pages = Rc::clone(&self.0);
        let walk = pages.take();
        task::run(async move {
            let Some(mut walk) = walk else { return Ok(JsValue::UNDEFINED) };
            let Page { tape, rows, has_more } = walk.next().await?;
            let rows = DecodedValue::list(tape, walk.pages.kind(), &rows).to_js();
            pages.set(Some(walk));
            Ok(Array::of2(&rows, &has_more.into()).into())
        })
    }
}

impl Arrival {
    fn poll(&self, context: &Context<'_>) -> Poll<Result<(Driver, Listed), JsValue>> {
        self.waker.set(Some(context.waker().clone()));
        self.page.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Walk {
    /// A walk that has `ahead` pages under way, at least one.
    pub(super) fn new(client: &DpmsClient, pages: Pages, ahead: usize, terms: Terms) -> Self {
        Self { shared: Rc::clone(&client.0), terms, pages, ahead, coming: Vec::new() }
    }

    /// Returns the next page, and has those after it come meanwhile.
    pub(super) async fn next(&mut self) -> Result<Page, JsValue> {
        if self.coming.first().is_some_and(|coming| Some(coming.offset) != self.pages.offset(0)) {
            // What was asked for in the wrong places ends with the walk. Each wrong guess is one page less to guess, so a list whose
            // pages differ in length does not cost more and more.
            self.coming.clear();
            self.ahead = (self.ahead - 1).max(1);
        }
        while self.coming.len() < self.ahead
            && let Some(offset) = self.pages.offset(self.coming.len() as u32)
        {
            self.coming.push(self.ask(offset));
        }
        let Coming { arrival, .. } = self.coming.remove(0);
        let (mut driver, listed) = poll_fn(|context| arrival.poll(context)).await?;
        self.pages.take(driver.request(), listed).map_err(|error| driver.fail(error))
    }

    fn ask(&self, offset: u32) -> Coming {
        let mut driver = Driver::new(&self.shared, self.pages.call_at(offset), self.terms.clone());
        let arrival = Rc::<Arrival>::default();
        let arrives = Rc::clone(&arrival);
        task::spawn(async move {
            arrives.page.set(Some(driver.next_page().await.map(|page| (driver, page))));
            arrives.waker.take().inspect(Waker::wake_by_ref);
            Ok(JsValue::UNDEFINED)
        });
        Coming { offset, arrival }
    }
}
