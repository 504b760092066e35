//! The notification that the API posts when a scan is ready or has changed (§4.5.2).

use crate::scalar::{Guid, Id};
use crate::schema::decode::{DecodeError, Envelope, decode};
use crate::schema::model::{cell, model};
use crate::schema::value::FromTape;

model! {
    /// Says that the RX's order should be fetched. It is not signed, so it proves nothing.
    pub struct Notification {
        /// The RX whose order to fetch; its key in the callback is just `Id`.
        rx_id: Guid = "Id", // R75
        /// The practice that made the scan.
        company_id: Id = "CompanyId", // quoted or not (R73)
    }
}

impl Notification {
    /// Reads the body of a callback.
    pub fn parse(body: &[u8]) -> Result<Self, DecodeError> {
        let tape = decode(Envelope::None, &Self::KIND, body)?;
        let rx_id = tape.text(cell!(Self.rx_id)).and_then(|text| text.parse().ok());
        let company_id = tape.number(cell!(Self.company_id)).and_then(|number| number.try_into().ok());
        // The tape holds nothing else than what these types allow.
        let (Some(rx_id), Some(company_id)) = (rx_id, company_id) else { return Err(DecodeError::NotJson) };
        Ok(Self { rx_id, company_id })
    }

    /// The key of the practice, for faults that are not about its form.
    pub(crate) const COMPANY_ID: &str = "CompanyId";

    /// Returns the field that a [`DecodeError::Field`] is about, and what it must be; no field if it is about the whole.
    pub(crate) fn fault(path: &str) -> (&str, &'static str) {
        match path {
            "Id" => (path, "must be the GUID of an RX"),
            Self::COMPANY_ID => (path, "must be a whole number above 0"),
            _ => ("", "must be a JSON object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RX: &str = "9700b318-b89a-4004-9b74-ad9cd657c03f";

    #[test]
    fn the_company_may_be_quoted_or_not() {
        for company in ["90360", "\"90360\""] {
            let body = format!(r#"{{"Id":"{}","CompanyId":{company}}}"#, RX.to_uppercase());
            let notification = Notification::parse(body.as_bytes()).unwrap();
            assert_eq!(notification.rx_id.to_string(), RX);
            assert_eq!(notification.company_id.to_string(), "90360");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let fails = |body: &str| Notification::parse(body.as_bytes()).err();
        assert_eq!(fails(r#"{"CompanyId":1}"#), Some(DecodeError::Field("Id".into())));
        assert_eq!(fails(r#"{"Id":"17","CompanyId":1}"#), Some(DecodeError::Field("Id".into())));
        assert_eq!(fails(&format!(r#"{{"Id":"{RX}"}}"#)), Some(DecodeError::Field("CompanyId".into())));
    }
}
