//! Get List of Screen Captures (§4.8), Download Single Screen Capture (§4.9), and an order's captures as a zip (§4.7).

use serde::Serialize;

use super::assets;
use super::clock::{self, DAY, Millis};
use super::http::{Query, Refusal, Response};
use super::practice::{COMPANY_ID, Capture, Order, Practice};
use super::routes::V2;
use crate::scalar::PlainDate;

/// How far the list goes back by default, and at most (§4.8.2).
const DEFAULT_DAYS: i64 = 14;
const MOST_DAYS: i64 = 90;

/// How many bytes of pictures are cached, since galleries are often opened again. One takes about 40 kilobytes.
pub const CACHED_PICTURES: usize = 64 * 40_000;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LatestFiles {
    /// Without milliseconds, unlike the captures' times (R97).
    since: String,
    company_id: u32,
    order_file_urls: Vec<OrderFiles>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OrderFiles {
    /// A string here, a number elsewhere (R67).
    order_id: String,
    urls: Urls,
}

#[derive(Serialize)]
struct Urls {
    #[serde(rename = "SCREEN_CAPTURE")]
    screen_captures: Vec<File>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    file_url: String,
    created_date: String,
}

impl Practice {
    /// Lists the captures since a day; the order with the newest capture comes first.
    pub(super) fn latest_files(&self, query: &Query, now: Millis, base_url: &str) -> Result<Response, Refusal> {
        let since = match query.get("dateFrom") {
            None => now - DEFAULT_DAYS * DAY,
            Some(value) => {
                let wrong = || Refusal::bad_request("dateFrom must be a date such as 2025-03-04.");
                clock::midnight(PlainDate::parse(value).map_err(|_| wrong())?).max(now - MOST_DAYS * DAY)
            }
        };
        let recent = |order: &Order| {
            let captures = order.captures.iter().filter(|capture| capture.created >= since);
            captures.copied().collect::<Vec<_>>()
        };
        let mut orders: Vec<(&Order, Vec<Capture>)> = self.orders.iter().map(|order| (order, recent(order))).collect();
        orders.retain(|(_, captures)| !captures.is_empty());
        orders.sort_by_key(|(_, captures)| std::cmp::Reverse(captures.last().map(|capture| capture.created)));

        let files = |order: &Order, captures: &[Capture]| OrderFiles {
            order_id: order.id.to_string(),
            urls: Urls { screen_captures: captures.iter().map(|capture| file(order.id, capture, base_url)).collect() },
        };
        Response::data(&LatestFiles {
            since: format!("{}Z", clock::timestamp(since)),
            company_id: COMPANY_ID,
            order_file_urls: orders.iter().map(|(order, captures)| files(order, captures)).collect(),
        })
    }

    /// Responds with one capture. An unknown capture is 404, like an unknown order (R90).
    pub(super) fn screen_capture(&mut self, order_id: &str, capture_id: &str) -> Result<Response, Refusal> {
        let order = self.order(order_id)?;
        let unknown = || Refusal::not_found("The order has no screen capture with this id.");
        let id = capture_id.parse().map_err(|_| unknown())?;
        let capture = *order.captures.iter().find(|capture| capture.id == id).ok_or_else(unknown)?;
        Ok(Response::ok("image/jpeg", self.picture(order_id, &capture)?))
    }

    /// Responds with an order's captures as a zip, or with 204 if it has none.
    pub(super) fn screen_captures(&mut self, order_id: &str) -> Result<Response, Refusal> {
        let captures = self.order(order_id)?.captures.clone();
        if captures.is_empty() {
            return Ok(Response::no_content());
        }
        let mut pictures = Vec::with_capacity(captures.len());
        for (nth, capture) in captures.iter().enumerate() {
            let name = format!("{order_id}_{}_{}.jpg", nth + 1, capture.kind.name());
            pictures.push((name, self.picture(order_id, capture)?));
        }
        Ok(Response::ok("application/zip", assets::screen_captures(&pictures)?))
    }

    fn picture(&mut self, order_id: &str, capture: &Capture) -> Result<Vec<u8>, Refusal> {
        if let Some(picture) = self.pictures.get(&capture.id) {
            return Ok(picture.clone());
        }
        let picture = assets::screen_capture(&self.case(self.order(order_id)?), capture)?;
        self.pictures.insert(capture.id, picture.clone());
        Ok(picture)
    }
}

fn file(order_id: u32, capture: &Capture, base_url: &str) -> File {
    File {
        file_url: capture_url(order_id, capture, base_url),
        created_date: format!("{}Z", clock::timestamp_millis(capture.created)),
    }
}

/// Returns the link to a capture.
pub fn capture_url(order_id: u32, capture: &Capture, base_url: &str) -> String {
    format!("{base_url}{V2}order/{order_id}/download/SCREEN_CAPTURE/{}", capture.id)
}

#[cfg(test)]
mod tests {
    use super::super::test::{BASE, NOW, UNKNOWN, complete, control, entries, get, json, practice, push, request};
    use super::*;
    use serde_json::{Value, json};

    fn list(practice: &mut Practice, query: &str) -> Value {
        let response = get(practice, &format!("/latest-files{query}"), NOW);
        assert_eq!(response.status, 200);
        json(&response)["Data"].take()
    }

    fn times(list: &Value) -> Vec<String> {
        let orders = list["OrderFileUrls"].as_array().unwrap().iter();
        let captures = orders.flat_map(|order| order["Urls"]["SCREEN_CAPTURE"].as_array().unwrap());
        captures.map(|capture| capture["CreatedDate"].as_str().unwrap().into()).collect()
    }

    /// Returns a practice in which an order was just scanned and one capture of it was taken.
    fn with_capture() -> (Practice, u32, Value) {
        let mut practice = practice();
        let rx_id = push(&mut practice, "Ada");
        let order_id = complete(&mut practice, rx_id, NOW);
        let capture = json(&control(&mut practice, "screen-capture", &json!({ "orderId": order_id })));
        (practice, order_id, capture)
    }

    #[test]
    fn the_list_goes_back_14_days_by_default() {
        let list = list(&mut practice(), "");
        assert_eq!(list["Since"], "2025-06-01T12:00:00Z");
        assert_eq!(list["CompanyId"], COMPANY_ID);
        let times = times(&list);
        assert!(times.len() >= 3, "{times:?}");
        assert!(times.iter().all(|time| time.as_str() >= "2025-06-01T12:00:00"), "{times:?}");
    }

    #[test]
    fn the_list_goes_back_to_the_given_date_but_at_most_90_days() {
        let mut practice = practice();
        let of_month = list(&mut practice, "?dateFrom=2025-05-15");
        assert_eq!(of_month["Since"], "2025-05-15T00:00:00Z");
        assert!(times(&of_month).iter().all(|time| time.as_str() >= "2025-05-15T"));
        let longest = list(&mut practice, "?dateFrom=2020-01-01");
        assert_eq!(longest["Since"], "2025-03-17T12:00:00Z");
        assert!(times(&longest).len() > times(&of_month).len());
        assert!(times(&longest).iter().all(|time| time.as_str() >= "2025-03-17T12:00:00"));
        assert_eq!(list(&mut practice, "?dateFrom=2025-06-16")["OrderFileUrls"], json!([]));
    }

    #[test]
    fn the_list_goes_by_the_time_of_the_capture_not_of_the_scan() {
        let mut practice = practice();
        let oldest = practice.orders[0].id;
        control(&mut practice, "screen-capture", &json!({ "orderId": oldest }));
        let list = list(&mut practice, "?dateFrom=2025-06-15");
        assert_eq!(list["OrderFileUrls"][0]["OrderId"], oldest.to_string());
        assert_eq!(times(&list), ["2025-06-15T12:00:00.000Z"]);
    }

    #[test]
    fn a_malformed_date_is_400() {
        for date in ["", "yesterday", "2025-02-30", "2025-06-01T00:00:00Z", "06/01/2025"] {
            assert_eq!(get(&mut practice(), &format!("/latest-files?dateFrom={date}"), NOW).status, 400, "{date}");
        }
    }

    #[test]
    fn a_listed_capture_is_a_jpeg_at_its_url() {
        let (mut practice, order_id, capture) = with_capture();
        let id = capture["captureId"].as_str().unwrap();
        let url = format!("{BASE}/api/third-party/v2/order/{order_id}/download/SCREEN_CAPTURE/{id}");
        assert_eq!(capture["fileUrl"], url.as_str());
        let list = list(&mut practice, "?dateFrom=2025-06-15");
        assert_eq!(
            list["OrderFileUrls"],
            json!([{
                "OrderId": order_id.to_string(),
                "Urls": { "SCREEN_CAPTURE": [{ "FileUrl": url, "CreatedDate": "2025-06-15T12:00:00.000Z" }] },
            }])
        );
        let response = request(&mut practice, "GET", &url, b"", NOW);
        assert_eq!((response.status, response.header("content-type")), (200, Some("image/jpeg")));
        assert!(response.body.starts_with(&[0xff, 0xd8, 0xff]) && response.body.ends_with(&[0xff, 0xd9]));
        assert_eq!(request(&mut practice, "GET", &url, b"", NOW).body, response.body, "the same each time");
    }

    #[test]
    fn an_unknown_capture_is_404() {
        let (mut practice, order_id, capture) = with_capture();
        let (id, other) = (capture["captureId"].as_str().unwrap(), practice.orders[0].id);
        for (order_id, id) in [(order_id, UNKNOWN), (order_id, "x"), (other, id), (1, id)] {
            let path = format!("/order/{order_id}/download/SCREEN_CAPTURE/{id}");
            assert_eq!(get(&mut practice, &path, NOW).status, 404, "{path}");
        }
    }

    #[test]
    fn an_order_without_screen_captures_is_204_without_a_body() {
        let mut practice = practice();
        let id = practice.orders[0].id;
        let response = get(&mut practice, &format!("/order/{id}/download/SCREEN_CAPTURE"), NOW);
        assert_eq!((response.status, response.body.len(), response.header("content-length")), (204, 0, None));
    }

    #[test]
    fn an_orders_captures_are_one_zip_of_jpegs() {
        let mut practice = practice();
        let order = practice.orders.iter().find(|order| order.captures.len() > 1).unwrap();
        let (id, count) = (order.id, order.captures.len());
        let response = get(&mut practice, &format!("/order/{id}/download/SCREEN_CAPTURE"), NOW);
        assert_eq!(response.header("content-type"), Some("application/zip"));
        let files = entries(&response);
        assert_eq!(files.len(), count);
        assert!(files.iter().all(|(name, jpeg)| name.ends_with(".jpg") && jpeg.starts_with(&[0xff, 0xd8, 0xff])));
        assert_eq!(get(&mut practice, "/order/1/download/SCREEN_CAPTURE", NOW).status, 404);
    }

    #[test]
    fn captures_differ_in_kind_by_scanner() {
        let mut practice = practice();
        let order = practice.orders.iter().find(|order| order.scanner.1.contains("5D")).unwrap().id;
        for _ in 0..4 {
            control(&mut practice, "screen-capture", &json!({ "orderId": order }));
        }
        let kinds = |practice: &Practice, id| {
            let order = practice.orders.iter().find(|order| order.id == id).unwrap();
            order.captures.iter().map(|capture| capture.kind.name()).collect::<std::collections::HashSet<_>>()
        };
        assert_eq!(kinds(&practice, order).len(), 4);
        let other = practice.orders.iter().find(|order| !order.scanner.1.contains("5D")).unwrap().id;
        for _ in 0..4 {
            control(&mut practice, "screen-capture", &json!({ "orderId": other }));
        }
        assert_eq!(kinds(&practice, other), ["window", "model"].into(), "only a 5D has 2D and near-infrared captures");
    }
}
