//! Dates and times: read in every form that the document shows, returned in a single form.

use std::fmt;

use serde::{Serialize, Serializer};
use tsify::Tsify;

use crate::json::digits;

/// A moment in UTC as RFC 3339 text ending in `Z`, such as `2025-03-04T09:30:00Z`, with as many fraction digits as the API
/// sent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Tsify)]
#[tsify(type = "string")]
pub struct Timestamp(String);

/// A calendar date as `YYYY-MM-DD`, without a time zone: a birth date is never shifted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Tsify)]
#[tsify(type = "string")]
pub struct PlainDate {
    year: i32,
    month: u32,
    day: u32,
}

/// The text is not a date or time. Holds nothing of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotATime;

const SECONDS_PER_DAY: i64 = 86_400;

impl PlainDate {
    /// Returns a date of the proleptic Gregorian calendar; `None` if there is no such day.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month, day })
    }

    /// Reads exactly `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let mut scanner = Scanner(text.as_bytes());
        let date = scanner.date()?;
        scanner.end()?;
        Ok(date)
    }

    /// Returns the date at the start of a date or time of any documented form. `None` for blank text and the year 1, which both
    /// mean that there is no date.
    pub fn of_time(text: &str) -> Result<Option<&str>, NotATime> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(None);
        }
        let date = text.get(..10).ok_or(NotATime)?;
        let there = Self::parse(date)?.year > 1;
        Ok(there.then_some(date))
    }

    /// Returns the UTC date `days` after 1970-01-01.
    pub fn from_days_since_epoch(days: i64) -> Self {
        // Days are counted from 0000-03-01, so that a leap day is the last of its year.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year: year as i32, month: month as u32, day: day as u32 }
    }

    /// Returns the number of days since 1970-01-01, negative before it.
    pub fn days_since_epoch(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// Returns the date as `YYYY-MM-DD`.
    pub(crate) fn text(self) -> String {
        let mut text = String::new();
        push_padded(&mut text, i64::from(self.year), 4);
        text.push('-');
        push_padded(&mut text, i64::from(self.month), 2);
        text.push('-');
        push_padded(&mut text, i64::from(self.day), 2);
        text
    }
}

/// Adds a number, padded with zeros to a width.
fn push_padded(text: &mut String, number: i64, width: usize) {
    let digits = digits(number.unsigned_abs());
    for _ in digits.len()..width {
        text.push('0');
    }
    text.push_str(&digits);
}

impl fmt::Display for PlainDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Serialize for PlainDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Timestamp {
    /// Reads a date or a time in any documented form. Without a zone it is UTC; other zones are converted. `None` for blank
    /// text and the year 1, which both mean that there is no time.
    pub fn parse(text: &str) -> Result<Option<Self>, NotATime> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(None);
        }
        let mut scanner = Scanner(text.as_bytes());
        let date = scanner.date()?;
        let (seconds, fraction) = scanner.time_of_day()?;
        let offset = scanner.offset_seconds()?;
        scanner.end()?;
        if date.year <= 1 {
            return Ok(None);
        }
        let bytes = text.as_bytes();
        if offset.is_none() && bytes.get(10) == Some(&b'T') && bytes.get(16) == Some(&b':') {
            // Nearly all times in responses already have this form.
            return Ok(Some(Self([text.strip_suffix('Z').unwrap_or(text), "Z"].concat())));
        }
        let utc = date.days_since_epoch() * SECONDS_PER_DAY + seconds - offset.unwrap_or(0);
        let mut text = PlainDate::from_days_since_epoch(utc.div_euclid(SECONDS_PER_DAY)).text();
        let second = utc.rem_euclid(SECONDS_PER_DAY);
        for (before, number) in [('T', second / 3600), (':', second / 60 % 60), (':', second % 60)] {
            text.push(before);
            push_padded(&mut text, number, 2);
        }
        text.push_str(fraction);
        text.push('Z');
        Ok(Some(Self(text)))
    }

    /// Returns the text, such as `2025-03-04T09:30:00Z`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a time from left to right. Only ASCII can match, so the text is never split within a character.
struct Scanner<'a>(&'a [u8]);

