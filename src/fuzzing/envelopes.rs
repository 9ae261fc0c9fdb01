//! Bodies with envelopes: gRPC, gRPC-Web and Connect streams.

use bytes::Bytes;

use super::internals::{decode_text, decompress, read_messages};
use super::pieces::pieces;
use crate::call::{Code, Encoding};

/// Bytes of flags and length.
const PREFIX_BYTES: usize = 5;

/// An input is a byte of options, the limit in units of 64 bytes, two sizes of pieces, and the body.
///
/// # Panics
///
/// When a body is read differently if it arrives in pieces, or differently from a parser that has all of it.
pub fn envelopes(data: &[u8]) {
    let Some(([options, limit, first, second], body)) = data.split_first_chunk() else { return };
    let is_text = options & 1 != 0;
    let encoding =
        [None, Some(Encoding::Gzip), Some(Encoding::Brotli), Some(Encoding::Zstd)][usize::from((options >> 1) & 3)];
    let limit = usize::from(*limit) * 64;

    let whole = read_messages(vec![Bytes::copy_from_slice(body)], is_text, encoding, limit);
    let split = read_messages(pieces(body, [*first, *second]), is_text, encoding, limit);
    let decoded = if is_text { decode_text(&[Bytes::copy_from_slice(body)]) } else { Some(body.to_vec()) };
    if let Some(decoded) = decoded {
        assert_eq!(whole, expected(&decoded, encoding, limit), "all of the body at once");
        assert_eq!(split, whole, "pieces of {first} and {second} bytes");
    } else {
        // Base64 that is wrong somewhere fails with the piece that it is in; messages before that may have come out.
        for read in [&whole, &split] {
            assert!(matches!(read.last(), Some(Err(_))), "a body that is no base64 fails");
        }
        assert!(split.starts_with(&whole[..whole.len() - 1]), "smaller pieces have the same messages first");
    }
}

/// The messages of a body, by a parser that has all of it.
fn expected(mut body: &[u8], encoding: Option<Encoding>, limit: usize) -> Vec<Result<Bytes, Code>> {
    let mut messages = Vec::new();
    while !body.is_empty() && !matches!(messages.last(), Some(Err(_))) {
        let message = next(body, encoding, limit);
        messages.push(message.map(|(message, size)| {
            body = &body[size..];
            message
        }));
    }
    messages
}

/// The first message of a body, and the size of its envelope.
fn next(body: &[u8], encoding: Option<Encoding>, limit: usize) -> Result<(Bytes, usize), Code> {
    let (prefix, rest) = body.split_at_checked(PREFIX_BYTES).ok_or(Code::InvalidArgument)?;
    let encoding = match (prefix[0], encoding) {
        (0, _) => None,
        (1, Some(encoding)) => Some(encoding),
        (1, None) => return Err(Code::Internal),
        _ => return Err(Code::InvalidArgument),
    };
    let length = prefix[1..].iter().fold(0, |length, byte| (length << 8) | usize::from(*byte));
    if length > limit {
        return Err(Code::ResourceExhausted);
    }
    let message = rest.get(..length).ok_or(Code::InvalidArgument)?;
    let message = match encoding {
        None => Bytes::copy_from_slice(message),
        Some(encoding) => decompress(encoding, message, limit)?,
    };
    assert!(message.len() <= limit, "{} bytes, of {limit}", message.len());
    Ok((message, PREFIX_BYTES + length))
}
