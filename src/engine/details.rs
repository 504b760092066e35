//! What the body of a failure explains, where the document promises it.

use std::iter::successors;

use super::error::DpmsError;
use super::{DecodedValue, HttpRequest};
use crate::api::endpoint::Explains;
use crate::api::patients::PatientRecord;
use crate::api::refusal::{Refusal, RefusedField};
use crate::schema::decode::{Envelope, decode};
use crate::schema::kind::Kind;
use crate::schema::request::{Shape, ShapeField};
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
                error.code = tape.text(Refusal::cell("code")).filter(|code| is_code(code)).map(str::to_owned);
                error.field_errors = field_errors(&tape, request.endpoint.takes.as_ref());
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

/// The arguments that the API names, each once. The words are ours: the API's quote what it refuses, in its own spelling, and
/// that may be a patient's name.
fn field_errors(tape: &Tape, takes: Option<&'static Shape>) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = Vec::new();
    for row in tape.rows(Refusal::cell("errors")) {
        let key = tape.text(row + RefusedField::cell("field")).unwrap_or_default();
        if let Some(field) = field_of(key, takes)
            && errors.iter().all(|error| error.field != field.name)
        {
            let message = ["was refused by the API; it must be ", field.allowed].concat();
            errors.push(FieldError { field: field.name.to_owned(), message });
        }
    }
    errors
}

/// The field that is sent under a key.
fn field_of(key: &str, takes: Option<&'static Shape>) -> Option<&'static ShapeField> {
    let mut fields = successors(takes, |shape| shape.base).flat_map(|shape| shape.fields);
    fields.find(|field| !key.is_empty() && field.key.eq_ignore_ascii_case(key))
}

/// Whether a code can hold no value that was sent.
fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::patients::LIST;
    use crate::engine::error::ErrorKind;

    fn explained(body: &str) -> DpmsError {
        let mut error = DpmsError::new(ErrorKind::BadRequest, "");
        add(&mut error, &HttpRequest::new(&LIST, String::new()), body.as_bytes());
        error
    }

    #[test]
    fn only_arguments_of_the_call_are_named_each_once_and_in_words_of_its_own() {
        let error = explained(
            r#"{"Errors":[{"Field":"lastscandateto","Message":"24-…"},{"Field":"Ann"},{"Field":""},{"Field":"Offset"},{},
            {"Field":"LastScanDateTo","Message":"Ann"}]}"#,
        );
        let fields: Vec<_> =
            error.field_errors.iter().map(|error| (error.field.as_str(), error.message.as_str())).collect();
        let offset = "was refused by the API; it must be a whole number from 0 to 4294967295";
        let date = "was refused by the API; it must be a date as YYYY-MM-DD";
        assert_eq!(fields, [("lastScanDateTo", date), ("offset", offset)]);
    }

    #[test]
    fn a_code_is_capitals_and_underscores() {
        let code = |code: &str| explained(&format!("{{\"Code\":\"{code}\"}}")).code.clone();
        assert_eq!(code("INVALID_REQUEST_PARAMETERS").as_deref(), Some("INVALID_REQUEST_PARAMETERS"));
        for other in ["", "Ann", "C-17", "1987", "INVALID 1", &"A".repeat(65)] {
            assert_eq!(code(other), None, "{other}");
        }
    }
}
