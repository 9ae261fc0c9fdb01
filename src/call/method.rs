//! A method that can be called, and its limits.

use std::time::Duration;

use super::encoding::Encoding;

/// The number of messages in one direction: one, or a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// Exactly one message.
    One,
    /// Any number of messages.
    Stream,
}

/// A registered method.
#[derive(Clone, Debug)]
pub struct Method {
    /// `/<package>.<Service>/<Method>`.
    pub path: String,
    /// Its position in the list of methods that the server was created with.
    pub index: u32,
    /// The request messages.
    pub request: Cardinality,
    /// The response messages.
    pub response: Cardinality,
    /// `NO_SIDE_EFFECTS`: Connect clients may use GET if it is unary.
    pub side_effect_free: bool,
    /// Limits and compression.
    pub options: MethodOptions,
}

impl Method {
    /// Whether both directions carry exactly one message.
    #[must_use]
    pub fn is_unary(&self) -> bool {
        self.request == Cardinality::One && self.response == Cardinality::One
    }

    /// Whether Connect clients may use GET.
    #[must_use]
    pub fn allows_get(&self) -> bool {
        self.side_effect_free && self.is_unary()
    }

    /// The kind of this method as connect's error texts call it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.request, self.response) {
            (Cardinality::One, Cardinality::One) => "unary",
            (Cardinality::One, Cardinality::Stream) => "server-streaming",
            (Cardinality::Stream, Cardinality::One) => "client-streaming",
            (Cardinality::Stream, Cardinality::Stream) => "bidi-streaming",
        }
    }
}

/// The limits and the compression of a method. The defaults are for tests; JavaScript sets every option.
#[derive(Clone, Debug)]
pub struct MethodOptions {
    /// Largest request message after decompression, in bytes.
    pub read_max_bytes: usize,
    /// Smallest response message that is compressed, in bytes.
    pub compress_min_bytes: usize,
    /// Encodings this method reads and writes, in order of preference.
    pub accept_compression: Vec<Encoding>,
    /// Longest timeout a client may ask for.
    pub max_timeout: Option<Duration>,
    /// Whether Connect requests must carry `connect-protocol-version: 1` (`connect=v1` in a GET).
    pub require_connect_protocol_header: bool,
}

impl Default for MethodOptions {
    fn default() -> Self {
        Self {
            read_max_bytes: 4 * 1024 * 1024,
            compress_min_bytes: 1024,
            accept_compression: vec![Encoding::Gzip, Encoding::Brotli, Encoding::Zstd],
            max_timeout: None,
            require_connect_protocol_header: false,
        }
    }
}
