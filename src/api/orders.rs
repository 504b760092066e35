//! Orders: what an RX becomes once it is scanned (§4.4, §4.6).

use super::endpoint::{Endpoint, Version};
use super::scope::Scope;
use crate::scalar::{Guid, Id, Timestamp};
use crate::schema::decode::Envelope;
use crate::schema::input::{DateOrTime, Offset, Text, inputs, whole_number};
use crate::schema::model::{cell, model};
use crate::schema::request::request;
use crate::schema::tape::Tape;
#[cfg(feature = "webhook")]
use crate::schema::value::{Json, TextOrNumber};

/// One page of the practice's orders (§4.4).
pub const LIST: Endpoint = Endpoint::get(Version::V2, Scope::OrdersRead, "orders/practice")
    .takes::<OrdersQuery>()
    .returns::<OrdersPage>(Envelope::V2);

/// The order of an RX (§4.6).
pub const GET: Endpoint =
    Endpoint::get(Version::V2, Scope::OrdersRead, "orders/:rxId").returns::<Order>(Envelope::V2).hints(&[
        (400, "The API did not accept the rxId: check its format."),
        (404, "The RX is not scanned yet, was deleted, or is not this practice's."),
    ]);

/// How many orders a page has by default.
pub(crate) const DEFAULT_PAGE_SIZE: u32 = 100;

inputs! {
    /// How many orders to request per page (§4.4.2).
    PageSize: "number" => u32, "a whole number from 1 to 1024", |value| whole_number(value, 1, 1024);
}

request! {
    /// Which orders to list. A date is `YYYY-MM-DD` or an RFC 3339 time, sent as written; both ends of a range are included.
    #[derive(Default)]
    pub struct OrdersFilter {
        /// How many orders to request per page: 1 to 1024, 100 by default.
        page_size: PageSize = "pageSize",
        /// Scanned on this date or later.
        date_from: DateOrTime = "dateFrom",
        /// Scanned on this date or earlier.
        date_to: DateOrTime = "dateTo",
        /// Of the patient with this chart number.
        chart_number: Text = "chartNumber",
    }
}

request! {
    /// Which orders to list, and which page of them.
    pub struct OrdersQuery extends OrdersFilter {
        /// How many of the oldest orders to skip: 0 by default.
        offset: Offset = "Offset",
    }
}

impl OrdersFilter {
    /// Returns the query of the page at `offset`.
    pub(crate) fn at(&self, offset: u32) -> OrdersQuery {
        OrdersQuery { offset: Some(offset), base: self.clone() }.with_defaults()
    }
}

impl OrdersQuery {
    /// Fills in what the caller left out; an empty chart number counts as none (R50).
    pub(crate) fn with_defaults(mut self) -> Self {
        self.offset.get_or_insert(0);
        self.base.page_size.get_or_insert(DEFAULT_PAGE_SIZE);
        self.base.chart_number.take_if(|chart_number| chart_number.is_empty());
        self
    }
}

model! {
    /// A scanned RX with links to its files (§4.4.3). Only `rxId` and `orderId` are always present.
    pub struct Order {
        /// The GUID that `createScanRequest` returned; the order's stable key.
        rx_id: Guid = "RxId",
        /// The id that `downloadScan` takes.
        order_id: Id = "OrderId",
        /// The number that people see on the scanner and on myitero.com.
        order_code: Option<String> = "OrderCode",
        /// Where the order is in its flow; see `orderStatuses()`. The status changes over time, the ids do not (§4.4.6).
        #[tsify(type = "OrderStatus | null")]
        status: Option<String> = "Status",
        /// Such as `Fixed Restorative`. When `null`, use `caseType`.
        procedure_name: Option<String> = "ProcedureName",
        /// Such as `Night guard`; `null` for procedures without types.
        procedure_type_name: Option<String> = "ProcedureTypeName",
        /// The closest match among the older case types, which the API keeps for older clients (§4.4.5).
        #[tsify(type = "CaseType | null")]
        case_type: Option<String> = "CaseType",
        /// When the scan was made.
        scanning_date: Option<Timestamp> = "ScanningDate",
        /// How long the scan took, in seconds.
        scanning_time: Option<f64> = "ScanningTime",
        /// Restorative orders: when the lab has to deliver. Invisalign orders: when the order was created.
        due_date: Option<Timestamp> = "DueDate",
        /// The doctor of the order.
        doctor_id: Option<Id> = "DoctorId",
        /// The doctor's full name.
        doctor_name: Option<String> = "DoctorName",
        /// The doctor's license number.
        doctor_license_number: Option<String> = "DoctorLicenseNumber",
        /// The person who operated the scanner.
        scanning_operator_id: Option<Id> = "ScanningOperatorId",
        /// The full name of the person who operated the scanner.
        scanning_operator_name: Option<String> = "ScanningOperatorName",
        /// The patient's first name.
        patient_first_name: Option<String> = "PatientFirstName",
        /// The patient's last name.
        patient_last_name: Option<String> = "PatientLastName",
        /// The practice's own number for the patient.
        patient_chart_number: Option<String> = "PatientChartNumber",
        /// A number, deprecated by the API. It is not the GUID that the patient calls take.
        patient_id: Option<Id> = "PatientId",
        /// The practice that made the scan.
        company_id: Option<Id> = "CompanyId",
        /// The name of the practice that made the scan.
        company_name: Option<String> = "CompanyName",
        /// The lab that the scan went to.
        lab_id: Option<Id> = "LabId",
        /// The name of the lab that the scan went to.
        lab_name: Option<String> = "LabName",
        /// The prepared teeth; empty when there are none.
        preps: Vec<Prep> = "Preps",
        /// The doctor's notes.
        notes: Option<String> = "Notes",
        /// The URLs of the order's files. Use them unchanged: they stay valid when the API's URLs change.
        links: OrderLinks = "Urls",
        /// The scanner's model.
        scanner_model_description: Option<String> = "ScannerModelDescription",
        /// The scanner model's id.
        scanner_model_id: Option<Id> = "ScannerModelId",
    }
    aliases { // R61
        "ViewerUrl" => "Urls" "MyiTero3DViewerUrl",
        "IdeFileUrl" => "Urls" "IDEFileUrl",
        "ThumbnailsDownloadUrl" => "Urls" "ThumbnailsUrl",
        "ScreenCaptureFileUrl" => "Urls" "ScreenCaptureUrl",
    }
}

