//! `Retry-After`, parsed in the same way for the client and the inbox. Pure.

/// The longest wait: the largest whole number that a JavaScript number holds exactly, 2^53 - 1.
const MAX_MS: i64 = (1 << 53) - 1;

/// Returns how many milliseconds a `Retry-After` asks to wait, rounded up, or `None` if it is neither a number of seconds nor a
/// date.
///
/// RFC 9110 §10.2.3 allows whole seconds or an HTTP date. Servers also send decimal seconds, and proxies join two headers into
/// a list, of which the first counts. A wait that is too long for a number saturates; a date in the past means no wait.
pub(crate) fn retry_after_ms(header: &str, now_ms: i64, date_ms: fn(&str) -> Option<i64>) -> Option<i64> {
    // A date contains a comma, so the first item of a list may end at the second comma.
    let commas = header.match_indices(',').map(|(at, _)| at).take(2);
    commas.chain([header.len()]).find_map(|end| {
        let first = header.get(..end)?.trim();
        seconds_ms(first).or_else(|| Some((date_ms(first)? - now_ms).clamp(0, MAX_MS)))
    })
}

/// Returns decimal seconds as milliseconds, rounded up. Uses whole numbers, since the standard library's float parser takes 4
/// KB of gzip.
fn seconds_ms(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = [whole, fraction].concat().bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |digit| i64::from(digit - b'0'));
    let rest = fraction.get(3..).unwrap_or_default().bytes().any(|digit| digit != b'0');
    let millis = digit(0) * 100 + digit(1) * 10 + digit(2) + i64::from(rest);
    let add = |sum: i64, digit: u8| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    let seconds = whole.bytes().fold(0, add);
    Some(seconds.saturating_mul(1_000).saturating_add(millis).min(MAX_MS))
}

/// Reads an HTTP date. The client uses the platform's own parser instead.
#[cfg(any(feature = "webhook", test))]
pub(crate) fn http_date_ms(text: &str) -> Option<i64> {
    let date: httpdate::HttpDate = text.parse().ok()?;
    let since_epoch = std::time::SystemTime::from(date).duration_since(std::time::UNIX_EPOCH).ok()?;
    since_epoch.as_millis().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_445_412_470_500;

    fn after(header: &str) -> Option<i64> {
        retry_after_ms(header, NOW, http_date_ms)
    }

    #[test]
    fn seconds_may_be_decimal_and_are_never_cut_short() {
        for (header, ms) in [
            ("0", 0),
            ("120", 120_000),
            (" 120 ", 120_000),
            ("120.0", 120_000),
            ("2.5", 2_500),
            ("0.0001", 1),
            (".5", 500),
        ] {
            assert_eq!(after(header), Some(ms), "{header}");
        }
    }

    #[test]
    fn an_http_date_is_read_in_each_of_its_three_forms() {
        for header in ["Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015"]
        {
            assert_eq!(after(header), Some(9_500), "{header}");
        }
        assert_eq!(after("Wed, 21 Oct 2015 07:27:00 GMT"), Some(0), "it is over");
    }

    #[test]
    fn of_a_list_the_first_counts() {
        for (header, ms) in [
            ("5, 5", 5_000),
            ("5,120", 5_000),
            ("2.5, Wed, 21 Oct 2015 07:28:00 GMT", 2_500),
            ("Wed, 21 Oct 2015 07:28:00 GMT, Wed, 21 Oct 2015 07:29:00 GMT", 9_500),
            ("Wed, 21 Oct 2015 07:28:00 GMT, 5", 9_500),
        ] {
            assert_eq!(after(header), Some(ms), "{header}");
        }
    }

    #[test]
    fn a_huge_number_saturates() {
        for header in ["9007199254740992", "99999999999999999999999999", &"9".repeat(400)] {
            assert_eq!(after(header), Some(MAX_MS), "{header}");
        }
        assert_eq!(retry_after_ms("Fri, 31 Dec 9999 23:59:59 GMT", i64::MIN / 2, http_date_ms), Some(MAX_MS));
    }

    #[test]
    fn anything_else_is_unknown() {
        for header in [
            "",
            ",",
            ", 5",
            ".",
            "1.2.3",
            "soon",
            "-1",
            "+5",
            "1e3",
            "inf",
            "NaN",
            "5s",
            "Wed, 21 October 2015 07:28:00 GMT",
            "Sat, 31 Feb 2015 07:28:00 GMT",
            "Wed, 31 Feb 2015 07:28:00 GMT",
            "Wed, 21 Oct",
        ] {
            assert_eq!(after(header), None, "{header}");
        }
    }
}
