//! The responses to requests that no method serves.

use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};

use super::connect;
use super::framing::Framing;
use super::response_body::ResponseBody;
use super::response_writer::ResponseWriter;
use super::wire::Wire;
use crate::call::{Code, Codec, Error};

/// A response of plain text, in no protocol.
pub(crate) fn plain_response(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(text));
    *response.status_mut() = status;
    response
}

/// 405, for a verb that the method does not allow.
pub fn method_not_allowed(get_allowed: bool) -> Response<ResponseBody> {
    let mut response = plain_response(StatusCode::METHOD_NOT_ALLOWED, "");
    let allow = HeaderValue::from_static(if get_allowed { "GET, POST" } else { "POST" });
    response.headers_mut().insert(ALLOW, allow);
    response
}

/// 415, for a content type that stands for no wire of the method.
pub fn unsupported_media_type() -> Response<ResponseBody> {
    plain_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, "")
}

/// The response for a path that no method has.
///
/// gRPC clients read a status, Connect clients an error body; everyone else gets plain text.
pub(crate) fn not_found(parts: &Parts) -> Response<ResponseBody> {
    let error = || Error::new(Code::Unimplemented, format!("no method at {}", parts.uri.path()));
    let wire = Wire::of_content_type(&parts.headers);
    match (wire, wire.and_then(Wire::framing)) {
        (Some(wire), Some(framing @ (Framing::Grpc | Framing::GrpcWeb { .. }))) => {
            ResponseWriter::for_error(wire, parts.version).write_error(framing, &error())
        }
        _ if is_connect(parts, wire) => {
            connect::error_response(&error(), StatusCode::NOT_FOUND).map(ResponseBody::full)
        }
        _ => plain_response(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// Whether a request is from a Connect client, as far as it shows. `wire` is Connect's, by the content type.
///
/// A POST of plain JSON is not enough: every other HTTP client sends those too.
fn is_connect(parts: &Parts, wire: Option<Wire>) -> bool {
    wire.is_some_and(|wire| wire.framing().is_some() || wire.codec() == Codec::Proto) || connect::has_version(parts)
}
