//! Orders: what became of an RX once it was scanned (§4.4, §4.6).

use std::mem;

use serde::{Deserialize, Deserializer, Serialize};
use tsify::Tsify;

use super::nullable::{OptionalTime, OrDefault};
use super::{Guid, Id};

/// A scanned RX and where its files are (§4.4.3). Only `rxId` and `orderId` are always there.
#[derive(Deserialize, Serialize, Tsify, Debug, PartialEq)]
#[serde(rename_all(deserialize = "PascalCase", serialize = "camelCase"))]
#[tsify(missing_as_null)]
pub struct Order {
    /// The GUID that `createScanRequest` gave; the order's stable key.
    pub rx_id: Guid,
    /// What `downloadScan` takes.
    pub order_id: Id,
    /// The number that people see on the scanner and on myitero.com.
    pub order_code: Option<String>,
    /// Where the order is in its flow; see `orderStatuses()`. It changes over time, the ids do not (§4.4.6).
    #[tsify(type = "OrderStatus | null")]
    pub status: Option<String>,
    /// Such as `Fixed Restorative`. When `null`, use `caseType`.
    pub procedure_name: Option<String>,
    /// Such as `Night guard`; `null` for procedures without types.
    pub procedure_type_name: Option<String>,
    /// The closest match among the older case types, kept by the API for older clients (§4.4.5).
    #[tsify(type = "CaseType | null")]
    pub case_type: Option<String>,
    /// When the scan was made.
    #[tsify(type = "Timestamp | null")]
    pub scanning_date: OptionalTime,
    /// How long the scan took, in seconds.
    pub scanning_time: Option<f64>,
    /// Restorative orders: when the lab is to deliver. Invisalign orders: when the order was made.
    #[tsify(type = "Timestamp | null")]
    pub due_date: OptionalTime,
    /// The doctor of the order.
    pub doctor_id: Option<Id>,
    /// The doctor's full name.
    pub doctor_name: Option<String>,
    /// The doctor's license number.
    pub doctor_license_number: Option<String>,
    /// Who held the scanner.
    pub scanning_operator_id: Option<Id>,
    /// The full name of who held the scanner.
    pub scanning_operator_name: Option<String>,
    /// The patient's first name.
    pub patient_first_name: Option<String>,
    /// The patient's last name.
    pub patient_last_name: Option<String>,
    /// The practice's own number of the patient.
    pub patient_chart_number: Option<String>,
    /// A number that the API deprecates; it is not the GUID of the patient calls.
    pub patient_id: Option<Id>,
    /// The practice that scanned.
    pub company_id: Option<Id>,
    /// The name of the practice that scanned.
    pub company_name: Option<String>,
    /// The lab that the scan went to.
    pub lab_id: Option<Id>,
    /// The name of the lab that the scan went to.
    pub lab_name: Option<String>,
    /// The prepared teeth; empty when there are none.
    #[tsify(type = "Prep[]")]
    pub preps: OrDefault<Vec<Prep>>,
    /// The doctor's notes.
    pub notes: Option<String>,
    /// Where the order's files are. Pass them on as they are: they stay right when the API's URLs change.
    #[serde(rename(deserialize = "Urls"))]
    #[tsify(type = "OrderLinks")]
    pub links: OrDefault<OrderLinks>,
    /// The scanner's model.
    pub scanner_model_description: Option<String>,
    /// The scanner model's id.
    pub scanner_model_id: Option<Id>,

    // The older, flat keys of the links (R61).
    #[serde(skip_serializing)]
    viewer_url: Option<String>,
    #[serde(skip_serializing)]
    ide_file_url: Option<String>,
    #[serde(skip_serializing)]
    thumbnails_download_url: Option<String>,
    #[serde(skip_serializing)]
    screen_capture_file_url: Option<String>,
}

/// An order's links. They are there whether or not the file is (§4.7.2).
#[derive(Deserialize, Serialize, Tsify, Debug, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct OrderLinks {
    /// The scan in the 3D viewer of myitero.com. For a person's browser: it asks for a login.
    #[serde(rename(deserialize = "MyiTero3DViewerUrl"))]
    pub viewer: Option<String>,
    /// The zip of the 3D files (`IDE`).
    #[serde(rename(deserialize = "IDEFileUrl"))]
    pub scan: Option<String>,
    /// The zip of the pictures (`IMAGE_GALLERY`).
    #[serde(rename(deserialize = "ThumbnailsUrl"))]
    pub thumbnails: Option<String>,
    /// The zip of the screen captures (`SCREEN_CAPTURE`).
    #[serde(rename(deserialize = "ScreenCaptureUrl"))]
    pub screen_captures: Option<String>,
}

/// A prepared tooth. The API does not say which of these it always knows.
#[derive(Deserialize, Serialize, Tsify, Debug, PartialEq)]
#[serde(rename_all(deserialize = "PascalCase", serialize = "camelCase"))]
#[tsify(missing_as_null)]
pub struct Prep {
    /// The tooth's number, apparently in the ADA's numbering.
    pub ada_id: Option<Id>,
    /// A code of the unit types (§4.1.3).
    pub unit_type_id: Option<Id>,
    /// The unit type's name, such as `Crown`.
    pub unit_type_name: Option<String>,
    /// The same for all the teeth of a bridge.
    pub bridge_id: Option<Id>,
}

/// A page of orders, oldest first.
#[derive(Serialize, Tsify, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct OrdersPage {
    /// The orders, oldest first.
    pub orders: Vec<Order>,
    /// How many older orders were skipped.
    pub offset: u32,
    /// How many orders were asked for; fewer may come.
    pub page_size: u32,
    /// Whether there are newer orders: ask again with `offset` advanced by `orders.length`.
    pub has_more: bool,
}

