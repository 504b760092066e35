//! Get Orders for Practice (§4.4) and Get Order by RX ID (§4.6).

use serde::Serialize;

use super::clock;
use super::http::{Query, Refusal, Response};
use super::order_row::OrderRow;
use super::practice::Practice;
use crate::scalar::Guid;

/// The largest page (§4.4.2).
const LARGEST_PAGE: usize = 1024;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    has_more: bool,
    page_size: usize,
    offset: usize,
    results: Vec<OrderRow<'a>>,
}

impl Practice {
    /// Returns a page of orders, oldest scan first (R44).
    pub(super) fn list_orders(&self, query: &Query, base_url: &str) -> Result<Response, Refusal> {
        let offset = count(query, "Offset")?;
        let page_size = count(query, "pageSize")?;
        if !(1..=LARGEST_PAGE).contains(&page_size) {
            return Err(Refusal::bad_request(format!("pageSize must be from 1 to {LARGEST_PAGE}.")));
        }
        let (from, to) = (bound(query, "dateFrom", false)?, bound(query, "dateTo", true)?);
        let chart_number = query.get("chartNumber");

        let mut matching = self.orders.iter().map(|order| self.case(order)).filter(|case| {
            let scanned = clock::timestamp(case.order.scanned);
            from.as_ref().is_none_or(|from| scanned >= *from)
                && to.as_ref().is_none_or(|to| scanned <= *to)
                && chart_number.is_none_or(|number| case.patient.chart_number.as_deref().unwrap_or("") == number)
        });
        let rows = matching.by_ref().skip(offset).take(page_size);
        let results = rows.map(|case| OrderRow::new(&case, base_url)).collect();
        let has_more = matching.next().is_some();
        Response::data(&Page { has_more, page_size, offset, results })
    }

    pub(super) fn order_by_rx(&self, rx_id: &str, base_url: &str) -> Result<Response, Refusal> {
        let rx_id: Guid = rx_id.parse().map_err(|_| Refusal::bad_request("The RX id is not a GUID."))?;
        let order = self
            .orders
            .iter()
            .find(|order| order.rx.id == rx_id)
            // An RX that has not been scanned is not an order yet (R36).
            .ok_or_else(|| Refusal::not_found("There is no scanned order with this RX id."))?;
        Response::data(&OrderRow::new(&self.case(order), base_url))
    }
}

fn count(query: &Query, key: &str) -> Result<usize, Refusal> {
    let value = query.get(key).ok_or_else(|| Refusal::bad_request(format!("{key} is mandatory.")))?;
    value.parse().map_err(|_| Refusal::bad_request(format!("{key} must be a whole number, 0 or more.")))
}

