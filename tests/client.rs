//! Tests the client with the platform's own Request, Response, streams and AbortSignal, in Node and in a browser. The
//! JavaScript part of the scenarios is in `platform.js`.
#![cfg(target_arch = "wasm32")]

use itero_dpms::client::create_client;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/tests/platform.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn run(
        create_client: &Closure<dyn Fn(JsValue) -> Result<JsValue, JsValue>>,
        steps: &str,
        scenario: &str,
    ) -> Result<JsValue, JsValue>;
}

/// Runs a scenario. Each request gets the next step's response; the last one is repeated.
async fn outcome(scenario: &str, steps: Value) -> Value {
    let create = Closure::new(|options: JsValue| create_client(&options).map(JsValue::from));
    let json = run(&create, &steps.to_string(), scenario).await.expect("the scenario runs");
    serde_json::from_str(&json.as_string().expect("a string")).expect("JSON")
}

fn order(order_id: u32) -> Value {
    json!({ "RxId": format!("A09292AA-8B06-45F9-A73C-{order_id:012}"), "OrderId": order_id })
}

fn success(data: Value) -> Value {
    json!({ "body": json!({ "Data": data, "Status": 1 }).to_string() })
}

fn page(orders: &[u32], has_more: bool) -> Value {
    let rows: Vec<_> = orders.iter().map(|id| order(*id)).collect();
    success(json!({ "Results": rows, "HasMore": has_more }))
}

#[wasm_bindgen_test]
async fn a_call_is_sent_as_documented_and_its_response_is_normalised() {
    let got = outcome("order", json!([success(order(17))])).await;
    assert_eq!(got["method"], "GET");
    assert_eq!(got["url"], "https://dpms.example/api/third-party/v2/orders/a09292aa-8b06-45f9-a73c-350538bb32f3");
    assert_eq!(got["authorization"], "Bearer token-1");
    assert_eq!(got["order"]["rxId"], "a09292aa-8b06-45f9-a73c-000000000017");
    assert_eq!(got["order"]["notes"], Value::Null);
    assert_eq!(got["order"]["preps"], json!([]));
}

#[wasm_bindgen_test]
async fn a_failing_server_and_a_failing_network_are_tried_three_times() {
    let steps = json!([{ "status": 503 }, { "fails": "no route" }, success(order(1))]);
    assert_eq!(outcome("failure", steps).await, json!({ "kind": "resolved" }));
    let got = outcome("failure", json!([{ "status": 503 }])).await;
    assert_eq!(got, json!({ "kind": "server", "status": 503, "attempts": 3 }));
    let got = outcome("failure", json!([{ "fails": "no route" }])).await;
    assert_eq!(got, json!({ "kind": "network", "status": null, "attempts": 3 }));
}

#[wasm_bindgen_test]
async fn a_call_that_the_api_refuses_is_not_retried() {
    for (status, kind) in [(400, "bad-request"), (403, "unauthorized"), (404, "not-found"), (409, "conflict")] {
        let got = outcome("failure", json!([{ "status": status }])).await;
        assert_eq!(got, json!({ "kind": kind, "status": status, "attempts": 1 }));
    }
}

#[wasm_bindgen_test]
async fn a_web_page_is_a_decode_error_and_a_cut_body_a_truncated_error() {
    let html = json!([{ "body": "<!doctype html>" }]);
    assert_eq!(outcome("failure", html).await["kind"], "decode");
    let short = json!([{ "body": "{\"Data\":", "headers": { "content-length": "500" } }]);
    assert_eq!(outcome("failure", short).await["kind"], "truncated");
    let reset = json!([{ "body": ["{\"Data\":", null] }]);
    assert_eq!(outcome("failure", reset).await["kind"], "truncated");
}

#[wasm_bindgen_test]
async fn three_refused_calls_share_one_refresh_and_are_repeated_once() {
    let refused = json!({ "status": 401 });
    let got = outcome("refreshing", json!([refused, refused, refused, success(order(1))])).await;
    assert_eq!(got["refreshes"], 1);
    assert_eq!(got["kinds"], json!(["resolved", "resolved", "resolved"]));
    let (old, new) = ("Bearer token-1", "Bearer token-1-1");
    assert_eq!(got["tokens"], json!([old, old, old, new, new, new]));
}