model! {
    /// An order's links. A link can be present although its file does not exist (§4.7.2).
    pub struct OrderLinks {
        /// The scan in the 3D viewer of myitero.com. Open it in a person's browser, since it asks for a login.
        viewer: Option<String> = "MyiTero3DViewerUrl",
        /// The zip of the 3D files (`IDE`).
        scan: Option<String> = "IDEFileUrl",
        /// The zip of the pictures (`IMAGE_GALLERY`).
        thumbnails: Option<String> = "ThumbnailsUrl",
        /// The zip of the screen captures (`SCREEN_CAPTURE`).
        screen_captures: Option<String> = "ScreenCaptureUrl",
    }
}

model! {
    /// A prepared tooth. The API does not say which of these fields are always present.
    pub struct Prep {
        /// The tooth's number, apparently in the ADA's numbering.
        ada_id: Option<Id> = "AdaId",
        /// The code of the unit type (§4.1.3).
        unit_type_id: Option<Id> = "UnitTypeId",
        /// The unit type's name, such as `Crown`.
        unit_type_name: Option<String> = "UnitTypeName",
        /// The same for all the teeth of a bridge.
        bridge_id: Option<Id> = "BridgeId",
    }
}

model! {
    /// A page of orders, oldest first.
    pub struct OrdersPage {
        /// The orders, oldest first.
        orders: Vec<Order> = required "Results", // without them a list would seem to end where it does not
        /// How many older orders were skipped.
        #[tsify(type = "number")]
        offset: Option<Id> = "Offset",
        /// How many orders were requested; the page may have fewer.
        #[tsify(type = "number")]
        page_size: Option<Id> = "PageSize",
        /// Whether there are newer orders. If so, call again with `offset` increased by `orders.length`.
        has_more: bool = "HasMore",
    }
}

#[cfg(feature = "webhook")]
model! {
    /// The part of an order that the edge function reads (§4.4.3). A model of its own rather than `Order`: what is not read
    /// cannot leak, and an odd value elsewhere cannot keep a scan from being reported.
    pub struct OrderPart {
        /// The RX.
        rx_id: Guid = "RxId",
        /// The order.
        order_id: Id = "OrderId",
        /// Where it is in its flow.
        status: Option<String> = "Status",
        /// What was scanned.
        procedure_name: Option<String> = "ProcedureName",
        /// When the scan was made, in any form.
        scanning_date: Option<TextOrNumber> = "ScanningDate",
        /// The practice that made the scan.
        company_id: Option<Id> = "CompanyId",
        /// The links to its files.
        links: OrderLinks = "Urls",
    }
    aliases { // R61
        "ViewerUrl" => "Urls" "MyiTero3DViewerUrl",
        "IdeFileUrl" => "Urls" "IDEFileUrl",
        "ThumbnailsDownloadUrl" => "Urls" "ThumbnailsUrl",
        "ScreenCaptureFileUrl" => "Urls" "ScreenCaptureUrl",
    }
}

#[cfg(feature = "webhook")]
model! {
    /// A page of orders, each still as it was received.
    pub struct OrderRows {
        /// The orders, not read yet, so that one that cannot be read does not hide the others.
        rows: Vec<Json> = required "Results",
        /// Whether there are newer orders.
        has_more: bool = "HasMore",
    }
}

