//! The protocols that a call can come by.

/// A protocol, as handlers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// <https://connectrpc.com/docs/protocol>
    Connect,
    /// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>
    Grpc,
    /// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md>
    GrpcWeb,
}