#[wasm_bindgen_test]
async fn a_second_refusal_is_unauthorized() {
    let got = outcome("refreshing", json!([{ "status": 401 }])).await;
    assert_eq!(got["refreshes"], 1);
    assert_eq!(got["kinds"], json!(["unauthorized", "unauthorized", "unauthorized"]));
    assert_eq!(got["tokens"].as_array().map(Vec::len), Some(6));
}

#[wasm_bindgen_test]
async fn an_abort_rejects_with_the_signals_own_reason_even_if_it_is_not_an_error() {
    assert_eq!(outcome("abortedWithAString", json!([{ "hangs": true }])).await, "the caller's reason");
    assert_eq!(outcome("abortedInTheBody", json!([{ "body": ["first", 0] }])).await, "enough");
}

#[wasm_bindgen_test]
async fn silence_before_the_headers_or_within_a_body_is_a_timeout() {
    assert_eq!(outcome("silence", json!([{ "hangs": true }])).await["kind"], "timeout");
    assert_eq!(outcome("silence", json!([{ "body": ["{", 0] }])).await["kind"], "timeout");
}

#[wasm_bindgen_test]
async fn orders_advances_by_the_rows_received_and_drops_repeated_rows() {
    let steps = json!([page(&[1, 2], true), page(&[2], true), page(&[3, 4], false)]);
    let got = outcome("everyOrder", steps).await;
    assert_eq!(got, json!({ "rows": [1, 2, 3, 4], "offsets": ["0", "2", "3"] }));
}

#[wasm_bindgen_test]
async fn an_empty_page_that_promises_more_ends_the_list() {
    let got = outcome("everyOrder", json!([page(&[1], true), page(&[], true)])).await;
    assert_eq!(got, json!({ "rows": [1], "offsets": ["0", "1"] }));
}

#[wasm_bindgen_test]
async fn a_download_reports_its_progress() {
    let step = json!({ "body": ["four", "five5"], "headers": { "content-length": "9" } });
    let got = outcome("download", json!([step])).await;
    let progress = |state: &str, bytes: u32| json!({ "state": state, "receivedBytes": bytes, "totalBytes": 9 });
    assert_eq!(got["text"], 9);
    assert_eq!(
        got["progress"],
        json!([
            progress("downloading", 0),
            progress("downloading", 4),
            progress("downloading", 9),
            progress("done", 9)
        ])
    );
}

#[wasm_bindgen_test]
async fn a_download_that_is_cut_or_reset_rejects() {
    let cut = json!({ "body": ["four"], "headers": { "content-length": "9" } });
    assert_eq!(outcome("download", json!([cut])).await["text"]["kind"], "truncated");
    let reset = json!({ "body": ["four", null] });
    assert_eq!(outcome("download", json!([reset])).await["text"]["kind"], "truncated");
}

#[wasm_bindgen_test]
async fn no_content_is_null() {
    assert_eq!(outcome("download", json!([{ "status": 204 }])).await["text"], Value::Null);
}

#[wasm_bindgen_test]
async fn every_bad_argument_is_named_and_nothing_is_sent() {
    let got = outcome("badArguments", json!([success(order(1))])).await;
    assert_eq!(
        got,
        json!([
            ["doctorId", "patientFirstName", "patientLastName", "patientChartNumber", "dateOfBirth", "extra"],
            ["pageSize"],
            ["rxId"],
            ["endpoints.baseUrl", "accessToken", "retry.attempts"],
            0
        ])
    );
}

// ---- every endpoint ----------------------------------------------------------------------------------------------

const RX: &str = "a09292aa-8b06-45f9-a73c-350538bb32f3";

fn plain(body: Value) -> Value {
    json!({ "body": body.to_string() })
}

/// Returns a patient's GUID that ends with this digit.
fn guid(digit: u8) -> String {
    format!("7c1e9d52-3b4a-4f60-9a8b-00000000000{digit}")
}

fn patients(digits: &[u8], total: u32) -> Value {
    let rows: Vec<_> = digits.iter().map(|digit| json!({ "Id": guid(*digit) })).collect();
    plain(json!({ "Data": rows, "Meta": { "Total": total, "Count": digits.len() }, "Status": "Success" }))
}

fn order_with(order_id: u32, status: &str) -> Value {
    let mut order = order(order_id);
    order["Status"] = status.into();
    success(json!({ "Results": [order], "HasMore": false }))
}

