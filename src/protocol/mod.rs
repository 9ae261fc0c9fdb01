//! Bytes on the wire: content types, envelopes, compression, and the three protocols that share them.
//!
//! A request enters by [`Wire::of`], which names protocol and codec; `input` reads its messages; `output` writes the
//! answer. What only one protocol does lies in the folder of that protocol, under the same file name in each:
//! `timeout` reads the deadline, `end` closes a response.

mod body;
mod body_reader;
mod codec;
mod compression;
mod connect;
mod envelope;
mod grpc;
mod grpc_web;
mod input;
mod message_reader;
mod metadata;
mod output;
mod raw_body;
mod request_body;
mod source;
mod stream_body;
mod wire;

pub use body::{BrokenBody, ResponseBody};
pub use body_reader::BodyReader;
pub use codec::Codec;
pub use compression::Encoding;
pub(crate) use input::{Head, read_head, read_input};
pub use message_reader::MessageReader;
pub(crate) use output::Output;
pub use request_body::RequestBody;
pub use source::Source;
pub(crate) use wire::{Wire, not_found};

/// The protocols, as a handler names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// <https://connectrpc.com/docs/protocol>
    Connect,
    /// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>
    Grpc,
    /// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md>
    GrpcWeb,
}