/// A page as §4.4.3 answers it. Without `Results` or `HasMore` a list would seem to end where it does not.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PageData {
    #[serde(deserialize_with = "normalised")]
    results: Vec<Order>,
    offset: Option<u32>,
    page_size: Option<u32>,
    has_more: bool,
}

impl PageData {
    /// The page that was asked for at `offset` with `page_size`, for an answer that does not repeat them.
    pub fn asked(self, offset: u32, page_size: u32) -> OrdersPage {
        OrdersPage {
            orders: self.results,
            offset: self.offset.unwrap_or(offset),
            page_size: self.page_size.unwrap_or(page_size),
            has_more: self.has_more,
        }
    }
}

/// One order, as §4.6 answers it.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct SingleOrder(#[serde(deserialize_with = "normalised_one")] pub Order);

impl Order {
    fn normalise(mut self) -> Self {
        let urls = mem::take(&mut self.links).0;
        self.links = OrDefault(OrderLinks {
            viewer: urls.viewer.or(self.viewer_url.take()),
            scan: urls.scan.or(self.ide_file_url.take()),
            thumbnails: urls.thumbnails.or(self.thumbnails_download_url.take()),
            screen_captures: urls.screen_captures.or(self.screen_capture_file_url.take()),
        });
        self
    }
}

fn normalised<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Order>, D::Error> {
    let OrDefault::<Vec<_>>(orders) = Deserialize::deserialize(deserializer)?;
    Ok(orders.into_iter().map(Order::normalise).collect())
}

fn normalised_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Order, D::Error> {
    Order::deserialize(deserializer).map(Order::normalise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::{DecodeError, data};

    const RX: &str = "A09292AA-8B06-45F9-A73C-350538BB32F3";

    fn order(fields: &str) -> Result<Order, DecodeError> {
        let body = format!(r#"{{"Data":{{"RxId":"{RX}","OrderId":"17"{fields}}},"Status":1}}"#);
        data::<SingleOrder>(body.as_bytes()).map(|single| single.0)
    }

    #[test]
    fn an_order_needs_only_its_ids_and_has_every_key() {
        let order = order("").unwrap();
        assert_eq!(order.rx_id.to_string(), RX.to_lowercase());
        let json = serde_json::to_value(&order).unwrap();
        assert_eq!(json["orderId"], 17);
        assert_eq!(json["preps"], serde_json::json!([]));
        assert_eq!(
            json["links"],
            serde_json::json!({ "viewer": null, "scan": null, "thumbnails": null, "screenCaptures": null })
        );
        assert_eq!(json["dueDate"], serde_json::Value::Null);
        assert_eq!(json.as_object().unwrap().len(), 28);
    }

    #[test]
    fn links_are_read_from_urls_first_and_then_from_the_flat_keys() {
        let order = order(
            r#","ViewerUrl":"v","IdeFileUrl":"flat","ThumbnailsDownloadUrl":"t","ScreenCaptureFileUrl":"c",
               "Urls":{"IDEFileUrl":"nested","ThumbnailsUrl":null}"#,
        )
        .unwrap();
        let links = order.links.0;
        assert_eq!(
            [links.viewer, links.scan, links.thumbnails, links.screen_captures].map(Option::unwrap),
            ["v", "nested", "t", "c"]
        );
    }

    #[test]
    fn times_and_unknown_values_are_normalised_or_passed_through() {
        let order = order(
            r#","ScanningDate":"2025-03-04T09:30:00.5","DueDate":"0001-01-01T00:00:00","Status":"Teleporting",
               "Preps":[{"AdaId":4,"UnitTypeName":"Crown"}],"Brand":{"new":true},"Urls":null,"Preparation":null"#,
        )
        .unwrap();
        assert_eq!(order.scanning_date.0.unwrap().as_str(), "2025-03-04T09:30:00.5Z");
        assert_eq!(order.due_date.0, None);
        assert_eq!(order.status.as_deref(), Some("Teleporting"));
        assert_eq!(order.preps.0[0].unit_type_id, None);
    }

    #[test]
    fn a_page_must_say_what_it_holds_and_whether_there_is_more() {
        let page = |body: &str| data::<PageData>(body.as_bytes()).map(|page| page.asked(20, 10));
        assert_eq!(page(r#"{"Data":{"Results":[]}}"#), Err(DecodeError::Field("Data.HasMore".into())));
        assert_eq!(page(r#"{"Data":{"HasMore":false}}"#), Err(DecodeError::Field("Data.Results".into())));
        let empty = |offset, page_size| OrdersPage { orders: vec![], offset, page_size, has_more: false };
        assert_eq!(page(r#"{"Data":{"Results":null,"HasMore":false}}"#), Ok(empty(20, 10)));
        assert_eq!(page(r#"{"Data":{"Results":[],"HasMore":false,"Offset":3,"PageSize":4}}"#), Ok(empty(3, 4)));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_named_by_its_index_and_field() {
        let body =
            format!(r#"{{"Data":{{"Results":[{{"RxId":"{RX}","OrderId":1}},{{"RxId":"{RX}","OrderId":1.5}}]}}}}"#);
        let error = data::<PageData>(body.as_bytes()).err().unwrap();
        assert_eq!(error, DecodeError::Field("Data.Results[1].OrderId".into()));
        assert_eq!(order(r#","DueDate":"soon""#), Err(DecodeError::Field("Data.DueDate".into())));
    }
}