impl<'a> Scanner<'a> {
    fn digits(&mut self, count: usize) -> Result<i64, NotATime> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(NotATime)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, byte| match byte {
            b'0'..=b'9' => Ok(number * 10 + i64::from(byte - b'0')),
            _ => Err(NotATime),
        })
    }

    fn two_digits_up_to(&mut self, limit: i64) -> Result<i64, NotATime> {
        let number = self.digits(2)?;
        (number <= limit).then_some(number).ok_or(NotATime)
    }

    fn take(&mut self, any_of: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        any_of.contains(&first).then(|| self.0 = rest)?;
        Some(first)
    }

    fn date(&mut self) -> Result<PlainDate, NotATime> {
        let year = self.digits(4)?;
        self.take(b"-").ok_or(NotATime)?;
        let month = self.digits(2)?;
        self.take(b"-").ok_or(NotATime)?;
        let day = self.digits(2)?;
        PlainDate::new(year as i32, month as u32, day as u32).ok_or(NotATime)
    }

    /// Returns the seconds since midnight, and the text of the fraction with its point; midnight if there is no time of day.
    fn time_of_day(&mut self) -> Result<(i64, &'a str), NotATime> {
        if self.take(b"Tt ").is_none() {
            return Ok((0, ""));
        }
        let hour = self.two_digits_up_to(23)?;
        self.take(b":").ok_or(NotATime)?;
        let minute = self.two_digits_up_to(59)?;
        let second = if self.take(b":").is_some() { self.two_digits_up_to(59)? } else { 0 };
        let before = self.0;
        let mut fraction = "";
        if self.take(b".").is_some() {
            let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.0 = self.0.split_at_checked(digits).filter(|_| digits > 0).ok_or(NotATime)?.1;
            fraction = before.get(..=digits).and_then(|bytes| str::from_utf8(bytes).ok()).ok_or(NotATime)?;
        }
        Ok((hour * 3600 + minute * 60 + second, fraction))
    }

    /// Returns the offset of the zone in seconds; `None` if there is no numeric one.
    fn offset_seconds(&mut self) -> Result<Option<i64>, NotATime> {
        let sign = match self.take(b"Zz+-") {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Ok(None),
        };
        let hours = self.two_digits_up_to(23)?;
        self.take(b":");
        let minutes = self.two_digits_up_to(59)?;
        Ok(Some(sign * (hours * 3600 + minutes * 60)))
    }

    fn end(&self) -> Result<(), NotATime> {
        self.0.is_empty().then_some(()).ok_or(NotATime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Timestamp::parse(text).unwrap().map(|time| time.0)
    }

    #[test]
    fn every_documented_form_becomes_utc_text_ending_in_z() {
        for (form, utc) in [
            ("2021-01-14T12:13:33", "2021-01-14T12:13:33Z"),
            ("2021-01-14T12:29:57.875966", "2021-01-14T12:29:57.875966Z"),
            ("2021-04-25T19:40:58.0110489Z", "2021-04-25T19:40:58.0110489Z"),
            ("1989-04-13T19:45:40.339Z", "1989-04-13T19:45:40.339Z"),
            ("2025-03-04", "2025-03-04T00:00:00Z"),
            ("2025-03-04 09:30", "2025-03-04T09:30:00Z"),
            ("2025-03-04t09:30:00z", "2025-03-04T09:30:00Z"),
            ("2025-03-04T09:30:00+00:00", "2025-03-04T09:30:00Z"),
            ("2025-03-04T09:30Z", "2025-03-04T09:30:00Z"),
            ("2025-01-01T01:30:00+02:00", "2024-12-31T23:30:00Z"),
            ("2024-02-28T23:00:00-0330", "2024-02-29T02:30:00Z"),
        ] {
            assert_eq!(read(form).as_deref(), Some(utc), "{form}");
        }
    }

    #[test]
    fn blank_and_year_one_mean_none() {
        for text in ["", "  ", "0001-01-01T00:00:00", "0001-01-01"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "yesterday",
            "2023-02-30",
            "2023-13-01",
            "2024-01-1199",
            "2024-01-01T",
            "2024-01-01T24:00:00",
            "2024-01-01T10:00:00.",
            "2024-01-01T10:00:00+",
            "2024-01-01T10:00:00Zulu",
            "２０２４-01-01",
        ] {
            assert_eq!(Timestamp::parse(text), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn a_plain_date_is_a_day_that_exists() {
        assert_eq!(PlainDate::parse("2024-02-29").map(|date| date.to_string()).as_deref(), Ok("2024-02-29"));
        for text in ["2023-02-29", "1900-02-29", "2024-00-10", "2024-1-1", "2024-01-01T00:00:00Z", ""] {
            assert_eq!(PlainDate::parse(text), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn days_since_the_epoch_and_dates_are_inverse() {
        assert_eq!(PlainDate::from_days_since_epoch(0).to_string(), "1970-01-01");
        for days in (-800_000..800_000).step_by(97) {
            assert_eq!(PlainDate::from_days_since_epoch(days).days_since_epoch(), days);
        }
    }
}
