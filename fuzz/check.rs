//! What must hold for a decoder, whatever the bytes are. Shared by the fuzz targets and tests/fuzz.rs.

use itero_dpms::DECODERS;
use itero_dpms::schema::decode::DecodeError;

/// An upper bound for the length of a path of documented keys, with the indices of a long list.
const LONGEST_PATH: usize = 120;

/// Feeds `body` to the decoder called `name`. Panics if a property does not hold.
pub fn decoder(name: &str, body: &[u8]) {
    let (_, decode) = DECODERS.iter().find(|(each, _)| *each == name).expect("a decoder with this name");
    let outcome = decode(body);

    if let Ok(json) = &outcome {
        let value: Result<serde_json::Value, _> = serde_json::from_str(json);
        assert!(value.is_ok() || name == "any", "{name} returns invalid JSON: {json}");
        assert!(is_json(body), "{name} accepts invalid JSON: {}", String::from_utf8_lossy(body));
    }
    if let Err(DecodeError::Field(path)) = &outcome {
        assert!(path.len() <= LONGEST_PATH, "{name} reports a path that repeats the body: {path}");
    }

    assert_eq!(decode(body), outcome, "{name} is deterministic");
    if !body.starts_with(BYTE_ORDER_MARK) {
        assert_eq!(decode(&[BYTE_ORDER_MARK, body].concat()), outcome, "{name} ignores a byte order mark");
    }
    assert_eq!(
        decode(&[b"\n\t ", body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body), b" \r\n"].concat()),
        outcome,
        "{name} ignores surrounding whitespace"
    );
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether `serde_json` accepts the body, at any depth and with numbers of any size.
fn is_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii();
    let text = str::from_utf8(body);
    body.is_empty() || text.is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}
