//! What the body of a failure explains, where the document specifies it.

use std::iter::successors;

use super::error::{DpmsError, ErrorKind};
use super::{DecodedValue, HttpRequest};
use crate::api::endpoint::Explains;
use crate::api::patients::PatientRecord;
use crate::api::refusal::{Refusal, RefusedField, RelayRefusal};
use crate::api::scope::Scope;
use crate::schema::decode::{Envelope, decode};
use crate::schema::kind::Kind;
use crate::schema::model::cell;
use crate::schema::request::{Shape, ShapeField};
use crate::schema::tape::Tape;
use crate::schema::validator::FieldError;
use crate::schema::value::FromTape;

/// Whether the body of a response with this status is worth reading. A relay's own refusals always have a specified body.
pub(super) fn are_in(explains: Explains, status: u16, is_relay: bool) -> bool {
    matches!(
        (explains, status, is_relay),
        (Explains::Fields, 400, _) | (Explains::Matches, 409, _) | (_, 403 | 503, true)
    )
}

/// Adds to the error what the response's body explains. A body of another form adds nothing: the status says enough.
pub(super) fn add(error: &mut DpmsError, request: &HttpRequest, body: &[u8]) {
    if matches!(error.status, Some(403 | 503)) {
        return add_refusal(error, body);
    }
    match request.endpoint.explains {
        Explains::Nothing => {}
        Explains::Fields => {
            if let Ok(tape) = decode(Envelope::None, &Refusal::KIND, body) {
                error.code = tape.text(cell!(Refusal.code)).filter(|code| is_code(code)).map(str::to_owned);
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

/// Adds why a relay refused the call: the session lacks a scope, or the practice has no token. Any other 403 or 503 comes from
/// the API.
fn add_refusal(error: &mut DpmsError, body: &[u8]) {
    let Ok(tape) = decode(Envelope::None, &RelayRefusal::KIND, body) else { return };
    let text = |cell| tape.text(cell).unwrap_or_default();
    let (code, scope) = (text(cell!(RelayRefusal.code)), text(cell!(RelayRefusal.scope)));
    let message = match (error.status, code) {
        (Some(403), "insufficient-scope") => ["The session lacks the scope ", known(scope), "."].concat(),
        (Some(503), "practice-needs-pairing") => {
            "The practice has to be paired again: the portal has no token that the API accepts.".to_owned()
        }
        _ => return,
    };
    error.kind = ErrorKind::Unauthorized;
    error.retryable = false;
    (error.message, error.code) = (message, Some(code.to_owned()));
}

/// Returns the name of a scope; any other text is kept out of messages.
fn known(scope: &str) -> &'static str {
    Scope::named(scope).map_or("of this call", Scope::name)
}

/// Returns the arguments that the API names, each once. The messages are our own: the API's messages quote the refused values,
/// which may be a patient's name.
fn field_errors(tape: &Tape, takes: Option<&'static Shape>) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = Vec::new();
    for row in tape.rows(cell!(Refusal.errors)) {
        let key = tape.text(row + cell!(RefusedField.field)).unwrap_or_default();
        if let Some(field) = field_of(key, takes)
            && errors.iter().all(|error| error.field != field.name)
        {
            let message = ["was refused by the API; it must be ", field.allowed].concat();
            errors.push(FieldError { field: field.name.to_owned(), message });
        }
    }
    errors
}

/// Returns the field that is sent under a key.
fn field_of(key: &str, takes: Option<&'static Shape>) -> Option<&'static ShapeField> {
    let mut fields = successors(takes, |shape| shape.base).flat_map(|shape| shape.fields);
    fields.find(|field| !key.is_empty() && field.key.eq_ignore_ascii_case(key))
}

/// Whether a code has the form of a constant, so that it cannot contain a value that was sent.
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
    fn a_relay_says_which_scope_is_missing_and_when_to_pair_again() {
        let refused = |status: u16, body: &str| {
            let mut error = crate::engine::response::failure(status, LIST.hints).unwrap();
            add(&mut error, &HttpRequest::new(&LIST, String::new()), body.as_bytes());
            error
        };
        let scope =
            refused(403, r#"{"errors":[{"code":"x"}],"code":"insufficient-scope","status":403,"scope":"files:read"}"#);
        assert_eq!((scope.kind, scope.code.as_deref()), (ErrorKind::Unauthorized, Some("insufficient-scope")));
        assert_eq!(scope.message, "The session lacks the scope files:read.");
        let odd = refused(403, r#"{"code":"insufficient-scope","scope":"Ann Example"}"#);
        assert_eq!(odd.message, "The session lacks the scope of this call.");
        let pairing = refused(503, r#"{"code":"practice-needs-pairing","attention":"unauthorized"}"#);
        assert_eq!((pairing.kind, pairing.retryable), (ErrorKind::Unauthorized, false));
        for body in
            ["", "{", "[]", "<html>", "{}", r#"{"code":7}"#, r#"{"code":"x","code":["practice-needs-pairing"]}"#]
        {
            let error = refused(503, body);
            assert_eq!((error.kind, error.retryable, &error.code), (ErrorKind::Server, true, &None), "{body}");
        }
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
