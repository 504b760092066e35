//! `listOrders`, `orders` (§4.4) and `getOrder` (§4.6).

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use tsify::Ts;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::arguments::{COUNT, DATE_OR_TIME, Fields, GUID, PAGE_SIZE, TEXT, single};
use super::options::JsCallOptions;
use super::{DpmsClient, data, v2};
use crate::error::Failure;
use crate::js::tape::build;
use crate::transport::{Call, Scope, Transport};
use crate::wire::Guid;
use crate::wire::orders::{Order, OrdersPage, PageData, SingleOrder};

const DEFAULT_PAGE_SIZE: u32 = 100;

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

#[wasm_bindgen(module = "/src/transport/platform.js")]
extern "C" {
    fn rows(pages: OrderPages) -> JsValue;
}

#[wasm_bindgen]
impl DpmsClient {
    /// One page of the practice's orders, oldest first (§4.4). `orders` pages by itself.
    #[wasm_bindgen(js_name = listOrders)]
    pub async fn list_orders(
        &self,
        query: Option<JsOrdersQuery>,
        options: Option<JsCallOptions>,
    ) -> Result<Ts<OrdersPage>, JsValue> {
        let mut fields = Fields::of("query", query.into())?;
        let offset = fields.optional("offset", &COUNT).unwrap_or(0);
        let filter = Filter::read(&mut fields);
        fields.finish()?;
        let scope = self.scope(options)?;
        Ok(build(&page(&self.transport, &filter, offset, &scope).await?))
    }

    /// Every order that passes the filter, oldest first and each once, to walk with `for await` (§4.4). The next page is
    /// fetched while this one is walked.
    #[wasm_bindgen(unchecked_return_type = "AsyncIterableIterator<Order>")]
    pub fn orders(&self, filter: Option<JsOrdersFilter>, options: Option<JsCallOptions>) -> Result<JsValue, JsValue> {
        let mut fields = Fields::of("filter", filter.into())?;
        let filter = Filter::read(&mut fields);
        fields.finish()?;
        let scope = self.scope(options)?;
        let walk = Walk { transport: Rc::clone(&self.transport), filter, scope, state: RefCell::default() };
        Ok(rows(OrderPages(Rc::new(walk))))
    }

    /// The order that an RX became (§4.6). `not-found` until it is scanned.
    #[wasm_bindgen(js_name = getOrder)]
    pub async fn get_order(
        &self,
        #[wasm_bindgen(js_name = "rxId", unchecked_param_type = "string")] rx_id: JsValue,
        options: Option<JsCallOptions>,
    ) -> Result<Ts<Order>, JsValue> {
        let rx_id = single("rxId", &rx_id, &GUID)?;
        let scope = self.scope(options)?;
        let url = v2(&self.transport, &format!("orders/{rx_id}"))?;
        let call = Call { advice: GET_ADVICE, ..Call::get("orders/:rxId", url) };
        let SingleOrder(order) = data(&self.transport, &call, &scope).await?;
        Ok(build(&order))
    }
}

struct Filter {
    date_from: Option<String>,
    date_to: Option<String>,
    chart_number: Option<String>,
    page_size: u32,
}

impl Filter {
    fn read(fields: &mut Fields) -> Self {
        Self {
            date_from: fields.optional("dateFrom", &DATE_OR_TIME),
            date_to: fields.optional("dateTo", &DATE_OR_TIME),
            chart_number: fields.optional("chartNumber", &TEXT).filter(|chart_number| !chart_number.is_empty()), // R50
            page_size: fields.optional("pageSize", &PAGE_SIZE).unwrap_or(DEFAULT_PAGE_SIZE),
        }
    }

    /// The keys as §4.4.2 spells them.
    fn query(&self, offset: u32) -> Vec<(&'static str, String)> {
        let paging = [("Offset", offset.to_string()), ("pageSize", self.page_size.to_string())];
        let filters = [("dateFrom", &self.date_from), ("dateTo", &self.date_to), ("chartNumber", &self.chart_number)];
        let filters = filters.into_iter().filter_map(|(key, value)| Some((key, value.clone()?)));
        paging.into_iter().chain(filters).collect()
    }
}

async fn page(transport: &Transport, filter: &Filter, offset: u32, scope: &Scope) -> Result<OrdersPage, Failure> {
    let url = v2(transport, "orders/practice")?;
    let call = Call { query: filter.query(offset), ..Call::get("orders/practice", url) };
    let page: PageData = data(transport, &call, scope).await?;
    Ok(page.asked(offset, filter.page_size))
}

/// The pages of a walk over all orders, for `rows`.
#[wasm_bindgen(skip_typescript)]
pub struct OrderPages(Rc<Walk>);

struct Walk {
    transport: Rc<Transport>,
    filter: Filter,
    scope: Scope,
    state: RefCell<WalkState>,
}

#[derive(Default)]
struct WalkState {
    offset: u32,
    done: bool,
    /// Sorted: a set's code would weigh more than it saves.
    seen: Vec<Guid>,
    /// The page under way; settles when its outcome is in `arrived`.
    under_way: Option<Promise>,
    arrived: Option<Result<JsValue, Failure>>,
}

#[wasm_bindgen]
impl OrderPages {
    /// The next page; `undefined` after the last. Starts to fetch the page after it.
    pub async fn next(&self) -> Result<JsValue, JsValue> {
        let under_way = self.0.state.borrow_mut().under_way.take();
        let Some(under_way) = under_way.or_else(|| self.start()) else { return Ok(JsValue::UNDEFINED) };
        JsFuture::from(under_way).await?;
        let arrived = self.0.state.borrow_mut().arrived.take();
        let page = arrived.unwrap_or(Ok(JsValue::UNDEFINED))?;
        let next = self.start();
        self.0.state.borrow_mut().under_way = next;
        Ok(page)
    }

    /// A failure is kept for whoever asks for the page: a promise that nobody awaits yet must not reject.
    fn start(&self) -> Option<Promise> {
        if self.0.state.borrow().done {
            return None;
        }
        let walk = Rc::clone(&self.0);
        Some(future_to_promise(async move {
            let arrived = walk.advance().await;
            walk.state.borrow_mut().arrived = Some(arrived);
            Ok(JsValue::UNDEFINED)
        }))
    }
}

impl Walk {
    async fn advance(&self) -> Result<JsValue, Failure> {
        let offset = self.state.borrow().offset;
        let page = page(&self.transport, &self.filter, offset, &self.scope).await;
        let mut state = self.state.borrow_mut();
        let mut page = page.inspect_err(|_| state.done = true)?;
        state.offset += page.orders.len() as u32; // rows received, whatever was asked for (R45)
        state.done = !page.has_more || page.orders.is_empty(); // R46
        // Orders that are listed late shift the pages (R47).
        page.orders.retain(|order| match state.seen.binary_search(&order.rx_id) {
            Ok(_) => false,
            Err(at) => {
                state.seen.insert(at, order.rx_id);
                true
            }
        });
        Ok(build(&page).into())
    }
}
