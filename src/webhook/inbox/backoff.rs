//! How long to wait before a retry.

use super::Inbox;
use crate::engine::backoff::Backoff;
use crate::webhook::clock::Millis;

impl Inbox<'_> {
    /// Returns a wait that doubles with each failure, from `first` up to `longest`. It is shortened by up to half, depending on
    /// `salt` and the time, so that calls that failed together are not repeated together.
    pub(super) fn backoff(&self, failures: u32, first: Millis, longest: Millis, salt: &str) -> Millis {
        let backoff = Backoff { first_ms: first as f64, longest_ms: longest as f64, jitter: 0.5 };
        backoff.delay_ms(failures, fraction(salt, self.now)) as Millis
    }
}

/// Returns a number from 0 to 1: an FNV-1a hash instead of a random number, since a step must be deterministic.
fn fraction(salt: &str, now: Millis) -> f64 {
    let bytes = salt.bytes().chain(now.to_le_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    ((hash >> 32) % 1_000) as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_spread_and_repeatable() {
        let fractions: Vec<_> = (0..200).map(|now| fraction("x", now)).collect();
        assert!(fractions.iter().all(|fraction| (0.0..1.0).contains(fraction)), "{fractions:?}");
        assert!(fractions.iter().any(|fraction| *fraction < 0.2) && fractions.iter().any(|fraction| *fraction > 0.8));
        assert_eq!(fraction("x", 1), fraction("x", 1));
        assert_ne!(fraction("x", 1), fraction("y", 1));
    }
}
