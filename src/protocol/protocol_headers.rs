//! The headers that steer a call: version, timeout, compression.

use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::compression::{Negotiated, negotiate};
use super::connect::Query;
use super::wire::Wire;
use super::{connect, grpc};
use crate::call::{Deadline, Error, Method, Protocol};

/// What these headers say about the call.
#[derive(Debug)]
pub struct ProtocolHeaders {
    /// The deadline of the call.
    pub deadline: Deadline,
    /// The encodings of its messages.
    pub compression: Negotiated,
    /// The first error in them. It is sent in the call's protocol, in an encoding that the client reads.
    pub rejection: Option<Error>,
}

impl ProtocolHeaders {
    /// Reads the headers of a request for `method`; `query` is that of a Connect GET.
    pub fn read(wire: Wire, query: Option<&Query>, parts: &Parts, method: &Method) -> Self {
        let names = wire.header_names();
        let options = &method.options;
        let fields = |name| parts.headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let is_connect = wire.protocol() == Protocol::Connect;

        let version = if is_connect && options.require_connect_protocol_header {
            connect::require_version(parts, query)
        } else {
            Ok(())
        };
        let requested = match query {
            Some(query) => query.compression(),
            None => fields(&names.encoding).next(),
        };
        let accepted = parts.headers.get_all(&names.accept_encoding);
        let (compression, mut encoding) =
            negotiate(&options.accept_compression, requested, &accepted, &names.accept_encoding);
        if query.is_none() && fields(&names.encoding).nth(1).is_some() {
            encoding = Err(more_than_one(&names.encoding));
        }
        let parse_timeout = if is_connect { connect::parse_timeout } else { grpc::parse_timeout };
        let mut timeouts = parts.headers.get_all(&names.timeout).iter();
        let timeout = match (timeouts.next(), timeouts.next()) {
            (_, Some(_)) => Err(more_than_one(&names.timeout)),
            (timeout, None) => timeout.map(|value| parse_timeout(value.as_bytes())).transpose(),
        };
        let (deadline, timeout) = match timeout.and_then(|timeout| Deadline::negotiate(timeout, options.max_timeout)) {
            Ok(deadline) => (deadline, Ok(())),
            Err(error) => (Deadline::none(), Err(error)),
        };
        Self { deadline, compression, rejection: version.and(encoding).and(timeout).err() }
    }
}

/// The error for a field that a request has twice, with perhaps different values.
fn more_than_one(name: &HeaderName) -> Error {
    Error::invalid_argument(format!("protocol error: more than one {name}"))
}
