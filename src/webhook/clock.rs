//! Moments: milliseconds since 1970, as JavaScript's clock gives them.

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

/// The UTC date of a moment.
pub fn date(at: Millis) -> PlainDate {
    PlainDate::from_days_since_epoch(at.div_euclid(DAY))
}

/// A moment as `2025-03-04T09:30:00.250Z`; such texts sort as time does.
pub fn rfc3339(at: Millis) -> String {
    let (hour, minute) = (at.rem_euclid(DAY) / HOUR, at.rem_euclid(HOUR) / MINUTE);
    let (second, milli) = (at.rem_euclid(MINUTE) / SECOND, at.rem_euclid(SECOND));
    format!("{}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z", date(at))
}

/// When a `Retry-After` of seconds or of HTTP's date form ends (R6); `None` if it is neither.
pub fn retry_after(header: &str, now: Millis) -> Option<Millis> {
    if let Ok(seconds) = header.trim().parse::<u32>() {
        return Some(now + Millis::from(seconds) * SECOND);
    }
    // Such as `Wed, 21 Oct 2015 07:28:00 GMT`.
    let mut words = header.split_ascii_whitespace().skip(1);
    let day: u32 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = "JanFebMarAprMayJunJulAugSepOctNovDec".find(month).filter(|_| month.len() == 3)? / 3 + 1;
    let date = PlainDate::new(words.next()?.parse().ok()?, month as u32, day)?;
    let mut time = words.next()?.split(':').map(|part| part.parse::<u8>().ok().map(Millis::from));
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    Some(date.days_since_epoch() * DAY + hour * HOUR + minute * MINUTE + second * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_texts_in_utc_that_sort_as_time_does() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_741_080_615_999), "2025-03-04T09:30:15.999Z");
        assert!(rfc3339(1_741_080_615_999) < rfc3339(1_741_080_616_000));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("120", 5_000), Some(125_000));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", 0), Some(1_445_412_480_000));
        for header in
            ["", "soon", "-1", "Wed, 21 October 2015 07:28:00 GMT", "Wed, 31 Feb 2015 07:28:00 GMT", "Wed, 21 Oct"]
        {
            assert_eq!(retry_after(header, 0), None, "{header}");
        }
    }
}
