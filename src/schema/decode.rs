//! Decodes a response's bytes onto the tape. A failure says where a value is wrong, never what the value is.

use super::kind::Kind;
use super::read::Reading;
use super::tape::{BYTES_PER_VALUE, Ignored, Tape};
use crate::json::{self, Error, ErrorKind, Reader, Token, path_at, push_key};

/// Why a response could not be read. Holds no value of the response, which may be a patient's.
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
    /// The values take more memory than allowed.
    TooLarge,
}

/// The most memory that the values of a body may take by default. A limit is needed, since a value as short as `{}` becomes up
/// to a hundred times its size.
const MAX_BYTES: usize = 32 << 20;

/// The envelope around the value of a response (R12).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Envelope {
    /// Nothing.
    None,
    /// `{ "Data": …, "Status": 1 }`, of which `Data` is the value.
    V2,
    /// `{ "Data": …, "Meta": …, "Links": …, "Status": "Success" }`, all of which is the value.
    V3,
}

/// Reads the value of a response into the first cells of a tape.
pub fn decode(envelope: Envelope, kind: &Kind, body: &[u8]) -> Result<Tape, DecodeError> {
    decode_within(envelope, kind, body, MAX_BYTES)
}

/// Like [`decode`], but the values may take only `max_bytes` of memory.
pub(crate) fn decode_within(
    envelope: Envelope,
    kind: &Kind,
    body: &[u8],
    max_bytes: usize,
) -> Result<Tape, DecodeError> {
    let text = text_of(body)?;
    let mut reading = Reading::new(text, max_bytes);
    reading.tape.add_row(kind.width());
    let read = match envelope {
        Envelope::None => reading.non_null(kind, 0).map(|()| false),
        Envelope::V2 => data(&mut reading, kind),
        Envelope::V3 => reading.non_null(kind, 0).and_then(|()| refused(text)),
    };
    match read.and_then(|refused| reading.reader.end().map(|()| refused)) {
        Ok(false) => {
            let note = |(at, count)| Box::new(Ignored { path: path_at(text, at), count });
            reading.tape.ignored = reading.ignored.map(note);
            Ok(reading.tape)
        }
        Ok(true) => Err(DecodeError::Refused),
        // A refusal may lack the data of a success.
        Err(_) if envelope != Envelope::None && refused(text) == Ok(true) => Err(DecodeError::Refused),
        Err(error) => Err(reason(text, &error.found_at(0))),
    }
}

/// Like [`decode`], but every value that is present must be as documented. For callers that cannot report an ignored value.
pub(crate) fn decode_strictly(envelope: Envelope, kind: &Kind, body: &[u8]) -> Result<Tape, DecodeError> {
    let mut tape = decode(envelope, kind, body)?;
    match tape.ignored.take() {
        Some(ignored) => Err(DecodeError::Field(ignored.path)),
        None => Ok(tape),
    }
}

/// Returns a body that is a JSON value as text; `None` if it is empty. The values in it may take only `max_bytes` of memory.
pub fn json(body: &[u8], max_bytes: usize) -> Result<Option<&str>, DecodeError> {
    let text = text_of(body)?;
    let mut reader = Reader::new(text);
    match reader.skip().and_then(|()| reader.end()) {
        Ok(()) if reader.skipped > max_bytes / BYTES_PER_VALUE => Err(DecodeError::TooLarge),
        Ok(()) => Ok(Some(text)),
        Err(_) if text.is_empty() => Ok(None),
        Err(error) => Err(reason(text, &error)),
    }
}

fn text_of(body: &[u8]) -> Result<&str, DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    str::from_utf8(body).map_err(|_| DecodeError::NotJson)
}

