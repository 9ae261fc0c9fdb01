//! The headers `grpc-timeout` and `connect-timeout-ms`, and the deadline that follows from them.

use std::time::Duration;

use super::internals::{connect_timeout, grpc_timeout};
use crate::call::{Code, Deadline};

/// Timeouts that a method may allow.
const MAXIMA: [Duration; 3] = [Duration::ZERO, Duration::from_millis(50), Duration::from_secs(3600)];

/// Units of `grpc-timeout`, in nanoseconds.
const UNITS: [(char, u128); 6] =
    [('H', 3_600_000_000_000), ('M', 60_000_000_000), ('S', 1_000_000_000), ('m', 1_000_000), ('u', 1_000), ('n', 1)];

/// An input is the value of a header.
///
/// # Panics
///
/// When it is read differently from how a parser of texts reads it, or when a deadline is later than its timeout or
/// than its method allows.
pub fn timeouts(data: &[u8]) {
    let text = std::str::from_utf8(data).ok();
    let expected = [text.and_then(grpc_nanoseconds), text.and_then(connect_nanoseconds)];
    for (timeout, expected) in [grpc_timeout(data), connect_timeout(data)].into_iter().zip(expected) {
        assert_eq!(timeout.map(|timeout| timeout.as_nanos()), expected.ok_or(Code::InvalidArgument));
        if let Ok(timeout) = timeout {
            check_deadline(timeout);
        }
    }
}

fn check_deadline(timeout: Duration) {
    for maximum in MAXIMA {
        match Deadline::negotiate(Some(timeout), Some(maximum)) {
            Ok(deadline) => {
                assert!(timeout <= maximum, "{timeout:?} is more than {maximum:?}");
                assert!(deadline.remaining().is_some_and(|left| left <= timeout), "{timeout:?}: {deadline:?}");
            }
            Err(error) => {
                assert!(timeout > maximum, "{timeout:?} is not more than {maximum:?}");
                assert_eq!(error.code, Code::InvalidArgument);
            }
        }
    }
    // Beyond the clock's range there is no deadline.
    let deadline = Deadline::negotiate(Some(timeout), None).expect("a method without a maximum");
    assert!(deadline.remaining().is_none_or(|left| left <= timeout), "{timeout:?}: {deadline:?}");
}

fn grpc_nanoseconds(text: &str) -> Option<u128> {
    let unit = text.chars().next_back()?;
    let (_, nanoseconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    Some(number(text.strip_suffix(unit)?, 8)? * nanoseconds)
}

fn connect_nanoseconds(text: &str) -> Option<u128> {
    Some(number(text, 10)? * 1_000_000).filter(|nanoseconds| *nanoseconds > 0)
}

/// A number of at most that many digits, without a sign.
fn number(digits: &str, most: usize) -> Option<u128> {
    let is_number = (1..=most).contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}