/// Reads one end of the date range: the later one if `last`.
fn bound(query: &Query, key: &str, last: bool) -> Result<Option<String>, Refusal> {
    let wrong = || Refusal::bad_request(format!("{key} must be a date such as 2025-03-04."));
    query.get(key).map(|value| clock::bound(value, last).ok_or_else(wrong)).transpose()
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, get, json, practice};
    use super::*;
    use serde_json::Value;
    use std::collections::HashSet;

    fn page(practice: &mut Practice, query: &str) -> Value {
        let response = get(practice, &format!("/orders/practice?{query}"), NOW);
        assert_eq!(response.status, 200, "{query}");
        json(&response)["Data"].take()
    }

    fn rows(page: &Value) -> &Vec<Value> {
        page["Results"].as_array().unwrap()
    }

    fn strings<'a>(page: &'a Value, key: &str) -> Vec<&'a str> {
        rows(page).iter().map(|row| row[key].as_str().unwrap()).collect()
    }

    #[test]
    fn a_seeded_practice_has_a_year_and_a_half_of_orders() {
        let mut practice = practice();
        let all = page(&mut practice, "Offset=0&pageSize=1024");
        assert!(rows(&all).len() >= 300);
        assert_eq!(all["HasMore"], false);
        let recent = page(&mut practice, "Offset=0&pageSize=1024&dateFrom=2025-03-17");
        assert!(rows(&recent).len() >= 100);
        let statuses: HashSet<_> = strings(&all, "Status").into_iter().collect();
        assert_eq!(statuses.len(), 7);
        let patients: HashSet<_> = rows(&all).iter().map(|row| row["PatientId"].as_u64()).collect();
        assert!(patients.len() >= 60);
        assert!(rows(&all).iter().any(|row| row["Notes"].is_null()));
        assert!(rows(&all).iter().any(|row| row["PatientChartNumber"].is_null()));
        assert!(rows(&all).iter().all(|row| row["CaseType"] != "Restorative" || row["Preps"].is_array()));
    }

    #[test]
    fn orders_are_listed_oldest_first_and_pages_cover_them_once() {
        let mut practice = practice();
        let all = page(&mut practice, "Offset=0&pageSize=1024");
        assert!(strings(&all, "ScanningDate").is_sorted());
        let (mut ids, mut offset) = (Vec::new(), 0);
        loop {
            let next = page(&mut practice, &format!("Offset={offset}&pageSize=50"));
            ids.extend(strings(&next, "RxId").into_iter().map(String::from));
            offset += rows(&next).len();
            if next["HasMore"] == false {
                break;
            }
            assert_eq!(rows(&next).len(), 50);
        }
        assert_eq!(ids, strings(&all, "RxId"));
        assert_eq!(rows(&page(&mut practice, "Offset=100000&pageSize=1")).len(), 0);
    }

    #[test]
    fn a_page_needs_an_offset_and_a_valid_size() {
        for query in [
            "",
            "Offset=0",
            "pageSize=10",
            "offset=0&pageSize=10",
            "Offset=-1&pageSize=10",
            "Offset=x&pageSize=10",
            "Offset=0&pageSize=0",
            "Offset=0&pageSize=1025",
            "Offset=0&pageSize=10&dateFrom=2025-02-30",
            "Offset=0&pageSize=10&dateTo=yesterday",
        ] {
            assert_eq!(get(&mut practice(), &format!("/orders/practice?{query}"), NOW).status, 400, "{query}");
        }
    }

    #[test]
    fn date_filters_include_both_days() {
        let mut practice = practice();
        let all = page(&mut practice, "Offset=0&pageSize=1024");
        let day = &strings(&all, "ScanningDate")[150][..10];
        let of_day = page(&mut practice, &format!("Offset=0&pageSize=1024&dateFrom={day}&dateTo={day}"));
        let expected: Vec<_> =
            strings(&all, "ScanningDate").into_iter().filter(|scanned| scanned.starts_with(day)).collect();
        assert_eq!(strings(&of_day, "ScanningDate"), expected);
    }

    #[test]
    fn date_filters_accept_times_and_include_them() {
        let mut practice = practice();
        let all = page(&mut practice, "Offset=0&pageSize=1024");
        let moment = strings(&all, "ScanningDate")[150];
        let of_moment = page(&mut practice, &format!("Offset=0&pageSize=1024&dateFrom={moment}Z&dateTo={moment}Z"));
        assert_eq!(strings(&of_moment, "ScanningDate"), [moment]);
    }

    #[test]
    fn the_chart_number_filter_is_exact() {
        let mut practice = practice();
        let all = page(&mut practice, "Offset=0&pageSize=1024");
        let number = rows(&all)[0]["PatientChartNumber"].as_str().unwrap();
        let of_patient = page(&mut practice, &format!("Offset=0&pageSize=1024&chartNumber={number}"));
        assert!(!rows(&of_patient).is_empty());
        assert!(strings(&of_patient, "PatientChartNumber").iter().all(|found| *found == number));
        let part = &number[..number.len() - 1];
        let of_part = page(&mut practice, &format!("Offset=0&pageSize=1024&chartNumber={part}"));
        assert!(rows(&of_part).is_empty());
    }

    #[test]
    fn an_order_is_read_by_its_rx_id_in_any_case() {
        let mut practice = practice();
        let first = page(&mut practice, "Offset=0&pageSize=1")["Results"][0].take();
        let rx_id = first["RxId"].as_str().unwrap().to_uppercase();
        let response = get(&mut practice, &format!("/orders/{rx_id}"), NOW);
        assert_eq!(json(&response)["Data"], first);
    }

    #[test]
    fn a_malformed_rx_id_is_400_and_an_unknown_one_404() {
        let mut practice = practice();
        assert_eq!(get(&mut practice, "/orders/42", NOW).status, 400);
        assert_eq!(get(&mut practice, "/orders/a09292aa-8b06-45f9-a73c-350538bb32f3", NOW).status, 404);
    }

    #[test]
    fn links_lead_back_to_the_sandbox_under_both_sets_of_names() {
        let row = page(&mut practice(), "Offset=0&pageSize=1")["Results"][0].take();
        let link = |asset| {
            Value::from(format!(
                "https://sandbox.invalid/dpms/api/third-party/v2/order/{}/download/{asset}",
                row["OrderId"]
            ))
        };
        assert_eq!(row["IdeFileUrl"], link("IDE"));
        assert_eq!(row["Urls"]["IDEFileUrl"], link("IDE"));
        assert_eq!(row["ThumbnailsDownloadUrl"], link("IMAGE_GALLERY"));
        assert_eq!(row["Urls"]["ThumbnailsUrl"], link("IMAGE_GALLERY"));
        assert_eq!(row["ScreenCaptureFileUrl"], link("SCREEN_CAPTURE"));
        assert_eq!(row["Urls"]["ScreenCaptureUrl"], link("SCREEN_CAPTURE"));
        assert_eq!(row["ViewerUrl"], row["Urls"]["MyiTero3DViewerUrl"]);
    }
}
