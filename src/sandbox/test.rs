//! Helpers for the tests of all calls.

use super::*;
use crate::scalar::Guid;

/// 2025-06-15T12:00:00Z
pub const NOW: Millis = 1_749_988_800_000;

pub const UNKNOWN: &str = "a09292aa-8b06-45f9-a73c-350538bb32f3";

pub const BASE: &str = "https://sandbox.invalid/dpms";

pub fn settings() -> Settings {
    Settings {
        base_url: BASE.into(),
        any_origin: false,
        callback_origins: None,
        access_token: Some("token".into()),
        generation_ms: 1500,
        patient_updates: true,
    }
}

pub fn practice() -> Practice {
    Practice::new(settings(), 1, NOW)
}

/// Returns a practice whose patients the integration may not manage.
pub fn practice_without_updates() -> Practice {
    Practice::new(Settings { patient_updates: false, ..settings() }, 1, NOW)
}

pub fn request(practice: &mut Practice, method: &str, url: &str, body: &[u8], now: Millis) -> Response {
    practice.handle(&Request { method, url, authorization: Some("Bearer token"), body }, now)
}

fn v2(practice: &mut Practice, method: &str, path: &str, body: &[u8], now: Millis) -> Response {
    request(practice, method, &format!("{BASE}/api/third-party/v2{path}"), body, now)
}

pub fn get(practice: &mut Practice, path: &str, now: Millis) -> Response {
    v2(practice, "GET", path, b"", now)
}

pub fn post(practice: &mut Practice, path: &str, body: &[u8], now: Millis) -> Response {
    v2(practice, "POST", path, body, now)
}

pub fn patch(practice: &mut Practice, path: &str, body: &serde_json::Value, now: Millis) -> Response {
    v2(practice, "PATCH", path, body.to_string().as_bytes(), now)
}

pub fn delete(practice: &mut Practice, path: &str) -> Response {
    v2(practice, "DELETE", path, b"", NOW)
}

/// Calls Patient Search - V3.
pub fn search(practice: &mut Practice, query: &str) -> Response {
    request(practice, "GET", &format!("{BASE}/third-party/v3/patient/search?{query}"), b"", NOW)
}

/// Calls a control operation of the sandbox over HTTP.
pub fn control(practice: &mut Practice, operation: &str, body: &serde_json::Value) -> Response {
    request(practice, "POST", &format!("{BASE}/sandbox/{operation}"), body.to_string().as_bytes(), NOW)
}

pub fn json(response: &Response) -> serde_json::Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// Returns the body of a valid scan request.
pub fn rx() -> serde_json::Value {
    serde_json::json!({
        "CompanyId": 90360, "DoctorId": 5202, "PatientFirstName": "Ada", "PatientLastName": "Beispiel",
        "PatientChartNumber": "T-1",
    })
}

/// Returns the same with one value changed.
pub fn rx_with(key: &str, value: serde_json::Value) -> serde_json::Value {
    let mut body = rx();
    body[key] = value;
    body
}

/// Pushes an RX and returns the response's status.
pub fn push_status(practice: &mut Practice, body: &serde_json::Value) -> u16 {
    post(practice, "/scan-request", body.to_string().as_bytes(), NOW).status
}

/// Pushes an RX for a patient with this first name and returns its id.
pub fn push(practice: &mut Practice, first_name: &str) -> Guid {
    let mut body = rx();
    body["PatientFirstName"] = first_name.into();
    body["procedureMapId"] = 30.into();
    let response = post(practice, "/scan-request", body.to_string().as_bytes(), NOW);
    json(&response)["Data"].as_str().unwrap().parse().unwrap()
}

pub fn complete(practice: &mut Practice, rx_id: Guid, now: Millis) -> u32 {
    practice.complete_scan(rx_id, now).unwrap()
}

/// Returns the names and contents of the files in a zip.
pub fn entries(response: &Response) -> Vec<(String, Vec<u8>)> {
    use std::io::{Cursor, Read};
    let mut archive = zip::ZipArchive::new(Cursor::new(&response.body)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}
