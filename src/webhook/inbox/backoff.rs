//! How long to wait before the next try.

use super::Inbox;
use crate::engine::backoff::Backoff;
use crate::webhook::clock::Millis;

impl Inbox<'_> {
    /// A wait that doubles with each failure, from `first` up to `longest`, of which up to half is taken off so that what
    /// failed together does not come back together: for `salt`, now.
    pub(super) fn backoff(&self, failures: u32, first: Millis, longest: Millis, salt: &str) -> Millis {
        let backoff = Backoff { first_ms: first as f64, longest_ms: longest as f64, jitter: 0.5 };
        backoff.delay_ms(failures, fraction(salt, self.now)) as Millis
    }
}

/// A number from 0 to 1 by the FNV-1a hash, not by chance: a step must be repeatable.
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
