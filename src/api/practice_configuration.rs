//! The practice that the token belongs to (§4.1).

use super::endpoint::{Endpoint, Version};
use super::scope::Scope;
use crate::scalar::{Id, Timestamp};
use crate::schema::decode::Envelope;
use crate::schema::model::model;
use crate::schema::value::LabType;

/// The practice that the access token belongs to (§4.1).
pub const GET: Endpoint = Endpoint::get(Version::V2, Scope::PracticeRead, "practice-configuration")
    .returns::<PracticeConfiguration>(Envelope::V2);

model! {
    /// The practice that the access token belongs to, with the doctors and labs that a scan request can name (§4.1).
    pub struct PracticeConfiguration flattens "Header" {
        /// The practice's id, which goes into every scan request as `companyId`.
        company_id: Id = "CompanyId",
        /// The account's name.
        company_name: Option<String> = "CompanyName",
        /// The country's code as the API spells it, usually ISO 3166.
        country_code: Option<String> = "CountryCode",
        /// When the API created this response.
        report_date: Option<Timestamp> = "ReportDate",
        /// The doctors that a scan request can name.
        doctors: Vec<Doctor> = "Doctors",
        /// The labs that a scan request can name and that orders can go to.
        labs: Vec<Lab> = "Labs",
        /// The kinds of restoration. Deprecated by the API, but the preps of orders still use the codes.
        unit_types: Vec<UnitType> = "UnitTypes",
    }
}

model! {
    /// A doctor of the practice.
    pub struct Doctor {
        /// Goes into a scan request as `doctorId`.
        id: Id = "Id",
        /// The full name.
        name: Option<String> = "Name",
        /// Codes that the API does not explain; `null` if it does not send them (R16).
        supported_case_types: Option<Vec<Id>> = "SupportedCaseTypes",
    }
    aliases { "ID" => "Id", } // R17
}

model! {
    /// A lab that works with the practice.
    pub struct Lab {
        /// Goes into a scan request as `labId`.
        id: Id = "Id",
        /// The lab's name.
        name: Option<String> = "Name",
        /// What the lab makes. `Dental` means a restorative lab, which procedures call `resto-lab`.
        types: Vec<LabType> = "Types",
        /// The postal address, in one string.
        address: Option<String> = "Address",
        /// Codes that the API does not explain and keeps for older clients; `null` if it does not send them.
        defined_case_types: Option<Vec<Id>> = "DefinedCaseTypes",
    }
    aliases { "ID" => "Id", }
}

model! {
    /// A kind of restoration on a tooth (§4.1.3).
    pub struct UnitType {
        /// The code that a prep has as `unitTypeId`.
        id: Id = "Id",
        /// The name, such as `Crown`.
        name: Option<String> = "Name",
    }
    aliases { "ID" => "Id", }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::schema::decode::{DecodeError, Envelope, decode};
    use crate::schema::value::FromTape;

    fn read(body: &str) -> Result<Json, DecodeError> {
        decode(Envelope::V2, &PracticeConfiguration::KIND, body.as_bytes())
            .map(|tape| tape.json(&PracticeConfiguration::KIND, 0))
    }

    #[test]
    fn company_fields_are_read_from_the_header_or_from_the_data() {
        let header = r#""CompanyId":"7","CompanyName":"P","CountryCode":"NL","ReportDate":"2025-01-02""#;
        let practice = read(&format!(r#"{{"Data":{{"Header":{{{header}}}}}}}"#)).unwrap();
        assert_eq!(practice, read(&format!(r#"{{"Data":{{{header}}}}}"#)).unwrap());
        assert_eq!(practice["companyId"], 7);
        assert_eq!(practice["companyName"], "P");
        assert_eq!(practice["reportDate"], "2025-01-02T00:00:00Z");
        let other = r#""CompanyId":8,"CompanyName":"Q","CountryCode":null"#;
        assert_eq!(practice, read(&format!(r#"{{"Data":{{{other},"Header":{{{header}}}}}}}"#)).unwrap());
        assert_eq!(practice, read(&format!(r#"{{"Data":{{"Header":{{{header}}},{other}}}}}"#)).unwrap());
    }

    #[test]
    fn a_practice_without_an_id_names_the_field() {
        assert_eq!(read(r#"{"Data":{"Header":null}}"#), Err(DecodeError::Field("Data.CompanyId".into())));
    }

    #[test]
    fn ids_are_read_under_both_spellings_and_lists_may_be_missing_or_null() {
        let practice = read(
            r#"{"Data":{"CompanyId":7,"Doctors":[{"ID":1,"Name":"A"},{"Id":2,"SupportedCaseTypes":[3]}],
                "Labs":[{"Id":4,"Types":["Dental"],"DefinedCaseTypes":null}],"UnitTypes":null},"Status":1}"#,
        )
        .unwrap();
        assert_eq!(practice["doctors"][0], json!({ "id": 1, "name": "A", "supportedCaseTypes": null }));
        assert_eq!(practice["doctors"][1], json!({ "id": 2, "name": null, "supportedCaseTypes": [3] }));
        assert_eq!(practice["labs"][0]["types"], json!(["Dental"]));
        assert_eq!(practice["unitTypes"], json!([]));
    }
}
