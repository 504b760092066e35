//! Exponential backoff: how long to wait before the next try. Pure: the random number is an argument.

/// Waits that double with each failure.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Backoff {
    /// The wait after the first failure.
    pub first_ms: f64,
    /// The longest wait: no wait doubles beyond it.
    pub longest_ms: f64,
    /// The random share of a wait, so that clients that failed together do not all retry together: 1 is "full jitter", 0.5 is
    /// "equal jitter".
    pub jitter: f64,
}

impl Backoff {
    /// Returns the wait after this number of failures in a row. `random` is from 0 to 1.
    pub(crate) fn delay_ms(&self, failures: u32, random: f64) -> f64 {
        let doublings = failures.saturating_sub(1).min(31) as i32;
        let wait = (self.first_ms * 2f64.powi(doublings)).min(self.longest_ms);
        wait * (1.0 - self.jitter * (1.0 - random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Backoff = Backoff { first_ms: 250.0, longest_ms: 1_500.0, jitter: 1.0 };
    const EQUAL: Backoff = Backoff { jitter: 0.5, ..FULL };

    #[test]
    fn the_wait_doubles_with_each_failure_up_to_its_limit() {
        for (failures, wait) in [(0, 250.0), (1, 250.0), (2, 500.0), (3, 1_000.0), (4, 1_500.0), (u32::MAX, 1_500.0)] {
            assert_eq!(FULL.delay_ms(failures, 1.0), wait, "{failures}");
            assert_eq!(EQUAL.delay_ms(failures, 1.0), wait, "{failures}");
        }
    }

    #[test]
    fn the_random_number_spreads_the_part_that_may_vary() {
        assert_eq!([0.0, 0.5, 1.0].map(|random| FULL.delay_ms(3, random)), [0.0, 500.0, 1_000.0]);
        assert_eq!([0.0, 0.5, 1.0].map(|random| EQUAL.delay_ms(3, random)), [500.0, 750.0, 1_000.0]);
    }
}
