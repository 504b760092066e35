//! When to retry, and after how long. Pure: the random number is an argument.

use super::backoff::Backoff;
use super::error::DpmsError;

/// The client does not wait for a longer `Retry-After`: the caller gets it as `retryAfterMs` and decides.
const MAX_RETRY_AFTER_MS: f64 = 60_000.0;

/// The caller's `RetryOptions`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct RetryPolicy {
    /// How often a call is tried in total.
    pub attempts: u32,
    pub base_delay_ms: f64,
    pub max_delay_ms: f64,
    /// Whether a call that creates something may be repeated too.
    pub create: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, base_delay_ms: 250.0, max_delay_ms: 10_000.0, create: false }
    }
}

impl RetryPolicy {
    /// Never retries.
    pub(crate) const OFF: Self = Self { attempts: 1, base_delay_ms: 0.0, max_delay_ms: 0.0, create: false };

    /// Returns how long to wait before the next try, or `None` to give up. Backs off exponentially with full jitter: `random`,
    /// from 0 to 1, spreads clients that failed together.
    pub(crate) fn delay_ms(&self, tries: u32, creates: bool, error: &DpmsError, random: f64) -> Option<f64> {
        let worthwhile = error.retryable && tries < self.attempts && (self.create || !creates);
        let asked = error.retry_after_ms.unwrap_or(0.0);
        if !worthwhile || asked > MAX_RETRY_AFTER_MS {
            return None;
        }
        let backoff = Backoff { first_ms: self.base_delay_ms, longest_ms: self.max_delay_ms, jitter: 1.0 };
        Some(asked.max(backoff.delay_ms(tries, random)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::error::ErrorKind;

    fn network() -> DpmsError {
        DpmsError::new(ErrorKind::Network, "")
    }

    #[test]
    fn the_delay_doubles_up_to_its_limit_and_is_spread_by_the_random_number() {
        let policy = RetryPolicy { attempts: 9, max_delay_ms: 1_500.0, ..RetryPolicy::default() };
        let delay = |tries, random| policy.delay_ms(tries, false, &network(), random);
        assert_eq!([1, 2, 3, 4].map(|tries| delay(tries, 1.0)), [250.0, 500.0, 1_000.0, 1_500.0].map(Some));
        assert_eq!(delay(3, 0.5), Some(500.0));
        assert_eq!(delay(3, 0.0), Some(0.0));
    }

    #[test]
    fn the_last_try_is_the_last() {
        let policy = RetryPolicy::default();
        assert!(policy.delay_ms(2, false, &network(), 1.0).is_some());
        assert_eq!(policy.delay_ms(3, false, &network(), 1.0), None);
        assert_eq!(RetryPolicy::OFF.delay_ms(1, false, &network(), 1.0), None);
    }

    #[test]
    fn what_is_not_retryable_is_not_retried() {
        let error = DpmsError::new(ErrorKind::BadRequest, "");
        assert_eq!(RetryPolicy::default().delay_ms(1, false, &error, 1.0), None);
    }

    #[test]
    fn creating_is_repeated_only_when_the_caller_opts_in() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.delay_ms(1, true, &network(), 1.0), None);
        let policy = RetryPolicy { create: true, ..policy };
        assert_eq!(policy.delay_ms(1, true, &network(), 1.0), Some(250.0));
    }

    #[test]
    fn retry_after_is_honoured_up_to_a_minute() {
        let asking = |ms| {
            let mut error = network();
            error.retry_after_ms = Some(ms);
            error
        };
        let policy = RetryPolicy::default();
        assert_eq!(policy.delay_ms(1, false, &asking(60_000.0), 1.0), Some(60_000.0));
        assert_eq!(policy.delay_ms(1, false, &asking(60_001.0), 1.0), None);
        assert_eq!(policy.delay_ms(1, false, &asking(1.0), 1.0), Some(250.0));
    }
}
