//! Patient Search - V3 (§5.2).

use serde::Serialize;

use super::clock::{self, Millis};
use super::http::{Query, Refusal, Response};
use super::patient_filter::{Filter, LARGEST_PAGE};
use super::patients::Patient;
use super::practice::Practice;
use super::routes::{V3, split_origin};
use crate::scalar::{Gender, Guid, PlainDate};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    data: Vec<Row<'a>>,
    meta: Meta,
    links: Links,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'a> {
    id: Guid,
    first_name: &'a str,
    last_name: &'a str,
    chart_number: Option<&'a str>,
    date_of_birth: Option<PlainDate>,
    gender: Option<&'static str>,
    creation_date: Option<String>,
    updated_date: Option<String>,
    last_scan_date: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    total: usize,
    count: usize,
    /// On the last page, it is past the end (R112).
    next_offset: usize,
}

/// Relative to the host (R114). The last page has no `Next` and the first no `Prev` (R113).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Links {
    #[serde(rename = "Self")]
    own: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<String>,
}

impl Practice {
    pub(super) fn list_patients(&self, query: &Query) -> Result<Response, Refusal> {
        self.require_patient_updates()?;
        let filter = Filter::parse(query)?;
        let found: Vec<Row<'_>> = self
            .patients
            .iter()
            .enumerate()
            .map(|(at, patient)| (patient, self.last_scan(at)))
            .filter(|(patient, last_scan)| filter.matches(patient, *last_scan))
            .map(|(patient, last_scan)| row(patient, last_scan))
            .collect();

        let (offset, limit, total) = (filter.offset, filter.limit.unwrap_or(LARGEST_PAGE), found.len());
        let data: Vec<_> = found.into_iter().skip(offset).take(limit).collect();
        if data.is_empty() {
            // No match at all and an offset past the last match give the same response (R110).
            return Err(Refusal::not_found("No patient matches."));
        }
        let next_offset = offset.saturating_add(limit);
        let link = |offset: usize| self.search_link(query, offset, limit);
        let links = Links {
            own: link(offset),
            next: (next_offset < total).then(|| link(next_offset)),
            prev: (offset > 0).then(|| link(offset.saturating_sub(limit))),
        };
        let meta = Meta { total, count: data.len(), next_offset };
        Response::json(200, &Page { data, meta, links, status: "Success" })
    }

    /// Returns the URL of this call with all its parameters, at another offset.
    fn search_link(&self, query: &Query, offset: usize, limit: usize) -> String {
        let mut keys = form_urlencoded::Serializer::new(String::new());
        keys.append_pair("Offset", &offset.to_string()).append_pair("Limit", &limit.to_string());
        keys.extend_pairs(query.pairs().iter().filter(|(name, _)| !["Offset", "Limit"].contains(&name.as_str())));
        format!("{}{}patient/search?{}", split_origin(&self.settings.base_url).1, V3, keys.finish())
    }
}

