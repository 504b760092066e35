//! Numeric ids: orders, companies, doctors, labs, procedures.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tsify::Tsify;

/// A numeric id. The wire writes it as a number or as quoted digits; here it is always a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug, Tsify)]
#[tsify(type = "number")]
pub struct Id(i64);

/// The largest whole number that a JavaScript number holds exactly, 2^53 - 1.
const MAX: i64 = (1 << 53) - 1;

const EXPECTED: &str = "a whole number within ±2^53, or its digits";

/// The value is not an id. Holds nothing of the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAnId;

impl TryFrom<i64> for Id {
    type Error = NotAnId;

    fn try_from(number: i64) -> Result<Self, NotAnId> {
        (-MAX..=MAX).contains(&number).then_some(Self(number)).ok_or(NotAnId)
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
    /// The number, exactly.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Id, E> {
                number.try_into().map_err(|NotAnId| E::custom(EXPECTED))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id, E> {
                self.visit_i64(number.try_into().unwrap_or(i64::MAX))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Id, E> {
                number.try_into().map_err(|NotAnId| E::custom(EXPECTED))
            }
            fn visit_str<E: de::Error>(self, digits: &str) -> Result<Id, E> {
                digits.parse().map_err(|NotAnId| E::custom(EXPECTED))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<i64> {
        serde_json::from_str::<Id>(json).ok().map(|id| id.0)
    }

    #[test]
    fn numbers_and_quoted_digits_are_the_same_id() {
        assert_eq!(read("90360"), Some(90360));
        assert_eq!(read("\"90360\""), Some(90360));
        assert_eq!(read("90360.0"), Some(90360));
        assert_eq!(read("-1"), Some(-1));
    }

    #[test]
    fn what_a_javascript_number_cannot_hold_is_refused_not_rounded() {
        assert_eq!(read("9007199254740991"), Some(MAX));
        assert_eq!(read("9007199254740992"), None);
        assert_eq!(read("\"9007199254740992\""), None);
        assert_eq!(read("18446744073709551615"), None);
        assert_eq!(read("1e300"), None);
    }

    #[test]
    fn other_values_are_refused() {
        for json in ["1.5", "\"\"", "\"-\"", "\"12a\"", "\"+12\"", "\" 12\"", "true", "[1]"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
