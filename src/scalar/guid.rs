//! GUIDs: the ids of RXs and patients.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tsify::Tsify;

/// A GUID: lower case, with hyphens, without braces.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug, Tsify)]
#[tsify(type = "string")]
pub struct Guid(u128);

/// The text is not a GUID. Holds nothing of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAGuid;

/// Whether a GUID's text has a hyphen at this index.
const fn is_hyphen(at: usize) -> bool {
    matches!(at, 8 | 13 | 18 | 23)
}

impl Guid {
    /// Returns a version 4 GUID made of `bits`, which must be random for it to be unique.
    pub const fn from_random(bits: u128) -> Self {
        let version = 0x4 << 76;
        let variant = 0b10 << 62;
        Self(bits & !(0xf << 76) & !(0b11 << 62) | version | variant)
    }

    /// Returns the GUID that stands for a thing that has only a number. No real GUID is so small.
    #[cfg(feature = "client")]
    pub(crate) const fn of_number(number: u64) -> Self {
        Self(number as u128)
    }

    /// Whether it was made from a number, or is the nil GUID.
    #[cfg(feature = "client")]
    pub(crate) const fn is_number(self) -> bool {
        self.0 >> 64 == 0
    }
}

impl FromStr for Guid {
    type Err = NotAGuid;

    fn from_str(text: &str) -> Result<Self, NotAGuid> {
        if text.len() != 36 {
            return Err(NotAGuid);
        }
        let mut bits = 0;
        for (at, byte) in text.bytes().enumerate() {
            if is_hyphen(at) {
                if byte != b'-' {
                    return Err(NotAGuid);
                }
                continue;
            }
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                b'A'..=b'F' => byte - b'A' + 10,
                _ => return Err(NotAGuid),
            };
            bits = bits << 4 | u128::from(digit);
        }
        Ok(Self(bits))
    }
}

impl Guid {
    /// Writes the GUID's text into `text`.
    pub(crate) fn write(self, text: &mut [u8; 36]) -> &str {
        let mut bits = self.0;
        for (at, byte) in text.iter_mut().enumerate() {
            *byte = b'-';
            if !is_hyphen(at) {
                bits = bits.rotate_left(4);
                let digit = (bits & 0xf) as u8;
                *byte = digit + if digit < 10 { b'0' } else { b'a' - 10 };
            }
        }
        str::from_utf8(text).unwrap_or_default()
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; 36]))
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Guid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Guid;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a GUID")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Guid, E> {
                text.parse().map_err(|NotAGuid| E::custom("expected a GUID"))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a09292aa-8b06-45f9-a73c-350538bb32f3";

    #[test]
    fn any_case_is_read_and_lower_case_is_written() {
        let guid: Guid = TEXT.to_uppercase().parse().unwrap();
        assert_eq!(guid.to_string(), TEXT);
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "a09292aa8b0645f9a73c350538bb32f3",
            "{a09292aa-8b06-45f9-a73c-350538bb32f3}",
            "g09292aa-8b06-45f9-a73c-350538bb32f3",
            "a09292aa-8b06-45f9-a73c-350538bb32f30",
            "a09292aa-8b06-45f9-a73c_350538bb32f3",
            "é09292aa-8b06-45f9-a73c-350538bb32f",
        ] {
            assert_eq!(text.parse::<Guid>(), Err(NotAGuid), "{text}");
        }
    }

    #[test]
    fn random_bits_become_a_version_4_guid() {
        let text = Guid::from_random(u128::MAX).to_string();
        assert_eq!(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
