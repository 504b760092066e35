//! How long to wait before the next try.

use crate::webhook::clock::Millis;

/// A wait that doubles with each failure, from `first` up to `longest`, of which up to half is taken off so that what
/// failed together does not come back together. By a hash, not by chance: a step must be repeatable.
pub(super) fn backoff(failures: u32, first: Millis, longest: Millis, salt: &str, now: Millis) -> Millis {
    let doublings = failures.saturating_sub(1).min(30);
    let wait = first.saturating_mul(1 << doublings).min(longest);
    let bytes = salt.bytes().chain(now.to_le_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    wait - wait / 2 * ((hash >> 32) % 1_000) as Millis / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_limit_and_are_spread() {
        for (failures, longest) in [(0, 10), (1, 10), (2, 20), (3, 40), (9, 100), (u32::MAX, 100)] {
            let waits: Vec<_> = (0..200).map(|now| backoff(failures, 10, 100, "x", now)).collect();
            assert!(waits.iter().all(|wait| (longest / 2..=longest).contains(wait)), "{failures}: {waits:?}");
            assert!(waits.iter().min() < waits.iter().max());
        }
        assert_eq!(backoff(3, 10, 100, "x", 1), backoff(3, 10, 100, "x", 1));
    }
}
