//! gRPC-Web: envelopes whose last one carries the trailers, in binary or as base64 text.

mod end;
mod text;

use http::Response;

use super::wire::Wire;
use super::{ResponseBody, body::Chunks};
use crate::rpc::{Error, Metadata};

pub use end::trailers_envelope;
pub use text::{TextDecoder, encode_text};

/// A response that is only an error.
pub fn error_response(wire: Wire, text: bool, error: &Error) -> Response<ResponseBody> {
    let envelope = trailers_envelope(Metadata::new(), Some(error));
    let chunk = if text { encode_text(&envelope) } else { envelope };
    let mut response = Response::new(ResponseBody::framed(Chunks::one(chunk), None));
    response.headers_mut().insert(http::header::CONTENT_TYPE, wire.content_type());
    response
}
