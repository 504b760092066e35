//! Writing a JSON object, for the bodies of calls.

/// An object under construction. What is `None` is left out.
#[derive(Default)]
pub(crate) struct Object(String);

impl Object {
    /// Adds a text.
    pub(crate) fn text(mut self, key: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.key(key);
            push_text(&mut self.0, value);
        }
        self
    }

    /// Adds an id.
    pub(crate) fn id(mut self, key: &str, value: Option<crate::wire::Id>) -> Self {
        if let Some(value) = value {
            self.key(key);
            self.0.push_str(&value.to_string());
        }
        self
    }

    /// The object as text.
    pub(crate) fn finish(self) -> String {
        if self.0.is_empty() { "{}".into() } else { self.0 + "}" }
    }

    fn key(&mut self, key: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        push_text(&mut self.0, key);
        self.0.push(':');
    }
}

fn push_text(json: &mut String, text: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let text = "Zoë \"O'Neil\" \\ / \u{0}\u{1f}\n\t\u{7f} 歯🦷 \u{202e}";
        let json = Object::default().text("a\"", Some(text)).text("b", None).id("c", 7i64.try_into().ok()).finish();
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&json).unwrap(),
            serde_json::json!({ "a\"": text, "c": 7 })
        );
        assert_eq!(Object::default().finish(), "{}");
    }
}
