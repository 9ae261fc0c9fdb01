//! Bodies of gRPC-Web as text: base64, in pieces that may each be padded.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;

use super::internals::{decode_text, encode_text};
use super::pieces::pieces;

/// An input is two sizes of pieces, and a body: bytes to encode, and text to decode.
///
/// # Panics
///
/// When encoded bytes do not come back, when a text is decoded differently if it arrives in pieces, or differently
/// from what the base64 crate makes of it.
pub fn text(data: &[u8]) {
    let Some((sizes, body)) = data.split_first_chunk() else { return };

    // A client encodes each piece of its body, with padding.
    let encoded: Vec<u8> = pieces(body, *sizes).iter().flat_map(|piece| encode_text(piece)).collect();
    for arriving in [vec![Bytes::copy_from_slice(&encoded)], pieces(&encoded, *sizes)] {
        assert_eq!(decode_text(&arriving).as_deref(), Some(body), "what was encoded comes back");
    }

    let decoded = decode_text(&[Bytes::copy_from_slice(body)]);
    assert_eq!(decode_text(&pieces(body, *sizes)), decoded, "the same in pieces of {sizes:?} bytes");

    let dense: Vec<u8> = body.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    if let Ok(expected) = STANDARD.decode(&dense) {
        assert_eq!(decoded.as_deref(), Some(expected.as_slice()), "padded base64 is decoded");
    }
    let end = dense.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    if !dense[..end].contains(&b'=') {
        let expected = STANDARD_NO_PAD.decode(&dense[..end]).ok();
        assert!(decoded.is_none() || decoded == expected, "nothing else comes out of one piece");
        assert!(decoded.is_some() || expected.is_none() || end < dense.len(), "padding may be missing");
    }
}
