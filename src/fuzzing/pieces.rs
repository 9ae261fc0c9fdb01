//! Splits a body into pieces, as the network does.

use bytes::Bytes;

/// `body` in pieces of these sizes, again and again. A size of zero is an empty piece before one of a byte.
pub fn pieces(mut body: &[u8], sizes: [u8; 2]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    for size in sizes.into_iter().cycle().map(usize::from) {
        if body.is_empty() {
            break;
        }
        if size == 0 {
            pieces.push(Bytes::new());
        }
        let (piece, rest) = body.split_at(size.clamp(1, body.len()));
        pieces.push(Bytes::copy_from_slice(piece));
        body = rest;
    }
    pieces
}
