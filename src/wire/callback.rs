//! The notification that the API posts when a scan is ready or has changed (§4.5.2).

use serde::Deserialize;

use super::{Guid, Id};

/// Says that the RX's order is worth fetching, and proves nothing: it is not signed (R74).
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(rename_all = "PascalCase")]
pub struct Notification {
    /// The RX whose order to fetch; the wire calls it just `Id` (R75).
    #[serde(rename = "Id")]
    pub rx_id: Guid,
    /// The practice that scanned.
    pub company_id: Id,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::{DecodeError, value};

    const RX: &str = "9700b318-b89a-4004-9b74-ad9cd657c03f";

    #[test]
    fn the_company_may_be_quoted_or_not() {
        for company in ["90360", "\"90360\""] {
            let body = format!(r#"{{"Id":"{}","CompanyId":{company}}}"#, RX.to_uppercase());
            let notification: Notification = value(body.as_bytes()).unwrap();
            assert_eq!(notification.rx_id.to_string(), RX);
            assert_eq!(notification.company_id.to_string(), "90360");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let fails = |body: &str| value::<Notification>(body.as_bytes()).unwrap_err();
        assert_eq!(fails(r#"{"CompanyId":1}"#), DecodeError::Field("Id".into()));
        assert_eq!(fails(r#"{"Id":"17","CompanyId":1}"#), DecodeError::Field("Id".into()));
        assert_eq!(fails(&format!(r#"{{"Id":"{RX}"}}"#)), DecodeError::Field("CompanyId".into()));
    }
}
