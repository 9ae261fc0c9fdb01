//! How messages are encoded. Rust carries the bytes; protobuf-es reads and writes them.

/// The encoding of a call's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Protobuf's binary format.
    Proto,
    /// Protobuf's JSON mapping.
    Json,
}
