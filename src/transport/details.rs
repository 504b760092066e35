//! What the body of a failure explains, where the document promises it.

use super::{Call, Details, platform};
use crate::error::{DpmsError, FieldError};
use crate::js::tape::build;
use crate::wire::decode::{Envelope, decode};
use crate::wire::model::{Kind, Value};
use crate::wire::patients::PatientRecord;
use crate::wire::refusal::{Refusal, RefusedField};
use crate::wire::tape::Tape;

impl Details {
    /// Whether the body of an answer with this status is worth reading.
    pub(super) fn come_with(self, status: u16) -> bool {
        matches!((self, status), (Self::Fields, 400) | (Self::Matches, 409))
    }
}

/// Adds to the error what its answer's body explains. A body of another form adds nothing: the status has said enough.
pub(super) fn add(error: &mut DpmsError, call: &Call, body: &[u8]) {
    match call.details {
        Details::Nothing => {}
        Details::Fields => {
            if let Ok(tape) = decode(Envelope::None, &Refusal::KIND, body) {
                error.code = tape.text(Refusal::cell("code")).map(str::to_owned);
                error.field_errors = field_errors(&tape, &call.query);
            }
        }
        Details::Matches => {
            const PATIENTS: Kind = <Vec<PatientRecord>>::KIND;
            if let Ok(tape) = decode(Envelope::None, &PATIENTS, body) {
                error.matches = build(&tape, &PATIENTS, 0);
            }
        }
    }
}

fn field_errors(tape: &Tape, sent: &[(&str, String)]) -> Vec<FieldError> {
    let rows = tape.rows(Refusal::cell("errors"));
    let field = |row: usize| {
        let text = |field| tape.text(row + RefusedField::cell(field)).unwrap_or_default();
        FieldError { field: argument(text("field")), message: without_values(text("message"), sent) }
    };
    rows.into_iter().map(field).collect()
}

/// The argument that a key of the query comes from.
fn argument(key: &str) -> String {
    let mut characters = key.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}

/// The API quotes what it refuses, and that may be a patient's name.
fn without_values(message: &str, sent: &[(&str, String)]) -> String {
    let mut message = message.to_owned();
    for (_, value) in sent.iter().filter(|(_, value)| !value.is_empty()) {
        message = platform::replaced(&message, value);
    }
    message
}
