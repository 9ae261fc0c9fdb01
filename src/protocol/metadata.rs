//! Metadata in header and trailer blocks.

use http::header::{HeaderMap, HeaderName};

use crate::call::Metadata;

/// Fields that the protocols themselves write. A handler that sets one, most often by passing on the metadata of an
/// error from another server, must not be able to break the response with it.
pub const RESERVED_BY_PROTOCOLS: [&str; 18] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "connect-content-encoding",
    "grpc-encoding",
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "connect-protocol-version",
    "date",
];

/// Adds `metadata` to `target` without [`RESERVED_BY_PROTOCOLS`]. Values of a repeated name stay separate.
pub fn append(target: &mut HeaderMap, metadata: Metadata) {
    for (name, value) in metadata {
        // A full map leaves the rest out; JavaScript is refused long before that.
        if !is_reserved(&name) && target.try_append(name, value).is_err() {
            return;
        }
    }
}

/// Whether only the protocols may write the field `name`.
pub fn is_reserved(name: &HeaderName) -> bool {
    RESERVED_BY_PROTOCOLS.contains(&name.as_str())
}
