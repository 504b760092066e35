//! Get Practice Configuration (§4.1).

use serde::Serialize;

use super::clock::{self, Millis};
use super::http::{Refusal, Response};
use super::practice::{COMPANY_ID, COMPANY_NAME, Practice};
use super::staff::LABS;
use crate::api::unit_types::UNIT_TYPES;

/// The response's `Data`, spelled as in the sample (§4.1.2) and completed from the table (R16, R18).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration<'a> {
    header: Header,
    doctors: Vec<DoctorRow<'a>>,
    labs: Vec<LabRow>,
    unit_types: Vec<UnitTypeRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    company_id: u32,
    company_name: &'static str,
    country_code: &'static str,
    report_date: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DoctorRow<'a> {
    id: u32,
    name: &'a str,
    supported_case_types: &'a [u8],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LabRow {
    id: u32,
    name: &'static str,
    types: &'static [&'static str],
    address: &'static str,
    defined_case_types: &'static [u8],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UnitTypeRow {
    id: u8,
    name: &'static str,
}

impl Practice {
    pub(super) fn practice_configuration(&self, now: Millis) -> Result<Response, Refusal> {
        let doctors = self.doctors.iter().map(|doctor| DoctorRow {
            id: doctor.id,
            name: doctor.name,
            supported_case_types: doctor.supported_case_types,
        });
        let labs = LABS.iter().map(|lab| LabRow {
            id: lab.id,
            name: lab.name,
            types: lab.types,
            address: lab.address,
            defined_case_types: lab.defined_case_types,
        });
        Response::data(&Configuration {
            header: Header {
                company_id: COMPANY_ID,
                company_name: COMPANY_NAME,
                country_code: "XX",
                report_date: clock::date(now).to_string(),
            },
            doctors: doctors.collect(),
            labs: labs.collect(),
            unit_types: (1..).zip(UNIT_TYPES).map(|(id, name)| UnitTypeRow { id, name }).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, get, json, practice};
    use serde_json::json;

    #[test]
    fn the_practice_its_doctors_labs_and_unit_types_are_listed() {
        let response = get(&mut practice(), "/practice-configuration", NOW);
        assert_eq!(response.status, 200);
        let body = json(&response);
        assert_eq!(body["Status"], 1);
        assert_eq!(body["Data"]["Header"]["CompanyId"], 90360);
        assert_eq!(body["Data"]["Header"]["ReportDate"], "2025-06-15");
        assert!(body["Data"]["Doctors"].as_array().unwrap().len() >= 3);
        assert!(body["Data"]["Labs"].as_array().unwrap().len() >= 4);
        assert_eq!(body["Data"]["UnitTypes"].as_array().unwrap().len(), 13);
        assert_eq!(body["Data"]["UnitTypes"][8], json!({ "Id": 9, "Name": "Missing (edentulous space)" }));
    }
}