/// Reads `Data`. Returns whether `Status` says that the call failed.
fn data(reading: &mut Reading<'_>, kind: &Kind) -> json::Result<bool> {
    const DATA: &str = "Data";
    let mut entries = reading.enter_object()?;
    let mut found = false;
    let mut refused = false;
    while let Some(key) = reading.reader.key(&mut entries)? {
        if key == DATA {
            found = true;
            reading.non_null(kind, 0)?;
        } else {
            refused |= verdict(&mut reading.reader, &key)?;
        }
    }
    if found || refused { Ok(refused) } else { Err(Error::new(ErrorKind::Missing(DATA))) }
}

/// Whether an envelope says that the call failed, whatever its other entries are.
fn refused(text: &str) -> json::Result<bool> {
    let mut reading = Reading::new(text, 0);
    let mut entries = reading.enter_object()?;
    let mut refused = false;
    while let Some(key) = reading.reader.key(&mut entries)? {
        refused |= verdict(&mut reading.reader, &key)?;
    }
    Ok(refused)
}

/// Skips an entry of an envelope. Returns whether it is a `Status` that means failure.
fn verdict(reader: &mut Reader<'_>, key: &str) -> json::Result<bool> {
    if key != "Status" || matches!(reader.peek(), b'{' | b'[') {
        return reader.skip().map(|()| false);
    }
    Ok(match reader.token()? {
        Token::Whole(status) => status != 1,
        Token::Text(status) => !status.eq_ignore_ascii_case("success") && status != "1", // R115
        _ => false,
    })
}

