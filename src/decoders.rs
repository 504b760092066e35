//! Every decoder by its name, for tests that feed them all.
#![cfg(any(test, not(target_arch = "wasm32")))]

use crate::api::callback::Notification;
use crate::api::orders::{Order, OrdersFilter, OrdersPage};
use crate::api::pairing::Pairing;
use crate::api::patients::{PatientMatch, PatientRecord, PatientsPage};
use crate::api::practice_configuration::PracticeConfiguration;
use crate::api::refusal::Refusal;
use crate::api::screen_captures::ScreenCaptures;
#[cfg(test)]
use crate::engine::poll::OrderChange;
use crate::scalar::Guid;
use crate::schema::decode::{DecodeError, Envelope, decode};
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;
use crate::schema::value::FromTape;

/// What JavaScript can get as a whole, for which `builders.js` has builders.
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

/// Reads a body and gives the JSON of what JavaScript would get.
pub type Decoder = fn(&[u8]) -> Result<String, DecodeError>;

/// Every decoder by its name.
pub const DECODERS: &[(&str, Decoder)] = &[
    ("practice-configuration", |body| json(Envelope::V2, &PracticeConfiguration::KIND, body, |_| {})),
    ("rx-id", |body| json(Envelope::V2, &Guid::KIND, body, |_| {})),
    ("orders-page", |body| {
        json(Envelope::V2, &OrdersPage::KIND, body, |tape| OrdersPage::complete(tape, &OrdersFilter::default().at(0)))
    }),
    ("order", |body| json(Envelope::V2, &Order::KIND, body, |_| {})),
    ("screen-captures", |body| {
        json(Envelope::V2, &ScreenCaptures::KIND, body, |tape| ScreenCaptures::arrange(tape, Some("2025-01-01")))
    }),
    ("patient-matches", |body| json(Envelope::None, &<Vec<PatientMatch>>::KIND, body, |_| {})),
    ("patients-page", |body| json(Envelope::V3, &PatientsPage::KIND, body, |tape| PatientsPage::complete(tape, 0))),
    ("patient-record", |body| json(Envelope::None, &PatientRecord::KIND, body, |_| {})),
    ("patient-records", |body| json(Envelope::None, &<Vec<PatientRecord>>::KIND, body, |_| {})),
    ("refusal", |body| json(Envelope::None, &Refusal::KIND, body, |_| {})),
    ("pairing", |body| json(Envelope::V2, &Pairing::KIND, body, |_| {})),
    ("orders-cursor", |body| json(Envelope::None, &crate::engine::cursor::OrdersCursor::KIND, body, |_| {})),
    ("notification", |body| json(Envelope::None, &Notification::KIND, body, |_| {})),
    ("any", |body| crate::schema::decode::json(body).map(|text| text.unwrap_or("null").to_owned())),
];

fn json(envelope: Envelope, kind: &Kind, body: &[u8], complete: fn(&mut Tape)) -> Result<String, DecodeError> {
    let mut tape = decode(envelope, kind, body)?;
    complete(&mut tape);
    Ok(tape.json(kind, 0).to_string())
}
