//! The last envelope of a gRPC-Web response: the trailers, as an HTTP/1.1 header block.

use bytes::Bytes;

use crate::call::{Error, Metadata};
use crate::protocol::envelope::{TRAILERS, join};
use crate::protocol::grpc;

/// Status, message, details and metadata. Names are in lower case, every line ends with CRLF.
pub fn trailers_envelope(trailer: Metadata, error: Option<&Error>) -> Bytes {
    let mut block = Vec::new();
    for (name, value) in &grpc::trailers(trailer, error) {
        block.extend_from_slice(name.as_str().as_bytes());
        block.extend_from_slice(b": ");
        block.extend_from_slice(value.as_bytes());
        block.extend_from_slice(b"\r\n");
    }
    join(TRAILERS, &block)
}
