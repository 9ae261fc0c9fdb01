//! The header fields of the three protocols that a page of another origin may only send, or read, if the server says so
//! (Fetch standard, "CORS protocol"). At least those of connect's constant `cors`; `__test__/cors.test.ts` compares.

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
