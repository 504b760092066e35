//! Times of the sandbox in milliseconds since 1970, like JavaScript's clock.

use crate::scalar::{PlainDate, Timestamp};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// The largest distance of a JavaScript `Date` from 1970; arithmetic with such times cannot overflow.
pub const FARTHEST: Millis = 8_640_000_000_000_000;

/// A day in milliseconds.
pub const DAY: Millis = 86_400_000;

/// Returns the UTC date of a time.
pub fn date(at: Millis) -> PlainDate {
    PlainDate::from_days_since_epoch(at.div_euclid(DAY))
}

/// Formats a time as `2025-03-04T09:30:00`, with whole seconds and without a zone, which is always UTC in the document (R51).
pub fn timestamp(at: Millis) -> String {
    let second = at.rem_euclid(DAY) / 1000;
    format!("{}T{:02}:{:02}:{:02}", date(at), second / 3600, second / 60 % 60, second % 60)
}

/// Formats a time as `2025-03-04T09:30:00.250`.
pub fn timestamp_millis(at: Millis) -> String {
    format!("{}.{:03}", timestamp(at), at.rem_euclid(1000))
}

/// Returns the first moment of a date.
pub fn midnight(date: PlainDate) -> Millis {
    date.days_since_epoch() * DAY
}

/// Returns the first or the last second that a filter's date includes, in the form of [`timestamp`]; such strings sort like
/// times. A date stands for its whole day, a time for itself (R48). `None` if the text is neither.
pub fn bound(text: &str, last: bool) -> Option<String> {
    if let Ok(date) = PlainDate::parse(text) {
        return Some(format!("{date}T{}", if last { "23:59:59" } else { "00:00:00" }));
    }
    let time = Timestamp::parse(text).ok()??;
    time.as_str().get(..19).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_utc_without_a_zone() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00");
        assert_eq!(timestamp(1_741_080_615_999), "2025-03-04T09:30:15");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59");
    }

    #[test]
    fn a_date_bounds_its_whole_day_and_a_time_itself() {
        assert_eq!(bound("2025-03-04", false).as_deref(), Some("2025-03-04T00:00:00"));
        assert_eq!(bound("2025-03-04", true).as_deref(), Some("2025-03-04T23:59:59"));
        assert_eq!(bound("2025-03-04T10:00:00+02:00", true).as_deref(), Some("2025-03-04T08:00:00"));
        assert_eq!(bound("04/03/2025", false), None);
        assert_eq!(bound("", false), None);
    }
}
