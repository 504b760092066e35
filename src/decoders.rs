//! All decoders by name, for tests that run every one of them.
#![cfg(any(test, not(target_arch = "wasm32")))]

use serde::Serialize;
use serde_json::Value;

use crate::api::callback::Notification;
use crate::api::orders::{Order, OrdersFilter, OrdersPage};
use crate::api::pairing::Pairing;
use crate::api::patients::{PatientMatch, PatientRecord, PatientsPage};
use crate::api::practice_configuration::PracticeConfiguration;
use crate::api::refusal::Refusal;
use crate::api::screen_captures::ScreenCaptures;
use crate::engine::cursor::OrdersCursor;
#[cfg(test)]
use crate::engine::poll::OrderChange;
use crate::scalar::Guid;
use crate::schema::decode::{DecodeError, Envelope, decode};
#[cfg(test)]
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;
use crate::schema::value::FromTape;

/// The kinds of values that JavaScript can receive, for which `builders.js` has builders.
#[cfg(all(test, feature = "client"))]
pub(crate) const ROOTS: &[Kind] = &[
    PracticeConfiguration::KIND,
    OrdersPage::KIND,
    ScreenCaptures::KIND,
    PatientMatch::KIND,
    PatientsPage::KIND,
    PatientRecord::KIND,
    Pairing::KIND,
    OrderChange::KIND,
];

/// Reads a body and returns the JSON of the value that JavaScript would get.
pub type Decoder = fn(&[u8]) -> Result<String, DecodeError>;

/// All decoders by name.
pub const DECODERS: &[(&str, Decoder)] = &[
    ("practice-configuration", |body| json::<PracticeConfiguration>(Envelope::V2, body, |_| {})),
    ("rx-id", |body| json::<Guid>(Envelope::V2, body, |_| {})),
    ("orders-page", |body| {
        json::<OrdersPage>(Envelope::V2, body, |tape| OrdersPage::complete(tape, &OrdersFilter::default().at(0)))
    }),
    ("order", |body| json::<Order>(Envelope::V2, body, |_| {})),
    ("screen-captures", |body| {
        json::<ScreenCaptures>(Envelope::V2, body, |tape| ScreenCaptures::arrange(tape, Some("2025-01-01")))
    }),
    ("patient-matches", |body| json::<Vec<PatientMatch>>(Envelope::None, body, |_| {})),
    ("patients-page", |body| json::<PatientsPage>(Envelope::V3, body, |tape| PatientsPage::complete(tape, 0))),
    ("patient-record", |body| json::<PatientRecord>(Envelope::None, body, |_| {})),
    ("patient-records", |body| json::<Vec<PatientRecord>>(Envelope::None, body, |_| {})),
    ("refusal", |body| json::<Refusal>(Envelope::None, body, |_| {})),
    ("pairing", |body| json::<Pairing>(Envelope::V2, body, |_| {})),
    ("orders-cursor", |body| json::<OrdersCursor>(Envelope::None, body, |_| {})),
    ("notification", |body| json::<Notification>(Envelope::None, body, |_| {})),
    ("any", |body| crate::schema::decode::json(body, 1 << 20).map(|text| text.unwrap_or("null").to_owned())),
];

/// Decodes a body in both ways, by the table as JavaScript's builders do, and into the Rust value. The two must agree on every
/// input.
fn json<T: FromTape + Serialize>(
    envelope: Envelope,
    body: &[u8],
    complete: fn(&mut Tape),
) -> Result<String, DecodeError> {
    let mut tape = decode(envelope, &T::KIND, body)?;
    complete(&mut tape);
    let built = tape.json(&T::KIND, 0);
    let value = T::from_tape(&tape, 0).expect("what was decoded has a value");
    let serialized = serde_json::to_value(value).expect("a model is JSON");
    assert_eq!(whole(serialized), whole(built.clone()), "the Rust value is not what JavaScript gets");
    Ok(built.to_string())
}

/// Returns JSON as JavaScript sees it: 1.0 is 1.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            let is_whole = float.fract() == 0.0 && float.abs() < (1u64 << 53) as f64;
            if is_whole { (float as i64).into() } else { Value::Number(number) }
        }
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, whole(value))).collect(),
        other => other,
    }
}
