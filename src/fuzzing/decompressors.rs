//! Messages in gzip, brotli and zstd.

use super::internals::{compress, decompress};
use crate::call::{Code, Encoding};

/// An input is a byte of options, a limit of two bytes, and a message: to decompress, or to compress before that.
///
/// # Panics
///
/// When more than the limit comes out, when a larger limit changes what comes out, or when a message does not come
/// back.
pub fn decompressors(data: &[u8]) {
    let Some(([options, limit @ ..], message)) = data.split_first_chunk::<3>() else { return };
    let encoding = Encoding::ALL[usize::from(*options) % Encoding::ALL.len()];
    let limit = usize::from(u16::from_be_bytes(*limit));
    // An encoder costs so much that only some inputs pay for it.
    if options & 0x80 != 0 {
        return check_round_trip(encoding, message);
    }
    match decompress(encoding, message, limit) {
        Ok(decompressed) => {
            assert!(decompressed.len() <= limit, "{} bytes, of {limit}", decompressed.len());
            assert_eq!(decompress(encoding, message, 2 * limit + 1).as_ref(), Ok(&decompressed));
            if let Some(less) = decompressed.len().checked_sub(1).filter(|_| !message.is_empty()) {
                assert_eq!(decompress(encoding, message, less), Err(Code::ResourceExhausted));
            }
        }
        Err(Code::ResourceExhausted) => match decompress(encoding, message, 2 * limit + 1) {
            Ok(decompressed) => assert!(decompressed.len() > limit, "{} bytes fit in {limit}", decompressed.len()),
            Err(code) => assert!(matches!(code, Code::ResourceExhausted | Code::InvalidArgument), "{code:?}"),
        },
        Err(code) => assert_eq!(code, Code::InvalidArgument),
    }
}

fn check_round_trip(encoding: Encoding, message: &[u8]) {
    let compressed = compress(encoding, message);
    assert_eq!(decompress(encoding, &compressed, message.len()).as_deref(), Ok(message));
    if let Some(less) = message.len().checked_sub(1) {
        assert_eq!(decompress(encoding, &compressed, less), Err(Code::ResourceExhausted));
    }
    // Half of it is half a message at most, and never more than the message.
    let half = decompress(encoding, &compressed[..compressed.len() / 2], message.len());
    assert!(half.is_err() || half.is_ok_and(|half| message.starts_with(&half)));
}
