//! Numeric ids: orders, companies, doctors, labs, procedures.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use tsify::Tsify;

use crate::json::digits;

/// A numeric id. The wire writes it as a number or as quoted digits; here it is always a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug, Tsify)]
#[tsify(type = "number")]
pub struct Id(i64);

/// The largest whole number that a JavaScript number holds exactly, 2^53 - 1.
const MAX: i64 = (1 << 53) - 1;

/// The value is not an id. Holds nothing of the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAnId;

impl TryFrom<i64> for Id {
    type Error = NotAnId;

    fn try_from(number: i64) -> Result<Self, NotAnId> {
        (-MAX..=MAX).contains(&number).then_some(Self(number)).ok_or(NotAnId)
    }
}

impl From<Id> for i64 {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl TryFrom<f64> for Id {
    type Error = NotAnId;

    fn try_from(number: f64) -> Result<Self, NotAnId> {
        if number.fract() != 0.0 || number.abs() > MAX as f64 {
            return Err(NotAnId);
        }
        Ok(Self(number as i64))
    }
}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(digits: &str) -> Result<Self, NotAnId> {
        let unsigned = digits.strip_prefix('-').unwrap_or(digits);
        if !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAnId);
        }
        digits.parse::<i64>().map_err(|_| NotAnId)?.try_into()
    }
}

impl Id {
    /// Returns the number, exactly.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// Returns the number's digits.
    pub(crate) fn digits(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        [sign, &digits(self.0.unsigned_abs())].concat()
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits())
    }
}

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        number.try_into().map_err(|NotAnId| serde::de::Error::custom("not an id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Option<i64> {
        text.parse::<Id>().ok().map(|id| id.0)
    }

    fn number(number: f64) -> Option<i64> {
        Id::try_from(number).ok().map(|id| id.0)
    }

    #[test]
    fn numbers_and_digits_are_the_same_id() {
        assert_eq!(Id::try_from(90360i64).map(|id| id.0), Ok(90360));
        assert_eq!(number(90360.0), Some(90360));
        assert_eq!(digits("90360"), Some(90360));
        assert_eq!(digits("-1"), Some(-1));
    }

    #[test]
    fn what_a_javascript_number_cannot_hold_is_refused_not_rounded() {
        assert_eq!(digits("9007199254740991"), Some(MAX));
        assert_eq!(digits("9007199254740992"), None);
        assert_eq!(digits("18446744073709551615"), None);
        assert!(Id::try_from(MAX + 1).is_err());
        assert_eq!(number(9007199254740992.0), None);
        assert_eq!(number(1e300), None);
        assert_eq!(number(f64::NAN), None);
    }

    #[test]
    fn other_values_are_refused() {
        for text in ["1.5", "", "-", "12a", "+12", " 12", "true"] {
            assert_eq!(digits(text), None, "{text}");
        }
        assert_eq!(number(1.5), None);
    }
}
