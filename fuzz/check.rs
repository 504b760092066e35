//! What must hold of a decoder for any bytes at all; shared by the fuzz targets and tests/fuzz.rs.

use itero_dpms::DECODERS;
use itero_dpms::schema::decode::DecodeError;

/// How long a path of the document's own keys can be, with the indices of a long list.
const LONGEST_PATH: usize = 120;

/// Feeds `body` to the decoder called `name`; panics where it breaks a promise.
pub fn decoder(name: &str, body: &[u8]) {
    let (_, decode) = DECODERS.iter().find(|(each, _)| *each == name).expect("a decoder of this name");
    let outcome = decode(body);

    if let Ok(json) = &outcome {
        let value: Result<serde_json::Value, _> = serde_json::from_str(json);
        assert!(value.is_ok() || name == "any", "{name} gives what is no JSON: {json}");
        assert!(is_json(body), "{name} reads what is no JSON: {}", String::from_utf8_lossy(body));
    }
    if let Err(DecodeError::Field(path)) = &outcome {
        assert!(path.len() <= LONGEST_PATH, "{name} fails at a path that repeats the body: {path}");
    }

    assert_eq!(decode(body), outcome, "{name} reads the same twice");
    if !body.starts_with(MARK) {
        assert_eq!(decode(&[MARK, body].concat()), outcome, "{name} reads the same after a byte order mark");
    }
    assert_eq!(
        decode(&[b"\n\t ", body.strip_prefix(MARK).unwrap_or(body), b" \r\n"].concat()),
        outcome,
        "and among spaces"
    );
}

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether another reader takes it for JSON, without a look at how deep it is or how large its numbers are.
fn is_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(MARK).unwrap_or(body).trim_ascii();
    let text = str::from_utf8(body);
    body.is_empty() || text.is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}
