//! From an answer's bytes to a model, with a failure that says where, never what.

use serde::de::DeserializeOwned;

use super::json::{self, ErrorKind, path_at, push_key};
use serde::Deserialize;

/// Why an answer could not be read. Holds no value of the answer: it may be a patient's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// The body is empty.
    Empty,
    /// The body is a web page.
    Html,
    /// The body is neither JSON nor a web page.
    NotJson,
    /// The JSON ends in the middle.
    CutShort,
    /// The envelope says that the call failed: its `Status` is not 1.
    Refused,
    /// A field is missing or has another type; its path, such as `Data.Results[3].OrderId`.
    Field(String),
}

/// Reads the `Data` of the V2 envelope `{ "Data": …, "Status": 1 }`.
pub fn data<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Envelope<T> {
        data: T,
        #[serde(default = "success")]
        status: i64,
    }
    let failure = match value::<Envelope<T>>(body) {
        Ok(Envelope { data, status: 1 }) => return Ok(data),
        Ok(_) => return Err(DecodeError::Refused),
        Err(failure) => failure,
    };

    // A refusal need not hold the data of a success.
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Verdict {
        status: i64,
    }
    match value::<Verdict>(body) {
        Ok(verdict) if verdict.status != success() => Err(DecodeError::Refused),
        _ => Err(failure),
    }
}

fn success() -> i64 {
    1
}

/// Reads a body that has no envelope.
pub fn value<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let text = str::from_utf8(body).map_err(|_| DecodeError::NotJson)?;
    json::from_str(text).map_err(|error| failure(text, &error))
}

fn failure(text: &str, error: &json::Error) -> DecodeError {
    let mut path = path_at(text, error.at);
    match error.kind {
        ErrorKind::End if text.is_empty() => return DecodeError::Empty,
        ErrorKind::End => return DecodeError::CutShort,
        ErrorKind::Syntax if text.starts_with('<') => return DecodeError::Html,
        ErrorKind::Syntax => return DecodeError::NotJson,
        ErrorKind::Value => {}
        ErrorKind::Missing(key) => push_key(&mut path, key),
    }
    DecodeError::Field(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Id;

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        results: Vec<Row>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Row {
        order_id: Id,
    }

    fn rows(body: &str) -> Result<usize, DecodeError> {
        data::<Page>(body.as_bytes()).map(|page| page.results.len())
    }

    #[test]
    fn data_is_read_from_the_envelope_with_or_without_a_byte_order_mark() {
        assert_eq!(rows(r#"{"Data":{"Results":[{"OrderId":1}]},"Status":1}"#), Ok(1));
        assert_eq!(rows("\u{feff}{\"Data\":{\"Results\":[]}, \"Extra\": {}}\n"), Ok(0));
    }

    #[test]
    fn a_status_that_says_failure_is_a_refusal_whatever_the_data() {
        assert_eq!(rows(r#"{"Data":{"Results":[]},"Status":0}"#), Err(DecodeError::Refused));
        assert_eq!(rows(r#"{"Data":null,"Status":0}"#), Err(DecodeError::Refused));
        assert_eq!(rows(r#"{"Message":"no","Status":0}"#), Err(DecodeError::Refused));
    }

    #[test]
    fn a_failure_names_the_row_and_the_field() {
        let wrong = r#"{"Data":{"Results":[{"OrderId":1},{"OrderId":"Jane Doe"}]},"Status":1}"#;
        assert_eq!(rows(wrong), Err(DecodeError::Field("Data.Results[1].OrderId".into())));
        let missing = r#"{"Data":{"Results":[{"OrderId":1},{}]},"Status":1}"#;
        assert_eq!(rows(missing), Err(DecodeError::Field("Data.Results[1].OrderId".into())));
        assert_eq!(rows(r#"{"Status":1}"#), Err(DecodeError::Field("Data".into())));
    }

    #[test]
    fn what_is_not_json_says_what_it_is() {
        assert_eq!(rows(""), Err(DecodeError::Empty));
        assert_eq!(rows(" <!doctype html><p>Sign in"), Err(DecodeError::Html));
        assert_eq!(rows("upstream error"), Err(DecodeError::NotJson));
        assert_eq!(rows(r#"{"Data":{"Results":[{"Ord"#), Err(DecodeError::CutShort));
    }
}
