//! `listOrders`, `orders` and `pollOrders` (§4.4), and `getOrder` (§4.6).

use js_sys::{Array, Date, Promise};
use wasm_bindgen::prelude::*;

use super::arguments::{self, Passed, object, single};
use super::options::CallOptions;
use super::output::{object_of, parse};
use super::walk::Walk;
use super::{DpmsClient, Prepared, task};
use crate::api::orders::{DEFAULT_PAGE_SIZE, GET, LIST, Order, OrdersFilter, OrdersPage, OrdersQuery};
use crate::engine::cursor::{Cursor, OrdersCursor};
use crate::engine::error::DpmsError;
use crate::engine::pages::{Listing, Pages};
use crate::engine::poll::{OrderChange, Poll};
use crate::engine::{HttpRequest, Transport};
use crate::scalar::Guid;
use crate::schema::decode::{DecodeError, Envelope};
use crate::schema::input::{ToWire, inputs, whole_number};
use crate::schema::model::cell;
use crate::schema::request::{Request, request};
use crate::schema::validator::FieldError;
use crate::schema::value::FromTape;

/// How many orders a poll requests per page.
const POLL_PAGE_SIZE: u32 = 250;

/// How many orders a poll reads at most: all of its changes are in memory together.
const MAX_POLLED: u32 = 250_000;

/// How many orders a walk reads at most; only their ids are kept.
const MAX_WALKED: u32 = 2_000_000;

const DEFAULT_WINDOW_DAYS: u32 = 30;

request! {
    /// `CallOptions` for a poll.
    pub struct PollOptions extends CallOptions {
        /// For how many days after its scan an order's status is watched: 30 by default. The API cannot list only what has
        /// changed, so each poll lists all orders of these days.
        window_days: WindowDays,
    }
}

inputs! {
    /// For how long an order is watched.
    WindowDays: "number" => u32, "a whole number of days from 1 to 3650", |value| whole_number(value, 1, 3650);
}

/// What is new since the last poll.
#[derive(tsify::Tsify)]
#[allow(dead_code, reason = "its pages come one after the other, so it is put together in JavaScript")]
pub struct OrdersPoll {
    /// The changes, oldest orders first. Each new order and each new status is reported once.
    changes: Vec<OrderChange>,
    /// The argument of the next poll. Store it after you have processed the changes.
    cursor: OrdersCursor,
}

#[wasm_bindgen]
impl DpmsClient {
    /// Returns one page of the practice's orders, oldest first (§4.4). `orders` reads all pages.
    #[wasm_bindgen(js_name = listOrders, unchecked_return_type = "Promise<OrdersPage>")]
    pub fn list_orders(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "OrdersQuery | null")] query: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(list(self.transport(), query), options)
    }

    /// Returns an iterator over all orders that match the filter, for `for await`: oldest first, each once (§4.4). The next
    /// page is fetched while you process the current one; `pagesAhead` fetches more.
    #[wasm_bindgen(unchecked_return_type = "AsyncIterableIterator<Order>")]
    pub fn orders(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "OrdersFilter | null")] filter: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "WalkOptions | null")] options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        self.walk(&LIST, listing(self.transport(), object("filter", filter)?, MAX_WALKED)?, options)
    }

    /// Returns the order of an RX (§4.6). Rejects with `not-found` until the RX is scanned.
    #[wasm_bindgen(js_name = getOrder, unchecked_return_type = "Promise<Order>")]
    pub fn get_order(
        &self,
        #[wasm_bindgen(js_name = rxId, unchecked_param_type = "string")] rx_id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions | null")] options: &JsValue,
    ) -> Promise {
        self.call(get(self.transport(), rx_id), options)
    }

    /// Returns the orders that are new, or whose status is new, since the poll that returned `cursor` (§4.4). Without a
    /// cursor, every order is new.
    ///
    /// Each change is reported exactly once, also across restarts and if pages shift while they are read, provided that you
    /// store the cursor after you have processed the changes.
    #[wasm_bindgen(js_name = pollOrders, unchecked_return_type = "Promise<OrdersPoll>")]
    pub fn poll_orders(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "OrdersCursor | null")] cursor: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "PollOptions | null")] options: &JsValue,
    ) -> Promise {
        match self.begin_poll(cursor, options) {
            Ok((walk, poll)) => task::run(all_changes(walk, poll)),
            Err(error) => Promise::reject(&error),
        }
    }
}

