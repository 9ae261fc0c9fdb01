//! The version of the protocol: the header `connect-protocol-version: 1`, or `connect=v1` in the query of a GET.

use http::Method as Verb;
use http::request::Parts;

use super::get::Query;
use crate::call::Error;

/// The header that every Connect client sends.
/// The field that names the version of the protocol.
pub const PROTOCOL_VERSION: &str = "connect-protocol-version";

/// Whether a request names a version of Connect: any in the header, `v1` in the query of a GET.
pub fn has_version(parts: &Parts) -> bool {
    parts.headers.contains_key(PROTOCOL_VERSION)
        || (parts.method == Verb::GET && Query::of(parts).version() == Some(b"v1"))
}

/// Checks the version, for methods that require it. `query` is that of a GET.
///
/// # Errors
///
/// `invalid_argument` when the version is missing or not 1.
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
