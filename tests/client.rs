//! The client through the real transport, on the platform's own Request, Response, streams and AbortSignal: run in Node and
//! in a browser. The scenarios' platform side is `platform.js`.
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

/// Runs a scenario against answers, one a request; the last is repeated.
async fn outcome(scenario: &str, steps: Value) -> Value {
    let create = Closure::new(|options: JsValue| create_client(options.unchecked_into()).map(JsValue::from));
    let json = run(&create, &steps.to_string(), scenario).await.expect("the scenario runs");
    serde_json::from_str(&json.as_string().expect("it gives JSON")).expect("which is well-formed")
}

fn order(order_id: u32) -> Value {
    json!({ "RxId": format!("A09292AA-8B06-45F9-A73C-{order_id:012}"), "OrderId": order_id })
}

fn answer(data: Value) -> Value {
    json!({ "body": json!({ "Data": data, "Status": 1 }).to_string() })
}

fn page(orders: &[u32], has_more: bool) -> Value {
    let rows: Vec<_> = orders.iter().map(|id| order(*id)).collect();
    answer(json!({ "Results": rows, "HasMore": has_more }))
}

#[wasm_bindgen_test]
async fn a_call_is_sent_as_documented_and_its_answer_is_normalised() {
    let got = outcome("order", json!([answer(order(17))])).await;
    assert_eq!(got["method"], "GET");
    assert_eq!(got["url"], "https://dpms.example/api/third-party/v2/orders/a09292aa-8b06-45f9-a73c-350538bb32f3");
    assert_eq!(got["authorization"], "Bearer token-1");
    assert_eq!(got["order"]["rxId"], "a09292aa-8b06-45f9-a73c-000000000017");
    assert_eq!(got["order"]["notes"], Value::Null);
    assert_eq!(got["order"]["preps"], json!([]));
}

#[wasm_bindgen_test]
async fn a_failing_server_and_a_failing_network_are_tried_three_times() {
    let steps = json!([{ "status": 503 }, { "fails": "no route" }, answer(order(1))]);
    assert_eq!(outcome("failure", steps).await, json!({ "kind": "resolved" }));
    let got = outcome("failure", json!([{ "status": 503 }])).await;
    assert_eq!(got, json!({ "kind": "server", "status": 503, "attempts": 3 }));
    let got = outcome("failure", json!([{ "fails": "no route" }])).await;
    assert_eq!(got, json!({ "kind": "network", "status": null, "attempts": 3 }));
}

#[wasm_bindgen_test]
async fn what_the_api_refuses_is_not_tried_again() {
    for (status, kind) in [(400, "bad-request"), (403, "unauthorized"), (404, "not-found"), (409, "conflict")] {
        let got = outcome("failure", json!([{ "status": status }])).await;
        assert_eq!(got, json!({ "kind": kind, "status": status, "attempts": 1 }));
    }
}

#[wasm_bindgen_test]
async fn a_web_page_is_decode_and_a_cut_body_is_truncated() {
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
    let got = outcome("refreshing", json!([refused, refused, refused, answer(order(1))])).await;
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
async fn an_abort_rejects_with_the_signals_own_reason_though_it_is_no_error() {
    assert_eq!(outcome("abortedWithAText", json!([{ "hangs": true }])).await, "the caller's reason");
    assert_eq!(outcome("abortedInTheBody", json!([{ "body": ["first", 0] }])).await, "enough");
}

#[wasm_bindgen_test]
async fn silence_before_the_headers_and_within_a_body_is_timeout() {
    assert_eq!(outcome("silence", json!([{ "hangs": true }])).await["kind"], "timeout");
    assert_eq!(outcome("silence", json!([{ "body": ["{", 0] }])).await["kind"], "timeout");
}

#[wasm_bindgen_test]
async fn orders_advance_by_the_rows_received_and_drop_what_comes_again() {
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
async fn a_download_tells_its_progress() {
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
async fn a_download_that_is_cut_or_reset_never_ends_quietly() {
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
    let got = outcome("badArguments", json!([answer(order(1))])).await;
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
