//! The responses to requests that no method serves.

use std::sync::Arc;

use http::header::{ALLOW, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};

use super::browser_headers::{is_preflight, will_have};
use super::connect;
use super::framing::Framing;
use super::response_body::ResponseBody;
use super::response_writer::ResponseWriter;
use super::wire::Wire;
use crate::call::{Code, Codec, ConnectionBudget, Error};

/// Every client of gRPC-Web in a browser sends it.
const GRPC_WEB: &str = "x-grpc-web";
/// The fields that tell clients of the protocols in browsers. Content types do not show in a preflight.
const MARKS: [&str; 2] = [connect::PROTOCOL_VERSION, GRPC_WEB];

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
pub(crate) fn not_found(parts: &Parts, budget: &Arc<ConnectionBudget>) -> Response<ResponseBody> {
    let error = Error::new(Code::Unimplemented, format!("no method at {}", parts.uri.path()));
    without_method(parts, &error, StatusCode::NOT_FOUND, budget)
        .unwrap_or_else(|| plain_response(StatusCode::NOT_FOUND, "Not Found"))
}

/// The response to a request for which the server has no memory.
pub(crate) fn refused(parts: &Parts, error: &Error, budget: &Arc<ConnectionBudget>) -> Response<ResponseBody> {
    without_method(parts, error, connect::http_status(error.code), budget).unwrap_or_else(|| {
        error.log();
        plain_response(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
    })
}

/// The response for an error, where no method says what its clients expect. `None` for a client of no protocol.
fn without_method(
    parts: &Parts,
    error: &Error,
    status: StatusCode,
    budget: &Arc<ConnectionBudget>,
) -> Option<Response<ResponseBody>> {
    let wire = Wire::of_content_type(&parts.headers);
    match (wire, wire.and_then(Wire::framing)) {
        (Some(wire), Some(framing @ (Framing::Grpc | Framing::GrpcWeb { .. }))) => {
            Some(ResponseWriter::for_error(wire, parts.version, budget).write_error(framing, error))
        }
        _ if is_connect(parts, wire) => {
            error.log();
            let response = connect::error_response(error, status, budget);
            Some(response.map(|body| ResponseBody::full(body.into_bytes())))
        }
        _ => None,
    }
}

/// Whether a client of gRPC, gRPC-Web or Connect sent the request: whoever gets a protocol's error in [`not_found`],
/// and whoever names one of these protocols with a codec that nobody here has. A browser that asks for such a client is
/// one too.
pub(crate) fn is_rpc_client(parts: &Parts) -> bool {
    let wire = Wire::of_content_type(&parts.headers);
    wire.is_some_and(|wire| wire.framing().is_some())
        || is_connect(parts, wire)
        || names_rpc(parts)
        || parts.headers.contains_key(GRPC_WEB)
        || (is_preflight(parts) && MARKS.iter().any(|mark| will_have(&parts.headers, mark)))
}

/// Whether the content type is one of gRPC, gRPC-Web or Connect, whatever its codec and parameters.
fn names_rpc(parts: &Parts) -> bool {
    let names = |value: &str| {
        let value = value.to_ascii_lowercase();
        let rest = value.strip_prefix("application/connect+").or_else(|| {
            let rest = value.strip_prefix("application/grpc")?;
            // Not `application/grpcurl`.
            (rest.is_empty() || rest.starts_with(['+', '-', ';', ' '])).then_some(rest)
        });
        rest.is_some()
    };
    parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(names)
}

/// Whether a request is from a Connect client, as far as it shows. `wire` is Connect's, by the content type.
///
/// A POST of plain JSON is not enough: every other HTTP client sends those too.
fn is_connect(parts: &Parts, wire: Option<Wire>) -> bool {
    wire.is_some_and(|wire| wire.framing().is_some() || wire.codec() == Codec::Proto) || connect::has_version(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a preflight for a request with these.
    fn asking(names: &'static str) -> [(&'static str, &'static str); 3] {
        [
            ("origin", "https://app.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", names),
        ]
    }

    #[test]
    fn clients_of_a_protocol_are_told_by_content_type_version_or_query() {
        let cases: [(&str, &str, &[(&str, &str)], bool); 21] = [
            ("POST", "/", &[("content-type", "application/grpc")], true),
            ("POST", "/", &[("content-type", "application/grpc+json")], true),
            ("POST", "/", &[("content-type", "application/grpc+thrift")], true),
            ("POST", "/", &[("content-type", "Application/gRPC; charset=utf-8")], true),
            ("POST", "/", &[("content-type", "application/grpc-web-text")], true),
            ("POST", "/", &[("content-type", "application/connect+json")], true),
            ("POST", "/", &[("content-type", "application/connect+cbor")], true),
            ("POST", "/", &[("content-type", "application/proto")], true),
            ("POST", "/", &[("content-type", "application/json"), ("connect-protocol-version", "1")], true),
            ("GET", "/?connect=v1&encoding=json", &[], true),
            ("POST", "/", &[("content-type", "application/json")], false),
            ("POST", "/?connect=v1", &[("content-type", "text/plain")], false),
            ("GET", "/?connect=v2", &[], false),
            ("GET", "/", &[], false),
            ("POST", "/", &[("content-type", "application/grpcurl")], false),
            ("POST", "/", &[("content-type", "multipart/form-data; boundary=application/grpc")], false),
            ("POST", "/", &[("content-type", "application/json"), ("x-grpc-web", "1")], true),
            ("OPTIONS", "/", &asking("content-type,connect-protocol-version"), true),
            ("OPTIONS", "/", &asking("Content-Type, X-GRPC-Web"), true),
            ("OPTIONS", "/", &asking("connect-timeout-ms, content-type, x-user-agent"), false),
            ("OPTIONS", "/", &[("access-control-request-headers", "x-grpc-web")], false),
        ];
        for (verb, target, headers, expected) in cases {
            let mut request = http::Request::builder().method(verb).uri(target);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let (parts, ()) = request.body(()).expect("a request").into_parts();
            assert_eq!(is_rpc_client(&parts), expected, "{verb} {target} {headers:?}");
        }
    }
}
