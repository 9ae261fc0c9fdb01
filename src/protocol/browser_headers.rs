//! The header fields of the three protocols that a page of another origin may only send, or read, if the server says so
//! (Fetch standard, "CORS protocol"). At least those of connect's constant `cors`; `__test__/cors.test.ts` compares.

use http::Method as Verb;
use http::header::ACCESS_CONTROL_REQUEST_HEADERS;
use http::request::Parts;

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

/// Those that no other client sends.
const MARKS: [&str; 4] = ["connect-protocol-version", "connect-timeout-ms", "grpc-timeout", "x-grpc-web"];

/// Whether a browser asks for a client of one of the protocols if it may send a request (Fetch standard,
/// "CORS-preflight request").
pub fn is_preflight_of_rpc(Parts { method, headers, .. }: &Parts) -> bool {
    let names = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|value| value.to_str().ok());
    let mut names = names.flat_map(|value| value.split(',')).map(str::trim);
    method == Verb::OPTIONS && names.any(|name| MARKS.iter().any(|mark| name.eq_ignore_ascii_case(mark)))
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
