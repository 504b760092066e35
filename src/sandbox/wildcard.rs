//! Filters with wildcards (§5.2).

/// A text in which `*` and `%` stand for any characters, also none. Case does not count, and nothing escapes them (R116).
#[derive(Debug)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// `None` for the empty text.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.split(['*', '%']).map(str::to_lowercase).collect();
        (!text.is_empty()).then_some(Self(parts))
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self.0.as_slice() {
            [] => false,
            [whole] => text == *whole,
            [start, middle @ .., end] => {
                let Some(rest) = text.strip_prefix(start.as_str()) else { return false };
                let Some(rest) = rest.strip_suffix(end.as_str()) else { return false };
                // Each part as early as it comes leaves the most to the next.
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
    fn stars_and_percent_signs_stand_for_any_characters() {
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
    fn without_a_wildcard_the_whole_text_has_to_match_in_any_case() {
        assert!(matches("jansen", "Jansen"));
        assert!(!matches("janse", "Jansen"));
    }
}
