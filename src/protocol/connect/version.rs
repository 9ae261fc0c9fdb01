//! `connect-protocol-version: 1`, and `connect=v1` in a GET.

use http::request::Parts;

use super::Query;
use crate::rpc::Error;

/// The header every Connect client sends.
pub const PROTOCOL_VERSION: &str = "connect-protocol-version";

/// Insists on the version, for methods that ask for it.
///
/// # Errors
///
/// `invalid_argument` when it is missing or another.
pub fn require_version(parts: &Parts, query: Option<&Query>) -> Result<(), Error> {
    match query {
        None => match parts.headers.get(PROTOCOL_VERSION).map(http::HeaderValue::as_bytes) {
            Some(b"1") => Ok(()),
            None => Err(Error::invalid_argument("missing required header: set Connect-Protocol-Version to \"1\"")),
            Some(other) => Err(Error::invalid_argument(format!(
                "Connect-Protocol-Version must be \"1\": got \"{}\"",
                String::from_utf8_lossy(other)
            ))),
        },
        Some(query) => match query.version() {
            Some(b"v1") => Ok(()),
            None => Err(Error::invalid_argument("missing required parameter: set connect to \"v1\"")),
            Some(other) => Err(Error::invalid_argument(format!(
                "connect must be \"v1\": got \"{}\"",
                String::from_utf8_lossy(other)
            ))),
        },
    }
}
