//! Writing a JSON object, for the bodies of calls.

/// An object of texts; those under one of the `numbers` are digits, and stand without quotes.
#[cfg(feature = "client")]
pub(crate) fn object(entries: &[(&str, String)], numbers: &[&str]) -> String {
    let mut json = String::from("{");
    for (key, value) in entries {
        if json.len() > 1 {
            json.push(',');
        }
        push_text(&mut json, key);
        json.push(':');
        if numbers.contains(key) { json.push_str(value) } else { push_text(&mut json, value) }
    }
    json.push('}');
    json
}

/// A text with its quotes.
pub(crate) fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\n' => json.push_str("\\n"),
            '\0'..' ' => {
                let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
                let code = character as u32;
                json.extend(['\\', 'u', '0', '0', digit(code >> 4), digit(code & 0xf)]);
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let text = "Zoë \"O'Neil\" \\ / \u{0}\u{1f}\n\t\u{7f} 歯🦷 \u{202e}";
        let entries = [("a\"", text.to_owned()), ("c", "7".to_owned()), ("d", "7".to_owned())];
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&object(&entries, &["c"])).unwrap(),
            serde_json::json!({ "a\"": text, "c": 7, "d": "7" })
        );
        assert_eq!(object(&[], &[]), "{}");
    }
}
