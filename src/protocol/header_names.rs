//! The names of the headers that carry the timeout and the compression of a call.

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderName};

/// The names that one kind of call uses.
#[derive(Debug)]
pub struct HeaderNames {
    /// The timeout of the call.
    pub timeout: HeaderName,
    /// The encoding of the sender's messages.
    pub encoding: HeaderName,
    /// The encodings that the sender can read.
    pub accept_encoding: HeaderName,
}

/// A unary call of Connect.
pub static CONNECT_UNARY: HeaderNames = HeaderNames {
    timeout: HeaderName::from_static("connect-timeout-ms"),
    encoding: CONTENT_ENCODING,
    accept_encoding: ACCEPT_ENCODING,
};

/// A streaming call of Connect.
pub static CONNECT_STREAM: HeaderNames = HeaderNames {
    timeout: HeaderName::from_static("connect-timeout-ms"),
    encoding: HeaderName::from_static("connect-content-encoding"),
    accept_encoding: HeaderName::from_static("connect-accept-encoding"),
};

/// Every call of gRPC and gRPC-Web.
pub static GRPC: HeaderNames = HeaderNames {
    timeout: HeaderName::from_static("grpc-timeout"),
    encoding: HeaderName::from_static("grpc-encoding"),
    accept_encoding: HeaderName::from_static("grpc-accept-encoding"),
};
