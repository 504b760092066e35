//! Parses decimal numbers to the nearest `f32`, without the tables of the standard library's parser, which take 20 KB of a
//! module.

mod exact;

/// A decimal number that was parsed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// The value: `as f32` makes it the nearest `f32`, and it is exact for whole numbers below 2⁵³.
    pub value: f64,
    pub has_comma: bool,
}

/// The smallest number with nineteen digits. One more digit might not fit in a `u64`.
const NINETEEN_DIGITS: u64 = 1_000_000_000_000_000_000;

/// The smallest number with eleven digits. A number with fewer has room for eight more.
const ELEVEN_DIGITS: u64 = 10_000_000_000;

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Returns `None` if the word is not a finite decimal number. A comma is accepted as the decimal point.
pub(super) fn parse(word: &[u8]) -> Option<Number> {
    let (is_negative, unsigned) = match word {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, word),
    };
    let mut digits = Digits::default();
    let whole = digits.take(unsigned);
    let point = unsigned.get(whole).filter(|byte| matches!(byte, b'.' | b','));
    let fraction = point.map_or(0, |_| digits.take(&unsigned[whole + 1..]));
    if whole + fraction == 0 {
        return None;
    }
    let at = whole + usize::from(point.is_some()) + fraction;
    let exponent = exponent(unsigned.get(at..)?)?.saturating_sub(fraction as i32);
    let magnitude = fast(digits.mantissa, exponent.saturating_add(digits.dropped));
    let magnitude = magnitude.unwrap_or_else(|| f64::from(exact::nearest(unsigned.get(..at).unwrap_or(&[]), exponent)));
    magnitude
        .is_finite()
        .then_some(Number { value: if is_negative { -magnitude } else { magnitude }, has_comma: point == Some(&b',') })
}

/// The digits of a number, without its point.
#[derive(Default)]
struct Digits {
    mantissa: u64,
    /// How many digits did not fit.
    dropped: i32,
}

impl Digits {
    /// Reads the digits at the start of the bytes. Returns how many there are.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while self.mantissa < ELEVEN_DIGITS
            && let Some(value) = bytes.get(taken..).and_then(eight_digits)
        {
            self.mantissa = self.mantissa * 100_000_000 + value;
            taken += 8;
        }
        while let Some(digit) = bytes.get(taken).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            if self.mantissa < NINETEEN_DIGITS {
                self.mantissa = self.mantissa * 10 + u64::from(digit);
            } else {
                self.dropped += 1;
            }
            taken += 1;
        }
        taken
    }
}

/// Returns the number that the first eight bytes form, if they are digits. Combines all of them at once, with one
/// multiplication each for pairs, fours and eight.
#[inline]
fn eight_digits(bytes: &[u8]) -> Option<u64> {
    let bytes = u64::from_le_bytes(*bytes.first_chunk()?);
    let digits = bytes.wrapping_sub(0x3030_3030_3030_3030);
    // A byte that is not from 0 to 9 has one of its upper four bits set, either before or after 6 is added.
    let odd = (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0;
    if odd != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// Returns the exponent of a word such as `e-5`; 0 if it is empty, `None` for anything else.
fn exponent(word: &[u8]) -> Option<i32> {
    let [b'e' | b'E' | b'd' | b'D', rest @ ..] = word else { return word.is_empty().then_some(0) };
    let (is_negative, digits) = match rest {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value =
        digits.iter().fold(0i32, |value, digit| value.saturating_mul(10).saturating_add(i32::from(digit - b'0')));
    let value = value.min(100_000);
    Some(if is_negative { -value } else { value })
}

/// A single operation gives an `f64` that is exact or off by less than two units in the last place. `as f32` then gives the
/// nearest `f32`, unless the `f64` is about halfway between two of them. Digits after the nineteenth are not in the mantissa:
/// they are less than one more unit.
fn fast(mantissa: u64, exponent: i32) -> Option<f64> {
    let power = POWERS.get(exponent.unsigned_abs() as usize)?;
    let value = if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power };
    let is_exact = exponent == 0 && mantissa < 1 << 53;
    let from_between = (value.to_bits() & 0x1fff_ffff).abs_diff(0x1000_0000);
    (is_exact || from_between > 4 && value < f64::from(f32::MAX)).then_some(value)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(word: &str) -> Option<f32> {
        parse(word.as_bytes()).map(|number| number.value as f32)
    }

    #[test]
    fn reads_what_exporters_write() {
        for (word, value) in [("1", 1.0), ("-0.5", -0.5), ("+.25", 0.25), ("1.e2", 100.0), ("2D-1", 0.2), ("007", 7.0)]
        {
            assert_eq!(read(word), Some(value), "{word}");
        }
        assert_eq!(parse(b"1,5"), Some(Number { value: 1.5, has_comma: true }));
    }

    #[test]
    fn refuses_what_is_no_finite_number() {
        for word in [
            "",
            "-",
            ".",
            "e5",
            "nan",
            "inf",
            "-1.#IND",
            "1e",
            "1e+",
            "1.2.3",
            "1,2,3",
            "0x10",
            "1f",
            "1e39",
            "9e999999999",
        ] {
            assert_eq!(read(word), None, "{word}");
        }
    }

    #[test]
    fn rounds_to_the_nearest_where_two_steps_would_not() {
        for word in [
            "1.00000017881393432617187499", // just below the middle of two f32s
            "1.00000017881393432617187500", // the middle: to even
            "1.00000017881393432617187501", // just above
            "7.0064923216240853e-46",       // the middle of 0 and the least
            "7.0064923216240854e-46",
            "3.4028235677973366e38",
            "5.074913740158081", // nearest f64: the middle of two f32s
            "4.504854440689087",
            "16777217.000000000000000000000000000000000000000001",
            "0.000000000000000000000000000000000000000000001",
            "123456789012345678901234567890",
            "1e-99999",
        ] {
            let expected: f32 = word.parse().expect("a number");
            assert_eq!(read(word), expected.is_finite().then_some(expected), "{word}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(word in "-?[0-9]{1,25}(\\.[0-9]{0,30})?(e-?[0-4]?[0-9])?") {
            let expected: f32 = word.parse().expect("a number");
            prop_assert_eq!(read(&word), expected.is_finite().then_some(expected));
        }

        #[test]
        fn reads_back_every_float(bits: u32) {
            let float = f32::from_bits(bits);
            prop_assume!(float.is_finite());
            for word in [format!("{float}"), format!("{float:e}"), format!("{:e}", f64::from(float))] {
                prop_assert_eq!(read(&word).map(f32::to_bits), Some(bits), "{}", word);
            }
        }

        #[test]
        fn reads_whole_numbers_exactly(number in 0u64..1 << 53) {
            prop_assert_eq!(parse(number.to_string().as_bytes()).map(|read| read.value), Some(number as f64));
        }
    }
}
