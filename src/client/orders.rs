//! `listOrders`, `orders` (§4.4) and `getOrder` (§4.6).

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::{Argument, COUNT, DATE_OR_TIME, Fields, GUID_TEXT, PAGE_SIZE, Parameter, TEXT, single};
use super::call::Prepared;
use super::pages::{Listing, Walk};
use super::v2;
use crate::api::orders::{Order, OrdersPage};
use crate::engine::error::DpmsError;
use crate::engine::{Request, Transport};
use crate::json::digits;
use crate::schema::decode::Envelope;
use crate::schema::value::FromTape;

const DEFAULT_PAGE_SIZE: u32 = 100;

/// With every key as §4.4.2 spells it (R11).
const FILTER: &[Parameter] = &[
    Parameter::may("dateFrom", "dateFrom", &DATE_OR_TIME),
    Parameter::may("dateTo", "dateTo", &DATE_OR_TIME),
    Parameter::may("chartNumber", "chartNumber", &TEXT),
];

const GET_ADVICE: &[(u16, &str)] = &[
    (400, "The API did not take the rxId: check its format."),
    (404, "The RX is not scanned yet, was deleted, or is not this practice's."),
];

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Which orders to list. Both ends of a range of dates are included; a date or an RFC 3339 time, sent as written. */
export interface OrdersFilter {
  /** Scanned on this date or later. */
  dateFrom?: string | null;
  /** Scanned on this date or earlier. */
  dateTo?: string | null;
  /** Of the patient with this chart number. */
  chartNumber?: string | null;
  /** How many orders to ask for at once: 1 to 1024, 100 by default. */
  pageSize?: number | null;
}

/** Which page of which orders. */
export interface OrdersQuery extends OrdersFilter {
  /** How many of the oldest orders to skip: 0 by default. */
  offset?: number | null;
}
"#;

/// The methods, which `client.js` has.
#[wasm_bindgen(typescript_custom_section)]
const METHODS: &str = r#"
export interface DpmsClient {
  /** One page of the practice's orders, oldest first (§4.4). `orders` pages by itself. */
  listOrders(query?: OrdersQuery | null, options?: CallOptions | null): Promise<OrdersPage>;

  /**
   * Every order that passes the filter, oldest first and each once, to walk with `for await` (§4.4). The next page is
   * fetched while this one is walked.
   */
  orders(filter?: OrdersFilter | null, options?: CallOptions | null): AsyncIterableIterator<Order>;

  /** The order that an RX became (§4.6). `not-found` until it is scanned. */
  getOrder(rxId: string, options?: CallOptions | null): Promise<Order>;
}
"#;

pub(super) fn list(transport: &Rc<Transport>, arguments: &Argument, _: &mut Fields<'_>) -> Result<Prepared, DpmsError> {
    let mut fields = Fields::of("query", arguments.item(1))?;
    let offset = fields.optional("offset", &COUNT).unwrap_or(0);
    let filter = Filter::read(&mut fields);
    fields.finish()?;
    let page_size = filter.page_size;
    let complete = move |tape: &mut _| OrdersPage::asked(tape, offset, page_size);
    Ok(Prepared::completed(filter.request(transport, offset)?, Envelope::V2, &OrdersPage::KIND, complete))
}

pub(super) fn walk(transport: &Rc<Transport>, arguments: &Argument, _: &mut Fields<'_>) -> Result<Prepared, DpmsError> {
    let mut fields = Fields::of("filter", arguments.item(1))?;
    let filter = Filter::read(&mut fields);
    fields.finish()?;
    Prepared::walk(Walk::new(filter.listing(transport, 0)))
}

pub(super) fn get(transport: &Rc<Transport>, arguments: &Argument, _: &mut Fields<'_>) -> Result<Prepared, DpmsError> {
    let rx_id = single("rxId", arguments.item(1), &GUID_TEXT)?;
    let url = v2(transport, &["orders/", &rx_id])?;
    let request = Request { advice: GET_ADVICE, ..Request::get("orders/:rxId", url) };
    Ok(Prepared::of(request, Envelope::V2, &Order::KIND))
}

/// Which orders to list.
pub(super) struct Filter {
    /// Under the wire's keys.
    pub query: Vec<(String, String)>,
    pub page_size: u32,
}

impl Filter {
    fn read(fields: &mut Fields<'_>) -> Self {
        let mut query = fields.given(FILTER);
        query.retain(|(_, value)| !value.is_empty()); // R50
        Self { query, page_size: fields.optional("pageSize", &PAGE_SIZE).unwrap_or(DEFAULT_PAGE_SIZE) }
    }

    fn request(&self, transport: &Transport, offset: u32) -> Result<Request, DpmsError> {
        let mut query = page("Offset", offset, "pageSize", self.page_size);
        query.extend_from_slice(&self.query);
        Ok(Request { query, ..Request::get("orders/practice", v2(transport, &["orders/practice"])?) })
    }

    /// `rewind` is `Listing`'s.
    pub(super) fn listing(self, transport: &Rc<Transport>, rewind: u32) -> Listing {
        let transport = Rc::clone(transport);
        Listing {
            request: Box::new(move |offset| self.request(&transport, offset)),
            envelope: Envelope::V2,
            page: &OrdersPage::KIND,
            cell: OrdersPage::cell("orders"),
            rows: &<Vec<Order>>::KIND,
            guid: Order::cell("rx_id"),
            more: |tape, _| tape.number(OrdersPage::cell("has_more")) == Some(1.0),
            rewind,
        }
    }
}

/// The part of a query that says which page.
pub(super) fn page(offset_key: &str, offset: u32, size_key: &str, size: u32) -> Vec<(String, String)> {
    [(offset_key, offset), (size_key, size)].map(|(key, number)| (key.to_owned(), digits(number.into()))).into()
}
