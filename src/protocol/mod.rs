//! Bytes on the wire: content types, envelopes, compression, and the three protocols that share them.
//!
//! [`Wire::of`] chooses the protocol of a request, [`ProtocolHeaders`] reads the headers that steer it,
//! [`read_messages`] its messages; [`ResponseWriter`] writes the response. A [`Wire`] says how messages are framed, and
//! the framing is all that the bodies know of a protocol. What is particular to one protocol is in its folder, under
//! the same file name in each: `timeout` parses the header of the deadline, `end` writes the end of a response.

mod accept;
mod body_reader;
mod browser_headers;
mod chunks;
mod compression;
mod connect;
mod envelope;
mod framing;
mod grpc;
mod grpc_web;
mod header_names;
mod message_reader;
mod metadata;
mod protocol_headers;
mod raw_body;
mod refusal;
mod request_messages;
mod response_body;
mod response_writer;
mod stream_body;
mod wire;

pub use body_reader::BodyReader;
pub use browser_headers::{REQUEST_HEADERS, RESPONSE_HEADERS, is_preflight};
pub(crate) use compression::ResponseCompression;
#[cfg(any(test, fuzzing))]
pub(crate) use compression::{compress, decompress};
#[cfg(any(test, fuzzing))]
pub(crate) use connect::{Query, parse_timeout as parse_connect_timeout};
#[cfg(any(test, fuzzing))]
pub(crate) use grpc::parse_timeout as parse_grpc_timeout;
#[cfg(any(test, fuzzing))]
pub(crate) use grpc_web::{TextDecoder, encode_text};
pub use message_reader::MessageReader;
pub(crate) use protocol_headers::ProtocolHeaders;
pub use raw_body::BrokenBody;
pub(crate) use refusal::{is_rpc_client, not_found, plain_response, refused};
pub(crate) use request_messages::read_messages;
pub use response_body::ResponseBody;
pub(crate) use response_writer::ResponseWriter;
pub(crate) use wire::Wire;
