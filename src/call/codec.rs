//! The encoding of messages. Rust carries the bytes; protobuf-es parses and serializes them.

/// The encoding of a call's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Protobuf's binary format.
    Proto,
    /// Protobuf's JSON mapping.
    Json,
}
