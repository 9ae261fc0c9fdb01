//! Envelopes for clients. Independent of the product's own, which they test.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut as _, Bytes, BytesMut};

/// A byte of flags, four bytes of length, the message.
pub fn envelope(flags: u8, message: &[u8]) -> Bytes {
    lying(flags, u32::try_from(message.len()).expect("a message below 4 GiB"), message)
}

/// An envelope with this length, whatever the message is.
pub fn lying(flags: u8, length: u32, message: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(5 + message.len());
    out.put_u8(flags);
    out.put_u32(length);
    out.put_slice(message);
    out.freeze()
}

/// Flags and messages of a whole body.
pub fn split(mut body: &[u8]) -> Vec<(u8, Bytes)> {
    let mut envelopes = Vec::new();
    while let Some((head, rest)) = body.split_at_checked(5) {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        assert!(rest.len() >= length, "the last envelope has {} of its {length} bytes", rest.len());
        envelopes.push((head[0], Bytes::copy_from_slice(&rest[..length])));
        body = &rest[length..];
    }
    assert!(body.is_empty(), "{} bytes after the last envelope", body.len());
    envelopes
}

/// A body in base64, one padded piece.
pub fn decode_text(body: &[u8]) -> Vec<u8> {
    let groups = body.chunks(4).map(|group| STANDARD.decode(group).expect("groups of four characters"));
    groups.collect::<Vec<_>>().concat()
}

pub fn encode_text(body: &[u8]) -> Bytes {
    STANDARD.encode(body).into()
}