#[wasm_bindgen_test]
async fn every_call_is_sent_as_documented() {
    let steps = json!([
        success(json!({ "CompanyId": 1 })),
        success(RX.into()),
        success(RX.into()),
        page(&[], false),
        success(order(1)),
        { "status": 204 },
        success(json!({ "OrderFileUrls": [] })),
        { "body": "jpeg" },
        plain(json!([])),
        patients(&[], 0),
        plain(json!({ "UID": RX })),
        { "body": "" },
        { "body": "" },
    ]);
    let v2 = |line: &str| line.replacen("V2", "/api/third-party/v2", 1).replacen("RX", RX, 1);
    let expected = [
        "GET V2/practice-configuration",
        "POST V2/scan-request {\"CompanyId\":1,\"DoctorId\":2,\"PatientFirstName\":\"Zoë\",\"PatientLastName\":\"B\",\
         \"PatientChartNumber\":\"C\",\"Gender\":\"Female\",\"DateOfBirth\":\"2024-02-29\"}",
        "DELETE V2/scan-request/RX",
        "GET V2/orders/practice?Offset=0&pageSize=100&chartNumber=C+1%262",
        "GET V2/orders/RX",
        "GET V2/order/7/download/IMAGE_GALLERY",
        "GET V2/latest-files?dateFrom=2025-01-01",
        "GET V2/order/7/download/SCREEN_CAPTURE/a%2Fb%20c",
        "GET V2/patient/search?firstName=&lastName=&chartNumber=C+1%262",
        "GET /third-party/v3/patient/search?Offset=20&Limit=10&LastName=B*&UpdatedDateFrom=2025-01-01",
        "PATCH V2/patients {\"PatientId\":\"RX\",\"LastName\":\"New\"}",
        "PATCH V2/patient/by-chart-number {\"ChartNumber\":\"C\",\"DateOfBirth\":\"2024-02-29\",\"Gender\":\"Male\"}",
        "POST /third-party/v3/any/thing?a=1 [true]",
    ];
    assert_eq!(outcome("everyCall", steps).await, json!(expected.map(v2)));
}

#[wasm_bindgen_test]
async fn a_delete_returns_the_rx_id_even_if_it_was_repeated() {
    let deleted = success(RX.to_uppercase().into());
    assert_eq!(outcome("deleted", json!([deleted])).await, json!({ "outcome": RX, "attempts": 1 }));
    let lost = json!([{ "fails": "reset" }, { "status": 400 }]);
    assert_eq!(outcome("deleted", lost).await, json!({ "outcome": RX, "attempts": 2 }));
    let unknown = json!([{ "status": 400 }]);
    assert_eq!(outcome("deleted", unknown).await, json!({ "outcome": "bad-request", "attempts": 1 }));
}

#[wasm_bindgen_test]
async fn polls_report_a_new_order_and_its_new_status_once() {
    let steps = json!([order_with(1, "Scanning"), order_with(1, "Completed"), order_with(1, "Completed")]);
    let expected = json!([[["new", 1, null, "Scanning"]], [["status", 1, "Scanning", "Completed"]], []]);
    assert_eq!(outcome("polled", steps).await, expected);
}

#[wasm_bindgen_test]
async fn screen_captures_are_sorted_filtered_and_named_by_their_links() {
    let capture = |id: &str, time: &str| json!({ "FileUrl": format!("https://f.example/{id}?x"), "CreatedDate": time });
    let of =
        |order_id: &str, captures: &[Value]| json!({ "OrderId": order_id, "Urls": { "SCREEN_CAPTURE": captures } });
    let old = capture("old", "2025-01-01T23:59:59.999Z");
    let steps = json!([success(json!({
        "Since": "2024-12-25T00:00:00Z",
        "CompanyId": "9001",
        "OrderFileUrls": [
            of("10", &[capture("b%20c", "2025-01-03T00:00:00.000Z"), capture("a", "2025-01-02T00:00:00.000Z"), old]),
            of("9", &[capture("z", "2025-01-04T00:00:00.000Z")]),
        ],
    }))]);
    let got = outcome("captures", steps).await;
    assert_eq!(got["companyId"], 9001);
    assert_eq!(got["since"], "2024-12-25T00:00:00Z");
    let ids = |row: &Value| {
        let captures = row["captures"].as_array().expect("captures");
        json!([row["orderId"], captures.iter().map(|capture| capture["captureId"].clone()).collect::<Vec<_>>()])
    };
    let orders = got["orders"].as_array().expect("orders");
    assert_eq!(json!(orders.iter().map(ids).collect::<Vec<_>>()), json!([[9, ["z"]], [10, ["a", "b c"]]]));
}

