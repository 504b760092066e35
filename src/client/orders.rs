//! `listOrders`, `orders` (§4.4) and `getOrder` (§4.6).

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::{COUNT, DATE_OR_TIME, Fields, GUID, PAGE_SIZE, Parameter, TEXT, single};
use super::options::JsCallOptions;
use super::pages::{Listing, Pages, Walk, rows};
use super::{DpmsClient, Prepared, v2};
use crate::error::Failure;
use crate::transport::{Call, Transport};
use crate::wire::decode::Envelope;
use crate::wire::model::Value;
use crate::wire::orders::{Order, OrdersPage};

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

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "OrdersQuery")]
    pub type JsOrdersQuery;

    #[wasm_bindgen(typescript_type = "OrdersFilter")]
    pub type JsOrdersFilter;
}

#[wasm_bindgen]
impl DpmsClient {
    /// One page of the practice's orders, oldest first (§4.4). `orders` pages by itself.
    #[wasm_bindgen(js_name = listOrders, unchecked_return_type = "Promise<OrdersPage>")]
    pub fn list_orders(&self, query: Option<JsOrdersQuery>, options: Option<JsCallOptions>) -> Promise {
        self.promise(self.orders_page(query.into()), options)
    }

    /// Every order that passes the filter, oldest first and each once, to walk with `for await` (§4.4). The next page is
    /// fetched while this one is walked.
    #[wasm_bindgen(unchecked_return_type = "AsyncIterableIterator<Order>")]
    pub fn orders(&self, filter: Option<JsOrdersFilter>, options: Option<JsCallOptions>) -> Result<JsValue, JsValue> {
        let mut fields = Fields::of("filter", filter.into())?;
        let filter = Filter::read(&mut fields);
        fields.finish()?;
        let scope = self.scope(options)?;
        Ok(rows(Pages::from(Walk::new(&self.transport, scope, filter.listing(&self.transport, 0)))))
    }

    /// The order that an RX became (§4.6). `not-found` until it is scanned.
    #[wasm_bindgen(js_name = getOrder, unchecked_return_type = "Promise<Order>")]
    pub fn get_order(
        &self,
        #[wasm_bindgen(js_name = "rxId", unchecked_param_type = "string")] rx_id: JsValue,
        options: Option<JsCallOptions>,
    ) -> Promise {
        self.promise(self.order(&rx_id), options)
    }
}

impl DpmsClient {
    fn orders_page(&self, query: JsValue) -> Result<Prepared, Failure> {
        let mut fields = Fields::of("query", query)?;
        let offset = fields.optional("offset", &COUNT).unwrap_or(0);
        let filter = Filter::read(&mut fields);
        fields.finish()?;
        let page_size = filter.page_size;
        let complete = move |tape: &mut _| OrdersPage::asked(tape, offset, page_size);
        Ok(Prepared::completed(filter.call(&self.transport, offset)?, Envelope::V2, &OrdersPage::KIND, complete))
    }

    fn order(&self, rx_id: &JsValue) -> Result<Prepared, Failure> {
        let rx_id = single("rxId", rx_id, &GUID)?;
        let url = v2(&self.transport, &format!("orders/{rx_id}"))?;
        let call = Call { advice: GET_ADVICE, ..Call::get("orders/:rxId", url) };
        Ok(Prepared::of(call, Envelope::V2, &Order::KIND))
    }
}

/// Which orders to list.
pub(super) struct Filter {
    /// Under the wire's keys.
    pub query: Vec<(&'static str, String)>,
    pub page_size: u32,
}

impl Filter {
    fn read(fields: &mut Fields) -> Self {
        let mut query = fields.given(FILTER);
        query.retain(|(_, value)| !value.is_empty()); // R50
        Self { query, page_size: fields.optional("pageSize", &PAGE_SIZE).unwrap_or(DEFAULT_PAGE_SIZE) }
    }

    fn call(&self, transport: &Transport, offset: u32) -> Result<Call, Failure> {
        let mut query = vec![("Offset", offset.to_string()), ("pageSize", self.page_size.to_string())];
        query.extend_from_slice(&self.query);
        Ok(Call { query, ..Call::get("orders/practice", v2(transport, "orders/practice")?) })
    }

    /// `rewind` is `Listing`'s.
    pub(super) fn listing(self, transport: &Rc<Transport>, rewind: u32) -> Listing {
        let transport = Rc::clone(transport);
        Listing {
            call: Box::new(move |offset| self.call(&transport, offset)),
            envelope: Envelope::V2,
            page: &OrdersPage::KIND,
            rows: OrdersPage::cell("orders"),
            row: &Order::KIND,
            guid: Order::cell("rx_id"),
            more: |tape, _| tape.number(OrdersPage::cell("has_more")) == Some(1.0),
            rewind,
        }
    }
}
