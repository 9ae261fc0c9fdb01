//! `grpc-timeout`: one to eight digits and a unit.

use std::time::Duration;

use crate::call::Error;

/// Parses the timeout of a call.
///
/// # Errors
///
/// `invalid_argument` unless it is one to eight digits and one of the units `H`, `M`, `S`, `m`, `u`, `n`.
pub fn parse_timeout(value: &[u8]) -> Result<Duration, Error> {
    parse(value).ok_or_else(|| {
        Error::invalid_argument(format!(
            "protocol error: invalid grpc timeout value: {}",
            String::from_utf8_lossy(value)
        ))
    })
}

fn parse(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let amount: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(match unit {
        b'H' => Duration::from_secs(amount * 3600),
        b'M' => Duration::from_secs(amount * 60),
        b'S' => Duration::from_secs(amount),
        b'm' => Duration::from_millis(amount),
        b'u' => Duration::from_micros(amount),
        b'n' => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_and_every_length() {
        let cases: [(&str, Option<Duration>); 14] = [
            ("0n", Some(Duration::ZERO)),
            ("1n", Some(Duration::from_nanos(1))),
            ("2u", Some(Duration::from_micros(2))),
            ("3m", Some(Duration::from_millis(3))),
            ("4S", Some(Duration::from_secs(4))),
            ("5M", Some(Duration::from_secs(300))),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3600))),
            ("100000000m", None),
            ("", None),
            ("m", None),
            ("5", None),
            ("-1m", None),
            ("1.5S", None),
            ("1 S", None),
        ];
        for (value, expected) in cases {
            assert_eq!(parse_timeout(value.as_bytes()).ok(), expected, "{value:?}");
        }
    }
}