fn reason(text: &str, error: &Error) -> DecodeError {
    match error.kind {
        ErrorKind::End if text.is_empty() => DecodeError::Empty,
        ErrorKind::End => DecodeError::CutShort,
        ErrorKind::Syntax if text.starts_with('<') => DecodeError::Html,
        ErrorKind::Syntax => DecodeError::NotJson,
        ErrorKind::TooLarge => DecodeError::TooLarge,
        ErrorKind::Value | ErrorKind::Required => DecodeError::Field(path_at(text, error.at)),
        ErrorKind::Missing(key) => {
            let mut path = path_at(text, error.at);
            push_key(&mut path, key);
            DecodeError::Field(path)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{json as json_of, *};
    use crate::scalar::{Id, Timestamp};
    use crate::schema::model::{cell, model};
    use crate::schema::value::FromTape;

    model! {
        /// A page.
        pub struct Page {
            /// Its rows.
            rows: Vec<Row> = required "Results",
        }
    }

    model! {
        /// A row.
        pub struct Row {
            /// Its id.
            order_id: Id = "OrderId",
        }
    }

    fn rows(body: &str) -> Result<usize, DecodeError> {
        decode(Envelope::V2, &Page::KIND, body.as_bytes()).map(|tape| tape.rows(cell!(Page.rows)).len())
    }

    #[test]
    fn data_is_read_from_the_envelope_with_or_without_a_byte_order_mark() {
        assert_eq!(rows(r#"{"Data":{"Results":[{"OrderId":1}]},"Status":1}"#), Ok(1));
        assert_eq!(rows("\u{feff}{\"Data\":{\"Results\":[]}, \"Extra\": {}}\n"), Ok(0));
    }

    #[test]
    fn a_status_that_says_failure_is_a_refusal_whatever_the_data() {
        assert_eq!(rows(r#"{"Data":{"Results":[]},"Status":0}"#), Err(DecodeError::Refused));
        assert_eq!(rows(r#"{"Status":0,"Data":null}"#), Err(DecodeError::Refused));
        assert_eq!(rows(r#"{"Data":null,"Status":0}"#), Err(DecodeError::Refused));
        assert_eq!(rows(r#"{"Message":"no","Status":0}"#), Err(DecodeError::Refused));
    }

    #[test]
    fn a_failure_names_the_row_and_the_field() {
        let wrong = r#"{"Data":{"Results":[{"OrderId":1},{"OrderId":"Jane Doe"}]},"Status":1}"#;
        assert_eq!(rows(wrong), Err(DecodeError::Field("Data.Results[1].OrderId".into())));
        let missing = r#"{"Data":{"Results":[{"OrderId":1},{}]},"Status":1}"#;
        assert_eq!(rows(missing), Err(DecodeError::Field("Data.Results[1].OrderId".into())));
        let no_row = r#"{"Data":{"Results":[{"OrderId":1},null]},"Status":1}"#;
        assert_eq!(rows(no_row), Err(DecodeError::Field("Data.Results[1]".into())));
        assert_eq!(rows(r#"{"Status":1}"#), Err(DecodeError::Field("Data".into())));
        assert_eq!(rows(r#"{"Data":null,"Status":1}"#), Err(DecodeError::Field("Data".into())));
    }

    #[test]
    fn rows_need_not_have_the_keys_of_the_row_before() {
        let order_ids = |rows: &str| {
            let body = [r#"{"Results":["#, rows, "]}"].concat();
            let tape = decode(Envelope::None, &Page::KIND, body.as_bytes()).unwrap();
            let rows = tape.rows(cell!(Page.rows));
            rows.iter().map(|row| tape.number(row + cell!(Row.order_id)).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(order_ids(r#"{"A":0,"OrderId":1,"B":0},{"A":0,"OrderId":2,"B":0}"#), [1.0, 2.0]);
        assert_eq!(order_ids(r#"{"A":0,"OrderId":1},{"OrderId":2,"A":0},{"OrderId":3,"A":0}"#), [1.0, 2.0, 3.0]);
        assert_eq!(order_ids(r#"{"OrderId":1,"A":0},{"OrderId":2},{"A":0,"OrderId":3}"#), [1.0, 2.0, 3.0]);
        assert_eq!(order_ids(r#"{"OrderIds":0,"OrderId":1},{"OrderId" : 2},{"Order\u0049d":3}"#), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn an_odd_value_that_need_not_be_there_counts_as_missing_and_is_noted_by_its_path() {
        let read = |fields: &str| {
            let body = [r#"{"Rows":[{"Id":1},{"Id":2,"#, fields, r#"}]}"#].concat();
            let tape = decode(Envelope::None, &OddPage::KIND, body.as_bytes()).unwrap();
            (tape.json(&OddPage::KIND, 0)["rows"][1].clone(), tape.ignored.map(|ignored| (ignored.path, ignored.count)))
        };
        let inner = json!({ "flag": null, "rows": [] });
        let nothing = json!({ "id": 2, "number": null, "time": null, "texts": [], "inner": inner });
        for (fields, path) in [
            (r#""Number":"""#, "Rows[1].Number"),
            (r#""Number":{"a":[1]}"#, "Rows[1].Number"),
            (r#""Time":"04.03.2025""#, "Rows[1].Time"),
            (r#""Texts":7"#, "Rows[1].Texts"),
            (r#""Texts":["a",{"b":[]},"c"]"#, "Rows[1].Texts[1]"),
            (r#""Inner":[]"#, "Rows[1].Inner"),
            (r#""Inner":{"Flag":1,"Rows":[]}"#, "Rows[1].Inner.Flag"),
            (r#""Inner":{"Rows":[7]}"#, "Rows[1].Inner.Rows[0]"),
            (r#""Old":"x""#, "Rows[1].Old"),
        ] {
            assert_eq!(read(fields), (nothing.clone(), Some((path.to_owned(), 1))), "{fields}");
        }
        let (row, ignored) = read(r#""Time":false,"Number":[],"Texts":["a"]"#);
        assert_eq!(ignored, Some(("Rows[1].Time".to_owned(), 2)));
        assert_eq!(row["texts"], json!(["a"]), "the others are read");
    }

    #[test]
    fn what_must_be_there_must_be_right_wherever_it_is() {
        let read = |fields: &str| {
            let body = [r#"{"Rows":[{"Id":1},{"#, fields, r#"}]}"#].concat();
            decode(Envelope::None, &OddPage::KIND, body.as_bytes()).map(drop)
        };
        let field = |path: &str| Err(DecodeError::Field(path.to_owned()));
        assert_eq!(read(r#""Id":"x""#), field("Rows[1].Id"));
        assert_eq!(read(r#""Id":1,"Inner":{"Rows":[{"OrderId":"x"}]}"#), field("Rows[1].Inner.Rows[0].OrderId"));
        assert_eq!(read(r#""Id":1,"Inner":{"Rows":[{}]}"#), field("Rows[1].Inner.Rows[0].OrderId"));
        assert_eq!(read(r#""Id":1,"Number":{"a":nul}"#), Err(DecodeError::NotJson));
        let rows = decode(Envelope::None, &OddPage::KIND, br#"{"Rows":[7]}"#);
        assert_eq!(rows.map(drop), field("Rows[0]"));
    }

    model! {
        /// A page.
        pub struct OddPage {
            /// Its rows.
            rows: Vec<OddRow> = required "Rows",
        }
    }

    model! {
        /// A row.
        pub struct OddRow {
            /// Must be there.
            id: Id = "Id",
            /// A number.
            number: Option<f64> = "Number",
            /// A time.
            time: Option<Timestamp> = "Time",
            /// Texts.
            texts: Vec<String> = "Texts",
            /// An object.
            inner: OddInner = "Inner",
        }
        aliases { "Old" => "Number", }
    }

    model! {
        /// An object within.
        pub struct OddInner {
            /// A flag.
            flag: Option<bool> = "Flag",
            /// Rows within.
            rows: Vec<Row> = "Rows",
        }
    }

    #[test]
    fn values_take_only_so_much_memory_however_small_they_are_in_the_body() {
        let read = |row: &str, count: usize, max_bytes| {
            let body = [r#"{"Data":{"Results":["#, &vec![row; count].join(","), r#"]},"Status":1}"#].concat();
            decode_within(Envelope::V2, &Wide::KIND, body.as_bytes(), max_bytes).map(|tape| tape.memory())
        };
        for row in ["{}", r#"{"Texts":["","","","","","","",""]}"#, r#"{"Texts":[],"Texts":[]}"#] {
            assert!(read(row, 100, 100_000).is_ok());
            assert_eq!(read(row, 2_000_000, 100_000), Err(DecodeError::TooLarge));
            let most = (1..2_000).map_while(|count| read(row, count, 100_000).ok()).max();
            assert!(most.is_some_and(|memory| memory < 300_000), "{most:?}");
        }
        let list = |count: usize| ["[", &vec!["[]"; count].join(","), "]"].concat();
        assert!(json_of(list(1_000).as_bytes(), 10_000).is_ok());
        assert_eq!(json_of(list(2_000).as_bytes(), 10_000), Err(DecodeError::TooLarge));
    }

    model! {
        /// A page of rows with room for much.
        pub struct Wide {
            /// Its rows.
            rows: Vec<WideRow> = required "Results",
        }
    }

    model! {
        /// A row.
        pub struct WideRow {
            /// A list.
            texts: Vec<String> = "Texts",
            /// And three cells more.
            a: Option<String> = "A",
            /// A cell.
            b: Option<String> = "B",
            /// A cell.
            c: Option<String> = "C",
        }
    }

    #[test]
    fn what_is_not_json_says_what_it_is() {
        assert_eq!(rows(""), Err(DecodeError::Empty));
        assert_eq!(rows(" <!doctype html><p>Sign in"), Err(DecodeError::Html));
        assert_eq!(rows("upstream error"), Err(DecodeError::NotJson));
        assert_eq!(rows("{}{}"), Err(DecodeError::Field("Data".into())));
        assert_eq!(rows(r#"{"Data":{"Results":[]}} x"#), Err(DecodeError::NotJson));
        assert_eq!(rows(r#"{"Data":{"Results":[{"Ord"#), Err(DecodeError::CutShort));
    }
}
