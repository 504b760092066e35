//! What the body of a failure explains, where the document promises it.

use super::error::DpmsError;
use super::{DecodedValue, HttpRequest};
use crate::api::endpoint::Explains;
use crate::api::patients::PatientRecord;
use crate::api::refusal::{Refusal, RefusedField};
use crate::schema::decode::{Envelope, decode};
use crate::schema::kind::Kind;
use crate::schema::tape::Tape;
use crate::schema::validator::FieldError;
use crate::schema::value::FromTape;

/// Whether the body of a response with this status is worth reading.
pub(super) fn are_in(explains: Explains, status: u16) -> bool {
    matches!((explains, status), (Explains::Fields, 400) | (Explains::Matches, 409))
}

/// Adds to the error what the response's body explains. A body of another form adds nothing: the status has said enough.
pub(super) fn add(error: &mut DpmsError, request: &HttpRequest, body: &[u8]) {
    match request.endpoint.explains {
        Explains::Nothing => {}
        Explains::Fields => {
            if let Ok(tape) = decode(Envelope::None, &Refusal::KIND, body) {
                error.code = tape.text(Refusal::cell("code")).map(str::to_owned);
                error.field_errors = field_errors(&tape, &request.query);
            }
        }
        Explains::Matches => {
            const PATIENTS: &Kind = &<Vec<PatientRecord>>::KIND;
            if let Ok(tape) = decode(Envelope::None, PATIENTS, body) {
                error.matches = Some(DecodedValue::new(tape, PATIENTS));
            }
        }
    }
}

fn field_errors(tape: &Tape, sent: &[(String, String)]) -> Vec<FieldError> {
    let rows = tape.rows(Refusal::cell("errors"));
    let field = |row: usize| {
        let text = |field| tape.text(row + RefusedField::cell(field)).unwrap_or_default();
        FieldError { field: argument(text("field")), message: without_values(text("message"), sent) }
    };
    rows.into_iter().map(field).collect()
}

/// The argument that a key of the query comes from.
fn argument(key: &str) -> String {
    let mut argument = key.to_owned();
    if let Some(first) = argument.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    argument
}

/// The API quotes what it refuses, and that may be a patient's name.
fn without_values(message: &str, sent: &[(String, String)]) -> String {
    let mut message = message.to_owned();
    for (_, value) in sent.iter().filter(|(_, value)| !value.is_empty()) {
        message = replaced(&message, value);
    }
    message
}

/// The text with an ellipsis in every place of `value`. The standard library's search is quicker, and weighs 2 KB.
fn replaced(text: &str, value: &str) -> String {
    let mut result = String::new();
    let mut rest = text.chars();
    loop {
        if let Some(after) = rest.as_str().strip_prefix(value) {
            result.push('…');
            rest = after.chars();
        } else if let Some(character) = rest.next() {
            result.push(character);
        } else {
            return result;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_that_was_sent_is_in_a_message() {
        let sent = ["Ann", "", "O'Neil", "é"].map(|value| (String::new(), value.to_owned()));
        assert_eq!(without_values("'Ann' or AnnAnn O'Neil: é", &sent), "'…' or …… …: …");
        assert_eq!(without_values("An", &sent), "An");
    }
}
