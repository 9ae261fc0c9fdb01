//! `application/grpc-web-text`: the body is base64, in pieces that may each be padded.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use bytes::Bytes;

use crate::call::Error;

/// Some clients leave out the padding at the very end.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Characters that decode together.
const GROUP: usize = 4;

/// Encodes one piece of a response, with padding: clients decode piece by piece.
pub fn encode_text(bytes: &[u8]) -> Bytes {
    Bytes::from(STANDARD.encode(bytes))
}

/// Decodes a body that may be split, and padded, at any byte.
#[derive(Debug, Default)]
pub struct TextDecoder {
    /// Characters of an incomplete group; fewer than [`GROUP`].
    rest: Vec<u8>,
}

impl TextDecoder {
    /// Decodes all complete groups.
    pub fn decode(&mut self, text: &[u8]) -> Result<Bytes, Error> {
        let mut pending = std::mem::take(&mut self.rest);
        pending.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
        let whole = pending.len() - pending.len() % GROUP;
        self.rest = pending.split_off(whole);
        decode_groups(&pending)
    }

    /// Decodes the rest, at the end of the body.
    pub fn finish(self) -> Result<Bytes, Error> {
        decode_groups(&self.rest)
    }
}

/// Decodes groups. Padding ends a piece, and another one may follow it.
fn decode_groups(text: &[u8]) -> Result<Bytes, Error> {
    let mut out = Vec::with_capacity(text.len() / GROUP * 3 + 2);
    let mut start = 0;
    for end in (GROUP..=text.len()).step_by(GROUP).filter(|end| text[end - 1] == b'=') {
        decode_piece(&text[start..end], &mut out)?;
        start = end;
    }
    decode_piece(&text[start..], &mut out)?;
    Ok(Bytes::from(out))
}

fn decode_piece(piece: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    LENIENT
        .decode_vec(piece, out)
        .map_err(|reason| Error::invalid_argument(format!("protocol error: the body is not base64: {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &[u8], piece: usize) -> Result<Vec<u8>, Error> {
        let mut decoder = TextDecoder::default();
        let mut out = Vec::new();
        for chunk in text.chunks(piece) {
            out.extend_from_slice(&decoder.decode(chunk)?);
        }
        out.extend_from_slice(&decoder.finish()?);
        Ok(out)
    }

    #[test]
    fn padded_pieces_join_wherever_they_are_split() {
        let text =
            [STANDARD.encode(b"a"), STANDARD.encode(b"bc"), STANDARD.encode(b"def"), STANDARD.encode(b"g")].concat();
        for piece in 1..=text.len() {
            assert_eq!(decode(text.as_bytes(), piece).expect("decodes"), b"abcdefg", "pieces of {piece}");
        }
    }

    #[test]
    fn padding_may_be_missing_at_the_end_only() {
        assert_eq!(decode(b"YQ", 8).expect("decodes"), b"a");
        assert!(decode(b"YQYQ=YQ=", 8).is_err());
        assert!(decode(b"!!!!", 8).is_err());
        assert!(decode(b"A", 8).is_err());
    }
}