fn row(patient: &Patient, last_scan: Option<Millis>) -> Row<'_> {
    let time = |at: Millis| format!("{}Z", clock::timestamp(at));
    Row {
        id: patient.id,
        first_name: &patient.first_name,
        last_name: &patient.last_name,
        chart_number: patient.chart_number.as_deref(),
        date_of_birth: patient.birth_date,
        gender: patient.gender.map(Gender::word),
        creation_date: patient.created.map(time),
        updated_date: patient.updated.map(time),
        last_scan_date: last_scan.map(time),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{NOW, complete, json, practice, push, search};
    use super::*;
    use serde_json::{Value, json};

    fn page(practice: &mut Practice, query: &str) -> Value {
        let response = search(practice, query);
        assert_eq!(response.status, 200, "{query}");
        json(&response)
    }

    fn values(page: &Value, key: &str) -> Vec<String> {
        page["Data"].as_array().unwrap().iter().map(|row| row[key].as_str().unwrap_or("-").into()).collect()
    }

    fn names(practice: &mut Practice, query: &str) -> Vec<String> {
        values(&page(practice, query), "FirstName")
    }

    #[test]
    fn without_filters_all_patients_are_listed_up_to_100_per_page() {
        let mut practice = practice();
        let all = page(&mut practice, "");
        assert_eq!(all["Status"], "Success");
        assert_eq!(all["Meta"], json!({ "Total": 66, "Count": 66, "NextOffset": 100 }));
        assert_eq!(all["Links"], json!({ "Self": "/dpms/third-party/v3/patient/search?Offset=0&Limit=100" }));
        assert!(
            page(&mut practice, "Limit=66")["Links"].get("Next").is_none(),
            "there is nothing after a full last page"
        );
        for nth in 0..50 {
            practice.patients.push(Patient { id: Guid::from_random(nth), ..practice.patients[0].clone() });
        }
        assert_eq!(page(&mut practice, "")["Meta"], json!({ "Total": 116, "Count": 100, "NextOffset": 100 }));
        assert_eq!(page(&mut practice, "Offset=100")["Meta"], json!({ "Total": 116, "Count": 16, "NextOffset": 200 }));
    }

    #[test]
    fn following_the_next_offset_lists_every_patient_once() {
        let mut practice = practice();
        let (mut ids, mut offset) = (Vec::new(), 0);
        while offset < 66 {
            let page = page(&mut practice, &format!("Offset={offset}&Limit=25"));
            ids.extend(values(&page, "Id"));
            offset = page["Meta"]["NextOffset"].as_u64().unwrap();
        }
        assert_eq!(ids, values(&page(&mut practice, ""), "Id"));
    }

    #[test]
    fn links_keep_all_parameters_and_end_where_the_list_ends() {
        let mut practice = practice();
        let link = |offset| format!("/dpms/third-party/v3/patient/search?Offset={offset}&Limit=2&LastName=*am%25");
        let page = |practice: &mut Practice, offset| {
            page(practice, &format!("LastName=*am%25&Limit=2&Offset={offset}"))["Links"].take()
        };
        assert_eq!(page(&mut practice, 0), json!({ "Self": link(0), "Next": link(2) }));
        assert_eq!(page(&mut practice, 1), json!({ "Self": link(1), "Next": link(3), "Prev": link(0) }));
        assert_eq!(page(&mut practice, 4), json!({ "Self": link(4), "Prev": link(2) }));
        let next = page(&mut practice, 0)["Next"].take();
        let (_, query) = next.as_str().unwrap().split_once('?').unwrap();
        assert_eq!(page(&mut practice, 2)["Self"], next, "a page's own link is the link that led to it");
        assert_eq!(search(&mut practice, query).status, 200);
    }

    #[test]
    fn name_and_chart_number_filters_accept_wildcards_and_combine() {
        let mut practice = practice();
        assert_eq!(names(&mut practice, "FirstName=OLIVIA&LastName=sample"), ["Olivia"]);
        assert_eq!(names(&mut practice, "LastName=*exempl*"), ["Zoë", "François", "Anaïs", "Rémi", "João", "Inês"]);
        assert_eq!(names(&mut practice, "LastName=Muster%25&FirstName=E*"), ["Erika"]);
        assert_eq!(names(&mut practice, "ChartNumber=SB-100%25&FirstName=*o*H"), ["Noah", "Noah"]);
        assert_eq!(names(&mut practice, "ChartNumber=SB-1008").len(), 2);
        assert_eq!(names(&mut practice, "FirstName=%D7%A0%D7%95%D7%A2%D7%94").len(), 2, "right to left");
    }

    #[test]
    fn a_patient_without_a_chart_number_matches_no_chart_number_filter() {
        assert_eq!(page(&mut practice(), "ChartNumber=*")["Meta"]["Total"], 63);
    }

    #[test]
    fn a_date_filter_includes_the_first_day_and_excludes_the_last() {
        let mut practice = practice();
        for (at, patient) in practice.patients.iter_mut().enumerate() {
            // 2025-06-01T00:00:00Z, then a day later for each.
            patient.updated = (at < 3).then_some(1_748_736_000_000 + at as Millis * clock::DAY);
        }
        let first = names(&mut practice, "")[..3].to_vec();
        assert_eq!(names(&mut practice, "UpdatedDateFrom=2025-06-01&UpdatedDateTo=2025-06-03"), first[..2]);
        assert_eq!(names(&mut practice, "UpdatedDateFrom=2025-06-02"), first[1..]);
        assert_eq!(names(&mut practice, "UpdatedDateTo=2025-06-02"), first[..1]);
        practice.patients[0].updated = Some(1_748_736_000_000 - 1);
        assert_eq!(names(&mut practice, "UpdatedDateFrom=2025-06-01"), first[1..]);
    }

    #[test]
    fn the_scan_date_filter_uses_the_last_scan_and_excludes_patients_never_scanned() {
        let mut practice = practice();
        let never = page(&mut practice, "FirstName=*");
        assert_eq!(values(&never, "LastScanDate").iter().filter(|date| *date == "-").count(), 5);
        assert_eq!(page(&mut practice, "LastScanDateTo=2100-01-01")["Meta"]["Total"], 61);
        let rx_id = push(&mut practice, "Ada");
        complete(&mut practice, rx_id, NOW);
        assert_eq!(names(&mut practice, "LastScanDateFrom=2025-06-15"), ["Ada"]);
    }

    #[test]
    fn a_row_has_the_documented_fields_and_genders_as_words() {
        let mut practice = practice();
        let patient = &mut practice.patients[9];
        patient.gender = Some(Gender::Female);
        patient.birth_date = PlainDate::new(1990, 2, 28);
        patient.created = Some(0);
        patient.updated = None;
        let id = patient.id;
        assert_eq!(
            page(&mut practice, "ChartNumber=SB-1009")["Data"],
            json!([{
                "Id": id, "FirstName": "François", "LastName": "d’Exemple", "ChartNumber": "SB-1009",
                "DateOfBirth": "1990-02-28", "Gender": "Female", "CreationDate": "1970-01-01T00:00:00Z",
                "UpdatedDate": null, "LastScanDate": null,
            }])
        );
    }

    #[test]
    fn no_match_or_an_offset_past_the_end_is_404() {
        for query in
            ["FirstName=Nobody", "Offset=66", "UpdatedDateFrom=2100-01-01", "FirstName=Olivia&LastName=Wz%C3%B3r"]
        {
            let response = search(&mut practice(), query);
            assert_eq!(response.status, 404, "{query}");
            assert!(json(&response).get("Data").is_none());
        }
    }

    #[test]
    fn a_wrong_value_is_400_and_the_error_names_the_parameter() {
        let response = search(&mut practice(), "FirstName=Olivia&LastScanDateTo=2024-01-1199&Limit=0");
        assert_eq!(response.status, 400);
        assert_eq!(
            json(&response),
            json!({
                "Status": 2,
                "Message": "Invalid request parameters",
                "Code": "INVALID_REQUEST_PARAMETERS",
                "Errors": [
                    { "Field": "LastScanDateTo", "Message": "The value '2024-01-1199' is not valid for LastScanDateTo." },
                    { "Field": "Limit", "Message": "The value '0' is not valid for Limit." },
                ],
            })
        );
        for query in [
            "Offset=-1",
            "Offset=x",
            "Offset=",
            "Limit=101",
            "Limit=1.5",
            "FirstName=",
            "UpdatedDateFrom=2025-02-30",
            "UpdatedDateTo=2025-06-01T00:00:00Z",
            "LastScanDateFrom=",
            "firstName=Olivia",
            "FirstName=Olivia&FirstName=Noah",
        ] {
            assert_eq!(search(&mut practice(), query).status, 400, "{query}");
        }
    }
}
