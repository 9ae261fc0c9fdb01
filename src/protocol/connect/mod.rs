//! Connect: unary calls as plain HTTP, streams as envelopes that end in JSON.

mod end;
mod error_json;
mod get;
mod timeout;
mod version;

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Method as Verb, Response, StatusCode};

use super::ResponseBody;
use super::wire::{HeaderNames, Wire};
use crate::rpc::Error;

pub use end::{end_stream, trailers_as_headers};
pub use error_json::{error_json, http_status};
pub use get::{Query, codec as get_codec};
pub use timeout::parse_timeout;
pub use version::require_version;

/// Header names of a unary call.
pub static UNARY_HEADERS: HeaderNames = HeaderNames {
    timeout: HeaderName::from_static("connect-timeout-ms"),
    encoding: CONTENT_ENCODING,
    accept_encoding: ACCEPT_ENCODING,
};

/// Header names of a stream.
pub static STREAM_HEADERS: HeaderNames = HeaderNames {
    timeout: HeaderName::from_static("connect-timeout-ms"),
    encoding: HeaderName::from_static("connect-content-encoding"),
    accept_encoding: HeaderName::from_static("connect-accept-encoding"),
};

/// Whether a request to a path that is not there comes from a Connect client, as far as one can tell.
///
/// A plain JSON POST is not enough: every other HTTP client sends those too.
pub fn is_connect(parts: &Parts, by_content_type: Option<Wire>) -> bool {
    let by_type = match by_content_type {
        Some(Wire::ConnectStream { .. }) => true,
        Some(wire @ Wire::ConnectUnary { .. }) => wire.codec() == super::Codec::Proto,
        _ => false,
    };
    by_type
        || parts.headers.contains_key(version::PROTOCOL_VERSION)
        || (parts.method == Verb::GET && Query::of(parts).says_connect_v1())
}

/// An error as the JSON body of a unary response.
pub fn error_response_with_status(error: &Error, status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(error_json(error)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
