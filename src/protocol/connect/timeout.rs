//! `connect-timeout-ms`: one to ten digits.

use std::time::Duration;

use crate::call::Error;

/// Parses the timeout of a call.
///
/// # Errors
///
/// `invalid_argument` unless it is a positive integer of at most ten digits.
pub fn parse_timeout(value: &[u8]) -> Result<Duration, Error> {
    parse(value).ok_or_else(|| {
        Error::invalid_argument(format!(
            "protocol error: invalid connect timeout value: {}",
            String::from_utf8_lossy(value)
        ))
    })
}

fn parse(digits: &[u8]) -> Option<Duration> {
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let milliseconds: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_ten_digits_and_nothing_else() {
        let cases: [(&str, Option<u64>); 9] = [
            ("1", Some(1)),
            ("0050", Some(50)),
            ("9999999999", Some(9_999_999_999)),
            ("0", None),
            ("", None),
            ("12345678901", None),
            ("-1", None),
            ("1.5", None),
            ("1s", None),
        ];
        for (value, expected) in cases {
            let parsed = parse_timeout(value.as_bytes()).ok();
            assert_eq!(parsed, expected.map(Duration::from_millis), "{value:?}");
        }
    }
}
