//! Finds the nearest `f32` to any decimal number, by comparing integers of any length. Rarely needed.

use std::cmp::Ordering;

/// An `f32`, or the midpoint of two, has at most 113 digits. Of further digits, it matters only whether they are all zero.
const DIGITS: usize = 120;

/// Returns the `f32` nearest to the digits times ten to the power of `exponent`. A point or comma among the digits is skipped.
#[cold]
pub(super) fn nearest(digits: &[u8], exponent: i32) -> f32 {
    let mut digits =
        digits.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0').skip_while(|digit| *digit == 0);
    let mut mantissa = Natural::default();
    let mut length = 0i32;
    for digit in digits.by_ref().take(DIGITS) {
        mantissa.multiply_add(10, u32::from(digit));
        length += 1;
    }
    let (mut dropped, mut is_more) = (0i32, false);
    for digit in digits {
        dropped += 1;
        is_more |= digit != 0;
    }
    let mut exponent = exponent.saturating_add(dropped);
    if is_more {
        mantissa.multiply_add(10, 1);
        exponent = exponent.saturating_sub(1);
        length += 1;
    }
    let magnitude = length.saturating_add(exponent);
    if length == 0 || magnitude < -46 {
        return 0.0;
    }
    if magnitude > 40 {
        return f32::INFINITY;
    }
    search(&mantissa, exponent)
}

/// Binary search over the positive floats, whose bits have the same order as their values.
fn search(mantissa: &Natural, exponent: i32) -> f32 {
    let (mut low, mut high) = (0u32, f32::INFINITY.to_bits());
    while low < high {
        let bits = low + (high - low) / 2;
        let is_above = match compare_with_middle(mantissa, exponent, bits) {
            Ordering::Less => false,
            Ordering::Equal => bits % 2 == 1,
            Ordering::Greater => true,
        };
        if is_above {
            low = bits + 1;
        } else {
            high = bits;
        }
    }
    f32::from_bits(low)
}

/// Compares the number with the midpoint between the float with these bits and the next one.
fn compare_with_middle(mantissa: &Natural, exponent: i32, bits: u32) -> Ordering {
    let (fraction, power) = match (bits >> 23, bits & 0x7f_ffff) {
        (0, fraction) => (fraction, -149),
        (power, fraction) => (fraction | 0x80_0000, power as i32 - 150),
    };
    let (mut ours, mut middle) = (mantissa.clone(), Natural::default());
    middle.multiply_add(1, fraction * 2 + 1);
    ours.multiply_by_power(5, exponent.max(0));
    middle.multiply_by_power(5, (-exponent).max(0));
    let shift = exponent - (power - 1);
    ours.multiply_by_power(2, shift.max(0));
    middle.multiply_by_power(2, (-shift).max(0));
    ours.cmp(&middle)
}

/// A natural number: its digits in base 2³², the least significant first, without leading zeros.
#[derive(Clone, Default, PartialEq, Eq)]
struct Natural(Vec<u32>);

impl Natural {
    fn multiply_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for digit in &mut self.0 {
            let product = u64::from(*digit) * u64::from(factor) + carry;
            *digit = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn multiply_by_power(&mut self, base: u32, mut exponent: i32) {
        while exponent > 0 {
            let step = exponent.min(13);
            self.multiply_add(base.pow(step as u32), 0);
            exponent -= step;
        }
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
