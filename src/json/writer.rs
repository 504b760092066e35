//! Writing JSON: the bodies of calls, and values for JavaScript.

/// A JSON object that is being written, entry by entry.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self(String::from("{"))
    }

    pub(crate) fn text(self, key: &str, text: &str) -> Self {
        self.entry(key, |json| push_text(json, text))
    }

    /// Adds a text, or null.
    pub(crate) fn nullable(self, key: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(key, text),
            None => self.raw(key, "null"),
        }
    }

    pub(crate) fn number(self, key: &str, number: u64) -> Self {
        self.raw(key, &digits(number))
    }

    pub(crate) fn flag(self, key: &str, flag: bool) -> Self {
        self.raw(key, if flag { "true" } else { "false" })
    }

    /// Adds a value that is already JSON.
    pub(crate) fn raw(self, key: &str, json: &str) -> Self {
        self.entry(key, |text| text.push_str(json))
    }

    /// A list whose items are JSON already.
    pub(crate) fn list(self, key: &str, items: impl Iterator<Item = String>) -> Self {
        self.raw(key, &list(items))
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn entry(mut self, key: &str, write: impl FnOnce(&mut String)) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_text(&mut self.0, key);
        self.0.push(':');
        write(&mut self.0);
        self
    }
}

/// A list whose items are JSON already.
pub(crate) fn list(items: impl Iterator<Item = String>) -> String {
    let mut json = String::from("[");
    for item in items {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&item);
    }
    json.push(']');
    json
}

/// A JSON text.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::new();
    push_text(&mut json, text);
    json
}

/// Returns a number's digits. The standard library's function would add its formatting code, which takes 3 KB.
pub(crate) fn digits(mut number: u64) -> String {
    let mut text = String::new();
    loop {
        text.insert(0, char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return text;
        }
    }
}

/// Adds a text with its quotes.
pub(crate) fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                json.push('\\');
                json.push(character);
            }
            '\n' => json.push_str("\\n"),
            '\0'..' ' => {
                let code = character as u8;
                json.push_str(if code < 0x10 { "\\u000" } else { "\\u001" });
                json.push(char::from_digit(u32::from(code & 0xf), 16).unwrap_or('0'));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let text = "Zoë \"O'Neil\" \\ / \u{0}\u{1f}\n\t\u{7f} 歯🦷 \u{202e}";
        let written = Object::new()
            .text("a\"", text)
            .number("b", u64::MAX)
            .number("c", 0)
            .nullable("d", None)
            .flag("e", true)
            .list("f", ["1", "{}"].map(String::from).into_iter())
            .end();
        assert_eq!(
            serde_json::from_str::<Value>(&written).unwrap(),
            json!({ "a\"": text, "b": u64::MAX, "c": 0, "d": null, "e": true, "f": [1, {}] })
        );
        assert_eq!(Object::new().end(), "{}");
        assert_eq!(list([].into_iter()), "[]");
        assert_eq!(serde_json::from_str::<Value>(&quoted(text)).unwrap(), text);
    }
}
