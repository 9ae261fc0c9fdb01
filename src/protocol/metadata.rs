//! Metadata in header and trailer blocks.

use std::sync::Arc;

use http::HeaderValue;
use http::header::{HeaderMap, HeaderName};

use crate::call::{ConnectionBudget, Metadata, ReservedBytes};

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

/// Values from this size on are reserved in the budget: a client that does not read keeps them in memory.
const MIN_RESERVED_BYTES: usize = 1024;

/// Reserves the large values of a block until it is sent.
pub fn reserve(block: &mut HeaderMap, budget: &Arc<ConnectionBudget>) {
    for value in block.values_mut().filter(|value| value.len() > MIN_RESERVED_BYTES) {
        let reserved = ReservedBytes::unchecked(value.as_bytes().to_vec(), budget).into_bytes();
        // It was a valid value before, and is one now.
        if let Ok(reserved) = HeaderValue::from_maybe_shared(reserved) {
            *value = reserved;
        }
    }
}

/// Whether only the protocols may write the field `name`.
pub fn is_reserved(name: &HeaderName) -> bool {
    RESERVED_BY_PROTOCOLS.contains(&name.as_str())
}