impl OrdersPage {
    /// Completes the page of a query if the response does not repeat the offset and the page size of the request.
    pub(crate) fn complete(tape: &mut Tape, query: &OrdersQuery) {
        for (cell, asked) in [(cell!(Self.offset), query.offset), (cell!(Self.page_size), query.base.page_size)] {
            if let (None, Some(asked)) = (tape.number(cell), asked) {
                tape.set(cell, asked.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::schema::decode::{DecodeError, Envelope, decode};
    use crate::schema::value::FromTape;

    const RX: &str = "A09292AA-8B06-45F9-A73C-350538BB32F3";

    fn order(fields: &str) -> Result<Json, DecodeError> {
        let body = format!(r#"{{"Data":{{"RxId":"{RX}","OrderId":"17"{fields}}},"Status":1}}"#);
        decode(Envelope::V2, &Order::KIND, body.as_bytes()).map(|tape| tape.json(&Order::KIND, 0))
    }

    fn page(body: &str) -> Result<Json, DecodeError> {
        let mut tape = decode(Envelope::V2, &OrdersPage::KIND, body.as_bytes())?;
        let filter = OrdersFilter { page_size: Some(10), ..OrdersFilter::default() };
        OrdersPage::complete(&mut tape, &filter.at(20));
        Ok(tape.json(&OrdersPage::KIND, 0))
    }

    #[test]
    fn an_order_needs_only_its_ids_and_has_every_key() {
        let order = order("").unwrap();
        assert_eq!(order["rxId"], RX.to_lowercase());
        assert_eq!(order["orderId"], 17);
        assert_eq!(order["preps"], json!([]));
        assert_eq!(order["links"], json!({ "viewer": null, "scan": null, "thumbnails": null, "screenCaptures": null }));
        assert_eq!(order["dueDate"], Json::Null);
        assert_eq!(order.as_object().unwrap().len(), 28);
    }

    #[test]
    fn links_are_read_from_urls_first_and_then_from_the_flat_keys() {
        let flat = r#","ViewerUrl":"v","IdeFileUrl":"flat","ThumbnailsDownloadUrl":"t","ScreenCaptureFileUrl":"c""#;
        let nested = r#","Urls":{"IDEFileUrl":"nested","ThumbnailsUrl":null}"#;
        let links = json!({ "viewer": "v", "scan": "nested", "thumbnails": "t", "screenCaptures": "c" });
        assert_eq!(order(&format!("{flat}{nested}")).unwrap()["links"], links);
        assert_eq!(order(&format!("{nested}{flat}")).unwrap()["links"], links);
    }

    #[test]
    fn times_and_unknown_values_are_normalised_or_passed_through() {
        let order = order(
            r#","ScanningDate":"2025-03-04T09:30:00.5","DueDate":"0001-01-01T00:00:00","Status":"Teleporting",
               "Preps":[{"AdaId":4,"UnitTypeName":"Crown"}],"Brand":{"new":true},"Urls":null,"Preparation":null"#,
        )
        .unwrap();
        assert_eq!(order["scanningDate"], "2025-03-04T09:30:00.5Z");
        assert_eq!(order["dueDate"], Json::Null);
        assert_eq!(order["status"], "Teleporting");
        let prep = json!({ "adaId": 4, "unitTypeId": null, "unitTypeName": "Crown", "bridgeId": null });
        assert_eq!(order["preps"], json!([prep]));
    }

    #[test]
    fn a_page_must_say_what_it_holds_and_whether_there_is_more() {
        assert_eq!(page(r#"{"Data":{"Results":[]}}"#), Err(DecodeError::Field("Data.HasMore".into())));
        assert_eq!(page(r#"{"Data":{"HasMore":false}}"#), Err(DecodeError::Field("Data.Results".into())));
        let empty =
            |offset, page_size| json!({ "orders": [], "offset": offset, "pageSize": page_size, "hasMore": false });
        assert_eq!(page(r#"{"Data":{"Results":null,"HasMore":false}}"#), Ok(empty(20, 10)));
        assert_eq!(page(r#"{"Data":{"Results":[],"HasMore":false,"Offset":3,"PageSize":4}}"#), Ok(empty(3, 4)));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_named_by_its_index_and_field() {
        let body =
            format!(r#"{{"Data":{{"Results":[{{"RxId":"{RX}","OrderId":1}},{{"RxId":"{RX}","OrderId":1.5}}]}}}}"#);
        assert_eq!(page(&body), Err(DecodeError::Field("Data.Results[1].OrderId".into())));
        assert_eq!(order(r#","OrderId":"soon""#), Err(DecodeError::Field("Data.OrderId".into())));
    }
}
