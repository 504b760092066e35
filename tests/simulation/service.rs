//! The API and its token endpoint, with injected failures.

use itero_dpms::webhook::clock::Millis;
use itero_dpms::webhook::inbox::Call;
use serde_json::json;

use crate::random::Random;

pub const STATUSES: [&str; 4] = ["Completed", "iTero Modeling", "Lab Review", "Scanning"];

pub const COMPANY: i64 = 90_360;

/// An order of the API.
#[derive(Clone, Debug)]
pub struct Order {
    pub rx_id: String,
    pub order_id: usize,
    pub status: &'static str,
    /// All it has been, and is.
    pub history: Vec<&'static str>,
    /// Until its files are ready it is a 404, and no page shows it (§4.4.7).
    pub listed_at: Option<Millis>,
    pub scanned_on: String,
}

/// An HTTP response; `None` if the caller never gets one.
pub type Response = Option<(u16, String)>;

#[derive(Default)]
pub struct Service {
    /// In list order, oldest scan first.
    pub orders: Vec<Order>,
    pub access_token: String,
    pub refresh_token: String,
    /// The previous one, which is accepted until its successor is used, since a response may have been lost.
    former_refresh_token: String,
    /// The access and the refresh token that an operator has.
    pub paired: (String, String),
    tokens: usize,
    /// The probability, in percent, that a call fails.
    pub failing: u64,
    /// The most rows on a page, whatever page size is requested (R45).
    pub page: usize,
    pub refreshes: u64,
    pub refused: u64,
    pub not_found: u64,
    pub pages: u64,
}

impl Service {
    pub fn new(random: &mut Random) -> Self {
        let mut service = Self { page: 2 + random.below(4), failing: random.pick(&[0, 5, 30]), ..Self::default() };
        service.issue();
        service
    }

    /// Issues new tokens to an operator, as pairing does.
    pub fn issue(&mut self) {
        self.renew();
        self.former_refresh_token.clear();
        self.paired = (self.access_token.clone(), self.refresh_token.clone());
    }

    fn renew(&mut self) {
        self.tokens += 1;
        self.access_token = format!("access-secret-{}", self.tokens);
        self.former_refresh_token =
            std::mem::replace(&mut self.refresh_token, format!("refresh-secret-{}", self.tokens));
    }

    /// The access token is no longer accepted.
    pub fn expire(&mut self) {
        self.access_token = "a token that nobody has".into();
    }

    pub fn order(&self, rx_id: &str) -> Option<&Order> {
        self.orders.iter().find(|order| order.rx_id == rx_id)
    }

    pub fn respond(&mut self, call: &Call, random: &mut Random) -> Response {
        if random.percent(self.failing) {
            return match random.below(6) {
                0 => None,
                1 => Some((500, String::new())),
                2 => Some((503, "<html>".into())),
                3 => Some((429, String::new())),
                4 => Some((302, String::new())),
                _ => Some((200, "<!doctype html>".into())),
            };
        }
        if call.id.starts_with("refresh/") {
            return Some(self.refresh(call.body.as_deref().unwrap_or_default()));
        }
        if call.headers.get("authorization") != Some(&format!("Bearer {}", self.access_token)) {
            self.refused += 1;
            return Some((401, String::new()));
        }
        let (_, path) = call.url.split_once("/orders/").expect("a URL of orders");
        Some(match path.strip_prefix("practice?") {
            Some(query) => self.list(query),
            None => self.get(path),
        })
    }

    fn refresh(&mut self, body: &str) -> (u16, String) {
        let shown = body.strip_prefix("grant_type=refresh_token&refresh_token=").expect("an OAuth refresh request");
        if shown != self.refresh_token && shown != self.former_refresh_token {
            return (400, json!({ "error": "invalid_grant" }).to_string());
        }
        self.refreshes += 1;
        let shown = shown.to_owned();
        self.renew();
        self.former_refresh_token = shown;
        (200, json!({ "access_token": self.access_token, "refresh_token": self.refresh_token }).to_string())
    }

    fn get(&mut self, rx_id: &str) -> (u16, String) {
        match self.order(rx_id).filter(|order| order.listed_at.is_some()) {
            Some(order) => (200, json!({ "Data": row(order), "Status": 1 }).to_string()),
            None => {
                self.not_found += 1;
                (404, String::new())
            }
        }
    }

    fn list(&mut self, query: &str) -> (u16, String) {
        self.pages += 1;
        let value = |key| query.split('&').find_map(|pair| pair.strip_prefix(key)).expect("a query").to_owned();
        let offset: usize = value("Offset=").parse().expect("a number");
        let size = value("pageSize=").parse::<usize>().expect("a number").min(self.page);
        let from = value("dateFrom=");
        let all: Vec<_> =
            self.orders.iter().filter(|order| order.listed_at.is_some() && order.scanned_on >= from).collect();
        let rows: Vec<_> = all.iter().skip(offset).take(size).map(|order| row(order)).collect();
        let has_more = offset + rows.len() < all.len();
        (200, json!({ "Data": { "Results": rows, "HasMore": has_more }, "Status": 1 }).to_string())
    }
}

fn row(order: &Order) -> serde_json::Value {
    json!({
        "RxId": order.rx_id.to_uppercase(), "OrderId": order.order_id, "Status": order.status, "CompanyId": COMPANY,
        "ScanningDate": format!("{}T08:00:00", order.scanned_on), "ProcedureName": "Fixed Restorative",
        "PatientFirstName": "Patientia", "PatientLastName": "Secreta", "Urls": { "IDEFileUrl": "https://files.example/1" },
    })
}
