//! Times in milliseconds since 1970, like JavaScript's clock.

use crate::scalar::PlainDate;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// A second in milliseconds.
pub const SECOND: Millis = 1_000;
/// A minute in milliseconds.
pub const MINUTE: Millis = 60 * SECOND;
/// An hour in milliseconds.
pub const HOUR: Millis = 60 * MINUTE;
/// A day in milliseconds.
pub const DAY: Millis = 24 * HOUR;

/// Returns the UTC date at a time.
pub fn date(at: Millis) -> PlainDate {
    PlainDate::from_days_since_epoch(at.div_euclid(DAY))
}

/// Formats a time as `2025-03-04T09:30:00.250Z`; such strings sort like times.
pub fn rfc3339(at: Millis) -> String {
    let (hour, minute) = (at.rem_euclid(DAY) / HOUR, at.rem_euclid(HOUR) / MINUTE);
    let (second, milli) = (at.rem_euclid(MINUTE) / SECOND, at.rem_euclid(SECOND));
    format!("{}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z", date(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_strings_in_utc_that_sort_as_times_do() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_741_080_615_999), "2025-03-04T09:30:15.999Z");
        assert!(rfc3339(1_741_080_615_999) < rfc3339(1_741_080_616_000));
    }
}
