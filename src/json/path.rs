//! Finds the path of a position in a JSON text.

use super::digits;

/// Returns the path of the value at byte `end` of `text`, such as `Data.Results[3].OrderId`. Empty for the outermost value.
///
/// The text must be well-formed up to there. The text is read a second time only if decoding fails; so a success costs nothing
/// extra, and decoding does not have to keep track of the path.
pub(crate) fn path_at(text: &str, end: usize) -> String {
    let json = text.as_bytes();
    let mut open: Vec<Step> = Vec::new();
    let mut at = 0;
    let mut last = 0..0;
    while let Some(&byte) = json.get(at).filter(|_| at < end) {
        match byte {
            b'"' => {
                let closing = end_of_text(json, at);
                last = at + 1..closing;
                at = closing;
            }
            b'{' => open.push(Step::Key(0..0)),
            b'[' => open.push(Step::Index(0)),
            b'}' | b']' => drop(open.pop()),
            b':' => {
                if let Some(Step::Key(key)) = open.last_mut() {
                    *key = last.clone();
                }
            }
            b',' => {
                if let Some(Step::Index(index)) = open.last_mut() {
                    *index += 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let mut path = String::new();
    for step in open {
        match step {
            Step::Index(index) => {
                for part in ["[", &digits(index), "]"] {
                    path.push_str(part);
                }
            }
            Step::Key(key) => push_key(&mut path, text.get(key).unwrap_or_default()),
        }
    }
    path
}

/// Adds a key to a path.
pub(crate) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() && !key.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// The current position within an open object or list.
enum Step {
    Key(std::ops::Range<usize>),
    Index(u64),
}

/// Returns the position of the quote that ends the text that begins at `start`.
fn end_of_text(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = json.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_indices_lead_to_the_position() {
        let json = r#"{"A":{"x":[1,2]},"B":[{"C":"\"]}, :"},{"D":7}]}"#;
        let path = |marker: &str| path_at(json, json.find(marker).unwrap());
        assert_eq!(path("2]"), "A.x[1]");
        assert_eq!(path("7"), "B[1].D");
        assert_eq!(path_at(json, json.len()), "");
        assert_eq!(path_at("[[],[[0]]]", 6), "[1][0][0]");
    }

    #[test]
    fn a_position_past_the_end_is_the_top() {
        assert_eq!(path_at(r#"{"A":"unfinished"#, 99), "A");
        assert_eq!(path_at("", 1), "");
    }
}
