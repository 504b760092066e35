//! A patient's gender, for which the document has three codes.

use serde::Serialize;
use tsify::Tsify;

/// A patient's gender, as the API distinguishes it.
#[derive(Clone, Copy, Serialize, Tsify, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Gender {
    /// Sent as `Male`.
    Male,
    /// Sent as `Female`.
    Female,
}

impl Gender {
    /// Reads any documented code, whatever response it is in (R24): 109 and 102 (the letters m and f), 0 and 1.
    pub(crate) fn from_code(code: i64) -> Option<Self> {
        match code {
            109 | 0 => Some(Self::Male),
            102 | 1 => Some(Self::Female),
            _ => None,
        }
    }

    /// Reads a documented word in upper or lower case, or a code as text.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let word = word.trim_ascii();
        [Self::Male, Self::Female]
            .into_iter()
            .find(|gender| word.eq_ignore_ascii_case(gender.word()))
            .or_else(|| Self::from_code(word.parse().ok()?))
    }

    /// Returns the gender with this name in JavaScript.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Male, Self::Female].into_iter().find(|gender| gender.name() == name)
    }

    /// Returns the name in JavaScript.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }

    /// Returns the word that every call accepts.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Male => "Male",
            Self::Female => "Female",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_code_is_read_and_others_are_unknown() {
        for code in ["Male", "male", " MALE ", "109", "0"] {
            assert_eq!(Gender::from_word(code), Some(Gender::Male), "{code}");
        }
        for code in ["Female", "female", "102", "1"] {
            assert_eq!(Gender::from_word(code), Some(Gender::Female), "{code}");
        }
        for code in ["", "Other", "2", "-1", "f"] {
            assert_eq!(Gender::from_word(code), None, "{code}");
        }
        assert_eq!([0, 109, 1, 102].map(Gender::from_code), {
            use Gender::{Female, Male};
            [Some(Male), Some(Male), Some(Female), Some(Female)]
        });
        assert_eq!(Gender::from_code(7), None);
    }
}
