//! gRPC: envelopes, and the status in HTTP trailers.

mod end;
mod timeout;

use http::Response;
use http::header::{CONTENT_TYPE, HeaderName};

use super::ResponseBody;
use super::wire::{HeaderNames, Wire};
use crate::rpc::{Error, Metadata};

pub use end::{GRPC_MESSAGE, GRPC_STATUS, GRPC_STATUS_DETAILS, trailers};
pub use timeout::parse_timeout;

/// Header names of gRPC, which gRPC-Web shares.
pub static HEADERS: HeaderNames = HeaderNames {
    timeout: HeaderName::from_static("grpc-timeout"),
    encoding: HeaderName::from_static("grpc-encoding"),
    accept_encoding: HeaderName::from_static("grpc-accept-encoding"),
};

/// A response that is only an error: Trailers-Only, one header block that ends the stream.
pub fn error_response(wire: Wire, error: &Error) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.headers_mut() = trailers(Metadata::new(), Some(error));
    response.headers_mut().insert(CONTENT_TYPE, wire.content_type());
    response
}
