//! What an inbox reads from an order: no patient data.

use super::events::LinkKind;
use crate::api::orders::{OrderLinks, OrderPart, OrderRows};
use crate::scalar::{Guid, Id, PlainDate};
use crate::schema::decode::{DecodeError, Envelope, decode};
use crate::schema::model::cell;
use crate::schema::value::FromTape;

/// The longest status or procedure that is accepted, so that the size of an event is limited.
const LONGEST_TEXT: usize = 256;

/// The most rows of a page that are accepted, however many were requested.
const MOST_ROWS: usize = 1_000;

/// An order as the API returned it.
pub(super) struct Scan {
    pub rx_id: Guid,
    pub order_id: Id,
    pub company_id: Option<Id>,
    pub status: Option<String>,
    pub procedure: Option<String>,
    pub links: Vec<LinkKind>,
    pub scanned_on: Option<String>,
}

/// A page of the list.
pub(super) struct Page {
    /// `Err` for orders that cannot be read.
    pub scans: Vec<Result<Scan, DecodeError>>,
    pub has_more: bool,
}

impl Scan {
    /// Reads the response to `GET orders/:rxId` (§4.6).
    pub fn from_response(body: &str) -> Result<Self, DecodeError> {
        Self::read(Envelope::V2, body)
    }

    fn read(envelope: Envelope, body: &str) -> Result<Self, DecodeError> {
        let tape = decode(envelope, &OrderPart::KIND, body.as_bytes())?;
        let text = |cell, name: &str| match tape.text(cell) {
            Some(text) if text.len() > LONGEST_TEXT => Err(DecodeError::Field(name.into())),
            text => Ok(text.map(str::to_owned)),
        };
        let id = |cell| tape.number(cell).and_then(|number| number.try_into().ok());
        let rx_id = tape.text(cell!(OrderPart.rx_id)).and_then(|text| text.parse().ok());
        // Always matches, since `decode` has validated both.
        let (Some(rx_id), Some(order_id)) = (rx_id, id(cell!(OrderPart.order_id))) else {
            return Err(DecodeError::NotJson);
        };
        let link = |(kind, cell)| {
            let url = tape.text(cell!(OrderPart.links) + cell).unwrap_or_default();
            (!url.is_empty()).then_some(kind)
        };
        let links = [
            (LinkKind::Viewer, cell!(OrderLinks.viewer)),
            (LinkKind::Scan, cell!(OrderLinks.scan)),
            (LinkKind::Thumbnails, cell!(OrderLinks.thumbnails)),
            (LinkKind::ScreenCaptures, cell!(OrderLinks.screen_captures)),
        ];
        let scanned_on = tape.text(cell!(OrderPart.scanning_date)).and_then(|time| PlainDate::of_time(time).ok()?);
        Ok(Self {
            rx_id,
            order_id,
            company_id: id(cell!(OrderPart.company_id)),
            status: text(cell!(OrderPart.status), "status")?,
            procedure: text(cell!(OrderPart.procedure_name), "procedure_name")?,
            links: links.into_iter().filter_map(link).collect(),
            scanned_on: scanned_on.map(str::to_owned),
        })
    }
}

impl Page {
    /// Reads the response to `GET orders/practice` (§4.4).
    pub fn from_response(body: &str) -> Result<Self, DecodeError> {
        let tape = decode(Envelope::V2, &OrderRows::KIND, body.as_bytes())?;
        let rows = tape.rows(cell!(OrderRows.rows));
        let is_whole = rows.len() <= MOST_ROWS;
        let scans =
            rows.into_iter().take(MOST_ROWS).map(|row| Scan::read(Envelope::None, tape.text(row).unwrap_or_default()));
        Ok(Self { scans: scans.collect(), has_more: !is_whole || tape.number(cell!(OrderRows.has_more)) == Some(1.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RX: &str = "9700b318-b89a-4004-9b74-ad9cd657c03f";

    #[test]
    fn an_odd_field_that_no_event_reports_does_not_matter() {
        let body = format!(
            r#"{{"Data":{{"RxId":"{RX}","OrderId":"17","Status":"Completed","PatientFirstName":7,"DueDate":"soon",
                "CompanyId":"90360","ScanningDate":"2025-03-04T09:30:00","ViewerUrl":"v","Urls":{{"IDEFileUrl":""}}}},"Status":1}}"#
        );
        let scan = Scan::from_response(&body).ok().unwrap();
        assert_eq!((scan.order_id.to_string().as_str(), scan.status.as_deref()), ("17", Some("Completed")));
        assert_eq!(scan.company_id.map(i64::from), Some(90360));
        assert_eq!(scan.scanned_on.as_deref(), Some("2025-03-04"));
        assert_eq!(scan.links, [LinkKind::Viewer]);
    }

    #[test]
    fn an_order_with_a_text_beyond_any_use_cannot_be_read() {
        for (key, length, is_read) in
            [("Status", 256, true), ("Status", 257, false), ("ProcedureName", 2_000_000, false)]
        {
            let text = "x".repeat(length);
            let body = format!(r#"{{"Data":{{"RxId":"{RX}","OrderId":1,"{key}":"{text}"}},"Status":1}}"#);
            assert_eq!(Scan::from_response(&body).is_ok(), is_read, "{key} {length}");
        }
    }

    #[test]
    fn of_a_page_a_bounded_number_of_rows_is_taken_and_the_rest_follows() {
        let row = format!(r#"{{"RxId":"{RX}","OrderId":1}},"#);
        let body = |rows| {
            format!(
                r#"{{"Data":{{"Results":[{}],"HasMore":false}},"Status":1}}"#,
                row.repeat(rows).trim_end_matches(',')
            )
        };
        let taken = |rows| Page::from_response(&body(rows)).map(|page| (page.scans.len(), page.has_more)).ok();
        assert_eq!((taken(1_000), taken(20_000)), (Some((1_000, false)), Some((1_000, true))));
    }

    #[test]
    fn an_order_that_cannot_be_read_does_not_hide_the_others() {
        let body = format!(
            r#"{{"Data":{{"Results":[{{"OrderId":1}},{{"RxId":"{RX}","OrderId":2}}],"HasMore":true}},"Status":1}}"#
        );
        let page = Page::from_response(&body).ok().unwrap();
        assert!(page.has_more);
        let read: Vec<_> = page.scans.iter().map(Result::is_ok).collect();
        assert_eq!(read, [false, true]);
    }
}
