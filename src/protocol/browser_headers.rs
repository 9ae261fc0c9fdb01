//! The header fields of the three protocols that a page of another origin may only send, or read, if the server says so
//! (Fetch standard, "CORS protocol"). At least those of connect's constant `cors`; `__test__/cors.test.ts` compares.

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method as Verb};

/// The fields that clients send.
pub const REQUEST_HEADERS: [&str; 14] = [
    "content-type",
    // Connect.
    "connect-protocol-version",
    "connect-timeout-ms",
    "connect-content-encoding",
    "connect-accept-encoding",
    "content-encoding",
    "accept-encoding",
    // gRPC and gRPC-Web.
    "grpc-timeout",
    "grpc-encoding",
    "grpc-accept-encoding",
    "grpc-message-type",
    "x-grpc-web",
    "x-user-agent",
    // Of browsers that let a page set it.
    "user-agent",
];

/// Whether a browser asks if it may send another request (Fetch standard, "CORS-preflight request").
pub fn is_preflight(Parts { method, headers, .. }: &Parts) -> bool {
    method == Verb::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Whether that other request will have a field of this name, in lower case.
pub fn will_have(headers: &HeaderMap, name: &str) -> bool {
    let values = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|asked| asked.trim().eq_ignore_ascii_case(name))
}

/// The fields of responses that clients read.
pub const RESPONSE_HEADERS: [&str; 9] = [
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "grpc-encoding",
    "grpc-accept-encoding",
    "connect-content-encoding",
    "connect-accept-encoding",
    "content-encoding",
    "accept-encoding",
];
