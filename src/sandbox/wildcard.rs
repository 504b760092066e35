//! Filters with wildcards (§5.2).

/// A pattern in which `*` and `%` each match any number of characters, including none. It ignores case, and the wildcards
/// cannot be escaped (R116).
#[derive(Debug)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// Returns `None` for the empty string.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.split(['*', '%']).map(str::to_lowercase).collect();
        (!text.is_empty()).then_some(Self(parts))
    }

    /// Whether the pattern matches the whole string.
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self.0.as_slice() {
            [] => false,
            [whole] => text == *whole,
            [start, middle @ .., end] => {
                let Some(rest) = text.strip_prefix(start.as_str()) else { return false };
                let Some(rest) = rest.strip_suffix(end.as_str()) else { return false };
                // The leftmost match of each part leaves the most for the next one.
                let after = |rest: &str, part: &String| Some(rest.get(rest.find(part)? + part.len()..)?.to_owned());
                middle.iter().try_fold(rest.to_owned(), |rest, part| after(&rest, part)).is_some()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).is_some_and(|pattern| pattern.matches(text))
    }

    #[test]
    fn stars_and_percent_signs_match_any_characters() {
        for (pattern, text) in [
            ("Jan*", "Jansen"),
            ("jan%", "JANSEN"),
            ("*sen", "Jansen"),
            ("*a*e*", "Jansen"),
            ("*", ""),
            ("%", "Jansen"),
            ("J*n", "Jn"),
            ("*ЛЬ*", "Ольга"),
            ("**n", "Jansen"),
            ("ab*ba", "abba"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("Jan", "Jansen"),
            ("*Jan", "Jansen"),
            ("ab*ba", "aba"),
            ("J_nsen", "Jansen"),
            ("*e*a*", "Jansen"),
            ("", ""),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn without_a_wildcard_the_whole_string_has_to_match_in_any_case() {
        assert!(matches("jansen", "Jansen"));
        assert!(!matches("janse", "Jansen"));
    }
}
