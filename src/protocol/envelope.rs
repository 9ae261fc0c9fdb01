//! The envelope of every message except Connect's unary ones: a byte of flags, a length, the message.
//!
//! gRPC calls it Length-Prefixed-Message, Connect calls it Enveloped-Message. The five bytes are the same.

use bytes::{BufMut, Bytes, BytesMut};

use crate::call::Encoding;

/// Size of the flags and the big-endian length.
pub const PREFIX_BYTES: usize = 5;
/// The message is compressed.
pub const COMPRESSED: u8 = 0b0000_0001;
/// Connect: this is the end-stream message.
pub const END_STREAM: u8 = 0b0000_0010;
/// gRPC-Web: these are the trailers.
pub const TRAILERS: u8 = 0b1000_0000;

/// The flags of a message in `encoding`; without one it is not compressed.
#[must_use]
pub fn compressed_flag(encoding: Option<Encoding>) -> u8 {
    if encoding.is_some() { COMPRESSED } else { 0 }
}

/// The five bytes before a message.
///
/// Lengths beyond 32 bits cannot be sent; `writeMaxBytes` keeps messages below that.
#[must_use]
pub fn prefix(flags: u8, length: usize) -> [u8; PREFIX_BYTES] {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [flags, length[0], length[1], length[2], length[3]]
}

/// A whole envelope, copied into one piece.
#[must_use]
pub fn join(flags: u8, message: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(PREFIX_BYTES + message.len());
    out.put_slice(&prefix(flags, message.len()));
    out.put_slice(message);
    out.freeze()
}