impl DpmsClient {
    fn begin_poll(&self, cursor: &JsValue, options: &JsValue) -> Result<(Walk, Poll), JsValue> {
        let passed = Passed::read(options, &[])?;
        let options: PollOptions = passed.parse("options")?;
        let cursor = read_cursor(cursor)?;
        let date_from = cursor.since.clone();
        let filter = OrdersFilter { date_from, page_size: Some(POLL_PAGE_SIZE), ..OrdersFilter::default() };
        let pages = Pages::new(listing(self.transport(), filter, MAX_POLLED)?, true);
        let poll = Poll::new(cursor, options.window_days.unwrap_or(DEFAULT_WINDOW_DAYS));
        Ok((Walk::new(self, pages, 1, self.terms(&LIST, &passed, &options.base)), poll))
    }
}

fn list(transport: &Transport, query: &JsValue) -> Prepared {
    let query = object::<OrdersQuery>("query", query)?.with_defaults();
    let request = LIST.request(transport, &[])?.taking(query.pairs());
    Ok(request.call_completed(move |tape| OrdersPage::complete(tape, &query)))
}

fn get(transport: &Transport, rx_id: &JsValue) -> Prepared {
    let rx_id = single::<Guid>("rxId", rx_id)?.to_wire();
    Ok(GET.request(transport, &[&rx_id])?.call())
}

/// Puts the pages of a poll together: an `OrdersPoll`.
async fn all_changes(mut walk: Walk, mut poll: Poll) -> Result<JsValue, JsValue> {
    let all = Array::new();
    loop {
        let page = walk.next().await?;
        let has_more = page.has_more;
        for change in poll.changes(page).to_js().unchecked_ref::<Array>().iter() {
            all.push(&change);
        }
        if !has_more {
            return Ok(object_of([("changes", all.into()), ("cursor", parse(&poll.cursor(Date::now())))]));
        }
    }
}

/// The list of the orders that pass a filter; `max_rows` is `Listing`'s.
fn listing(transport: &Transport, filter: OrdersFilter, max_rows: u32) -> Result<Listing, DpmsError> {
    let url = transport.endpoints.url(&LIST, &[])?;
    let page_size = filter.page_size.unwrap_or(DEFAULT_PAGE_SIZE);
    Ok(Listing {
        request: Box::new(move |offset| HttpRequest::new(&LIST, url.clone()).taking(filter.at(offset).pairs())),
        envelope: Envelope::V2,
        page: &OrdersPage::KIND,
        cell: cell!(OrdersPage.orders),
        rows: &<Vec<Order>>::KIND,
        guid: cell!(Order.rx_id),
        id: Some(cell!(Order.order_id)),
        has_more: |tape, _| tape.number(cell!(OrdersPage.has_more)) == Some(1.0),
        page_size,
        max_rows,
    })
}

fn read_cursor(passed: &JsValue) -> Result<Cursor, JsValue> {
    if passed.is_undefined() || passed.is_null() {
        return Ok(Cursor::default());
    }
    let json = arguments::json(passed).unwrap_or_default();
    Ok(Cursor::parse(json.as_bytes()).map_err(|error| {
        let field = match error {
            DecodeError::Field(path) if !path.is_empty() => ["cursor.", &path].concat(),
            _ => "cursor".to_owned(),
        };
        DpmsError::from(vec![FieldError { field, message: "must be as pollOrders gave it".to_owned() }])
    })?)
}
