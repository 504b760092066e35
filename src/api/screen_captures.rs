//! Screen captures: pictures taken on the scanner or on myitero.com (§4.8, §4.9).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::endpoint::{Endpoint, Version};
use super::scope::Scope;
use crate::scalar::{Id, Timestamp};
use crate::schema::decode::Envelope;
use crate::schema::input::Date;
use crate::schema::model::{cell, model};
use crate::schema::request::request;
use crate::schema::sorted::Sorted;
use crate::schema::tape::Tape;

/// The practice's screen captures (§4.8).
pub const LIST: Endpoint = Endpoint::get(Version::V2, Scope::OrdersRead, "latest-files")
    .takes::<ScreenCapturesQuery>()
    .returns::<ScreenCaptures>(Envelope::V2);

request! {
    /// Which screen captures to list.
    pub struct ScreenCapturesQuery {
        /// Taken on this date or later, `YYYY-MM-DD`. The API goes back 90 days at most, and 14 days without a date.
        date_from: Date = "dateFrom",
    }
}

model! {
    /// Screen captures, by order (§4.8.3).
    pub struct ScreenCaptures {
        /// The practice's id.
        company_id: Option<Id> = "CompanyId",
        /// The time from which on captures are listed. The API goes back 14 days by default and 90 at most, so this can be later
        /// than the date that was requested.
        since: Option<Timestamp> = "Since",
        /// The orders with captures, by `orderId`.
        orders: Vec<OrderCaptures> = required "OrderFileUrls",
    }
}

model! {
    /// An order's screen captures.
    pub struct OrderCaptures flattens "Urls" {
        /// The order's id.
        order_id: Id = "OrderId",
        /// The captures, oldest first.
        captures: Vec<ScreenCapture> = "SCREEN_CAPTURE",
    }
}

model! {
    /// A screen capture.
    pub struct ScreenCapture {
        /// The id that `downloadScreenCapture` takes; `null` if `fileUrl` does not end in one.
        capture_id: Option<String>,
        /// The picture's URL. Pass it to `downloadLink` unchanged: it stays valid when the API's URLs change.
        file_url: Option<String> = "FileUrl",
        /// When it was taken.
        created_date: Option<Timestamp> = "CreatedDate",
    }
}

impl ScreenCaptures {
    /// Adds the captures' ids (R96), leaves out what was taken before `date_from` (R92), and sorts the rest (R98).
    pub(crate) fn arrange(tape: &mut Tape, date_from: Option<&str>) {
        let id = |tape: &Tape, order| tape.number(order + cell!(OrderCaptures.order_id));
        let mut orders = tape.rows(cell!(Self.orders));
        orders.retain(|order| {
            let list = order + cell!(OrderCaptures.captures);
            let all = tape.rows(list);
            let is_early = |capture| date_from.zip(created(tape, capture)).is_some_and(|(from, date)| date < from);
            let wanted: Vec<_> = all.iter().copied().filter(|capture| !is_early(*capture)).collect();
            let captures = Sorted::sort(&wanted, &|one, other| created(tape, one) < created(tape, other));
            for &capture in &captures {
                if let Some(id) = tape.text(capture + cell!(ScreenCapture.file_url)).and_then(capture_id) {
                    let id = tape.add_text(&id);
                    tape.set(capture + cell!(ScreenCapture.capture_id), id);
                }
            }
            tape.set_rows(list, &captures);
            !captures.is_empty() || all.is_empty()
        });
        let orders = Sorted::sort(&orders, &|one, other| id(tape, one) < id(tape, other));
        tape.set_rows(cell!(Self.orders), &orders);
    }
}

/// Returns when a capture was taken, without the `Z`: with it, a time with a fraction would sort before one without.
fn created(tape: &Tape, capture: usize) -> Option<&str> {
    let time = tape.text(capture + cell!(ScreenCapture.created_date))?;
    Some(time.strip_suffix('Z').unwrap_or(time))
}

/// The last segment of a URL's path, decoded.
fn capture_id(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let segment = path.rsplit('/').next().filter(|segment| !segment.is_empty())?;
    percent_decode_str(segment).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::schema::decode::{Envelope, decode};
    use crate::schema::value::FromTape;

    fn read(orders: &str, date_from: Option<&str>) -> Json {
        let body = format!(
            r#"{{"Data":{{"Since":"2025-03-01T00:00:00Z","CompanyId":7,"OrderFileUrls":{orders}}},"Status":1}}"#
        );
        let mut tape = decode(Envelope::V2, &ScreenCaptures::KIND, body.as_bytes()).unwrap();
        ScreenCaptures::arrange(&mut tape, date_from);
        tape.json(&ScreenCaptures::KIND, 0)
    }

    const TWO: &str = r#"[{"OrderId":"12","Urls":{"SCREEN_CAPTURE":[
        {"FileUrl":"https://a/order/12/download/SCREEN_CAPTURE/b%20b?x=/y","CreatedDate":"2025-03-05T10:00:00.123Z"},
        {"FileUrl":"/order/12/download/SCREEN_CAPTURE/a","CreatedDate":"2025-03-04T10:00:00.123Z"}]}},
        {"OrderId":9,"Urls":{"SCREEN_CAPTURE":[{"FileUrl":"c","CreatedDate":"2025-03-04T00:00:00.000Z"}]}}]"#;

    #[test]
    fn orders_and_captures_are_sorted_and_the_id_is_the_links_last_segment() {
        assert_eq!(
            read(TWO, None),
            json!({ "companyId": 7, "since": "2025-03-01T00:00:00Z", "orders": [
                { "orderId": 9, "captures": [
                    { "captureId": "c", "fileUrl": "c", "createdDate": "2025-03-04T00:00:00.000Z" }] },
                { "orderId": 12, "captures": [
                    { "captureId": "a", "fileUrl": "/order/12/download/SCREEN_CAPTURE/a",
                      "createdDate": "2025-03-04T10:00:00.123Z" },
                    { "captureId": "b b", "fileUrl": "https://a/order/12/download/SCREEN_CAPTURE/b%20b?x=/y",
                      "createdDate": "2025-03-05T10:00:00.123Z" }] }] })
        );
    }

    #[test]
    fn what_was_taken_before_the_date_is_left_out() {
        let orders = |from| read(TWO, Some(from))["orders"].clone();
        assert_eq!(orders("2025-03-04").as_array().unwrap().len(), 2);
        assert_eq!(orders("2025-03-05")[0]["captures"].as_array().unwrap().len(), 1);
        assert_eq!(orders("2025-03-06"), json!([]));
    }

    #[test]
    fn other_labels_and_other_shapes_of_urls_are_borne() {
        let other = r#"[{"OrderId":1,"Urls":{"VIDEO":[{"FileUrl":"v"}]}},{"OrderId":2,"Urls":null},{"OrderId":3},
            {"OrderId":4,"Urls":[{"SCREEN_CAPTURE":[{"FileUrl":"https://a/"}]}]}]"#;
        let orders = read(other, None)["orders"].clone();
        assert_eq!([0, 1, 2].map(|at| orders[at]["captures"].clone()), [json!([]), json!([]), json!([])]);
        assert_eq!(
            orders[3]["captures"][0],
            json!({ "captureId": null, "fileUrl": "https://a/", "createdDate": null })
        );
        assert_eq!(read("null", None)["orders"], json!([]));
    }
}
