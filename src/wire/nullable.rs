//! What the wire may leave out or set to null, and which here is always there.
//!
//! These are types rather than `#[serde(default)]`, which would make the fields optional in the declarations too.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::Timestamp;
use super::time::NotATime;

/// A value whose absence means its default: an empty list, an object of nulls.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct OrDefault<T>(pub T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for OrDefault<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| Self(value.unwrap_or_default()))
    }
}

/// A time, or none: absent, null, blank and the year 1 all mean that there is none (R59).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct OptionalTime(pub Option<Timestamp>);

impl<'de> Deserialize<'de> for OptionalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = OptionalTime;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date or a time")
            }
            fn visit_none<E: de::Error>(self) -> Result<OptionalTime, E> {
                Ok(OptionalTime(None))
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<OptionalTime, D::Error> {
                deserializer.deserialize_str(self)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OptionalTime, E> {
                Timestamp::parse(text).map(OptionalTime).map_err(|NotATime| E::custom("expected a date or a time"))
            }
        }
        deserializer.deserialize_option(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Debug, PartialEq)]
    struct Row {
        list: OrDefault<Vec<u8>>,
        time: OptionalTime,
    }

    #[test]
    fn absent_and_null_are_the_default() {
        let none = Row { list: OrDefault(vec![]), time: OptionalTime(None) };
        for json in ["{}", r#"{"list":null,"time":null}"#, r#"{"list":[],"time":""}"#] {
            assert_eq!(serde_json::from_str::<Row>(json).unwrap(), none, "{json}");
        }
    }

    #[test]
    fn what_is_there_must_be_right() {
        let row: Row = serde_json::from_str(r#"{"list":[1],"time":"2025-03-04"}"#).unwrap();
        assert_eq!(row.list.0, [1]);
        assert_eq!(row.time.0.unwrap().as_str(), "2025-03-04T00:00:00Z");
        assert!(serde_json::from_str::<Row>(r#"{"list":{}}"#).is_err());
        assert!(serde_json::from_str::<Row>(r#"{"time":"soon"}"#).is_err());
        assert!(serde_json::from_str::<Row>(r#"{"time":7}"#).is_err());
    }
}