#[wasm_bindgen_test]
async fn a_screen_capture_is_a_response_that_streams() {
    assert_eq!(outcome("capture", json!([{ "body": ["jp", "eg"] }])).await, "jpeg");
}

#[wasm_bindgen_test]
async fn a_patient_match_is_normalised() {
    let row = json!({ "UniqueId": guid(1).to_uppercase(), "Gender": 0, "DateOfBirth": "1990-02-28T23:00:00-08:00" });
    let matches = outcome("search", json!([plain(json!([row]))])).await;
    assert_eq!(
        matches,
        json!([{
            "patientId": guid(1), "firstName": null, "lastName": null, "chartNumber": null,
            "dateOfBirth": "1990-02-28", "gender": "male",
        }])
    );
    assert_eq!(outcome("search", json!([plain(json!([]))])).await, json!([]));
}

#[wasm_bindgen_test]
async fn patients_advances_by_the_rows_received_and_drops_repeated_rows() {
    let steps = json!([patients(&[1, 2], 5), patients(&[2, 3], 5), patients(&[4], 5)]);
    let got = outcome("everyPatient", steps).await;
    assert_eq!(got, json!({ "rows": ["1", "2", "3", "4"], "offsets": ["0", "2", "4"] }));
}

#[wasm_bindgen_test]
async fn a_404_without_patients_is_an_empty_page() {
    let none = json!({ "patients": [], "total": 0, "count": 0, "offset": 0, "nextOffset": null });
    assert_eq!(outcome("patientsPage", json!([{ "status": 404 }])).await, none);
    assert_eq!(outcome("everyPatient", json!([{ "status": 404 }])).await["rows"], json!([]));
}

#[wasm_bindgen_test]
async fn a_refused_filter_is_named_without_its_value() {
    let errors = json!([{ "Field": "LastName", "Message": "'Secret' cannot be searched." }]);
    let body = json!({ "Status": 2, "Message": "no", "Code": "INVALID_REQUEST_PARAMETERS", "Errors": errors });
    let got = outcome("refusedFilter", json!([{ "status": 400, "body": body.to_string() }])).await;
    assert_eq!(got["kind"], "bad-request");
    assert_eq!(got["code"], "INVALID_REQUEST_PARAMETERS");
    assert_eq!(got["fieldErrors"][0]["field"], "lastName");
    assert!(!got.to_string().contains("Secret"), "{got}");
}

#[wasm_bindgen_test]
async fn an_update_returns_the_record_and_a_conflict_the_matching_records() {
    let record = |digit: u8| json!({ "UID": guid(digit), "Id": 7, "Gender": 1, "LastName": "Secret", "MI": "Q" });
    let got = outcome("updated", json!([plain(record(1))])).await;
    assert_eq!(
        [&got["patientId"], &got["recordId"], &got["gender"], &got["mi"], &got["zipCode"]],
        [&json!(guid(1)), &json!(7), &json!("female"), &json!("Q"), &Value::Null]
    );
    let both = json!([record(1), record(2)]).to_string();
    let got = outcome("conflicting", json!([{ "status": 409, "body": both }])).await;
    assert_eq!(got["kind"], "conflict");
    assert_eq!(got["matches"], json!([guid(1), guid(2)]));
    assert!(!got["json"].to_string().contains("Secret"), "{got}");
}

#[wasm_bindgen_test]
async fn a_raw_request_returns_the_json_unchanged() {
    let body = json!({ "Data": { "Any": [1.5, "ü", null] }, "Status": 0 });
    assert_eq!(outcome("raw", json!([plain(body.clone())])).await, body);
    assert_eq!(outcome("raw", json!([{ "status": 204 }])).await, Value::Null);
}

#[wasm_bindgen_test]
async fn every_bad_argument_of_the_patient_calls_is_named_and_nothing_is_sent() {
    assert_eq!(
        outcome("badPatientArguments", json!([success(RX.into())])).await,
        json!([
            ["rxId"],
            ["dateFrom"],
            ["captureId"],
            ["chartNumber"],
            ["limit", "lastScanDateTo"],
            ["patientId", "lastName"],
            ["gender"],
            ["cursor.version"],
            ["method"],
            0
        ])
    );
}
