//! The practice behind the token (§4.1).

use serde::{Deserialize, Deserializer, Serialize, de};
use tsify::Tsify;

use super::Id;
use super::nullable::{OptionalTime, OrDefault};

/// The practice behind the access token: what a scan request may name (§4.1).
#[derive(Serialize, Tsify, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct PracticeConfiguration {
    /// Goes into every scan request.
    pub company_id: Id,
    /// The account's name.
    pub company_name: Option<String>,
    /// As the API spells it, usually ISO 3166.
    pub country_code: Option<String>,
    /// When the API made this answer.
    #[tsify(type = "Timestamp | null")]
    pub report_date: OptionalTime,
    /// The doctors that a scan request can name.
    #[tsify(type = "Doctor[]")]
    pub doctors: OrDefault<Vec<Doctor>>,
    /// The labs that a scan request can name and orders can come through.
    #[tsify(type = "Lab[]")]
    pub labs: OrDefault<Vec<Lab>>,
    /// Deprecated by the API, but orders' preps still use the codes.
    #[tsify(type = "UnitType[]")]
    pub unit_types: OrDefault<Vec<UnitType>>,
}

/// A doctor of the practice.
#[derive(Deserialize, Serialize, Tsify, Debug, PartialEq)]
#[serde(rename_all(deserialize = "PascalCase", serialize = "camelCase"))]
#[tsify(missing_as_null)]
pub struct Doctor {
    /// Goes into a scan request as `doctorId`.
    #[serde(alias = "ID")] // R17
    pub id: Id,
    /// The full name.
    pub name: Option<String>,
    /// Codes that the API does not explain; empty when it sends none.
    #[tsify(type = "Id[]")]
    pub supported_case_types: OrDefault<Vec<Id>>,
}

/// A lab that works with the practice.
#[derive(Deserialize, Serialize, Tsify, Debug, PartialEq)]
#[serde(rename_all(deserialize = "PascalCase", serialize = "camelCase"))]
#[tsify(missing_as_null)]
pub struct Lab {
    /// Goes into a scan request as `labId`.
    #[serde(alias = "ID")]
    pub id: Id,
    /// The lab's name.
    pub name: Option<String>,
    /// What the lab makes. `Dental` is what procedures call a restorative ("resto") lab.
    #[tsify(type = "(\"Dental\" | \"Ortho\" | (string & {}))[]")]
    pub types: OrDefault<Vec<String>>,
    /// The postal address, in one text.
    pub address: Option<String>,
    /// Codes that the API does not explain, kept by it for older clients.
    #[tsify(type = "Id[]")]
    pub defined_case_types: OrDefault<Vec<Id>>,
}

/// A kind of restoration on a tooth (§4.1.3).
#[derive(Deserialize, Serialize, Tsify, Debug, PartialEq)]
#[serde(rename_all(deserialize = "PascalCase", serialize = "camelCase"))]
#[tsify(missing_as_null)]
pub struct UnitType {
    /// The code that a prep carries as `unitTypeId`.
    #[serde(alias = "ID")]
    pub id: Id,
    /// The name, such as `Crown`.
    pub name: Option<String>,
}

/// The wire's shape: the company's fields are in `Header`, or straight in `Data`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    header: OrDefault<Header>,
    company_id: Option<Id>,
    company_name: Option<String>,
    country_code: Option<String>,
    report_date: OptionalTime,
    doctors: OrDefault<Vec<Doctor>>,
    labs: OrDefault<Vec<Lab>>,
    unit_types: OrDefault<Vec<UnitType>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Header {
    company_id: Option<Id>,
    company_name: Option<String>,
    country_code: Option<String>,
    report_date: OptionalTime,
}

impl<'de> Deserialize<'de> for PracticeConfiguration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer)?;
        let header = data.header.0;
        let company_id = header.company_id.or(data.company_id);
        Ok(Self {
            company_id: company_id.ok_or_else(|| de::Error::missing_field("CompanyId"))?,
            company_name: header.company_name.or(data.company_name),
            country_code: header.country_code.or(data.country_code),
            report_date: OptionalTime(header.report_date.0.or(data.report_date.0)),
            doctors: data.doctors,
            labs: data.labs,
            unit_types: data.unit_types,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::{DecodeError, data};

    fn read(body: &str) -> Result<PracticeConfiguration, DecodeError> {
        data(body.as_bytes())
    }

    #[test]
    fn company_fields_are_read_from_the_header_or_from_the_data() {
        let nested =
            r#"{"Data":{"Header":{"CompanyId":"7","CompanyName":"P","CountryCode":"NL","ReportDate":"2025-01-02"}}}"#;
        let flat =
            r#"{"Data":{"CompanyId":7,"CompanyName":"P","CountryCode":"NL","ReportDate":"2025-01-02T00:00:00Z"}}"#;
        let practice = read(nested).unwrap();
        assert_eq!(practice, read(flat).unwrap());
        assert_eq!(practice.company_name.as_deref(), Some("P"));
        assert_eq!(practice.report_date.0.unwrap().as_str(), "2025-01-02T00:00:00Z");
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
        assert_eq!(practice.doctors.0[0].supported_case_types.0, []);
        assert_eq!(practice.doctors.0[1].name, None);
        assert_eq!(practice.labs.0[0].types.0, ["Dental"]);
        assert!(practice.unit_types.0.is_empty());
    }
}
