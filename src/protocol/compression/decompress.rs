//! Decompresses the messages of requests, within a limit and a budget.

use std::io::{self, Read};

use brotli_decompressor::BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW;
use bytes::Bytes;

use super::scratch::{ZSTD_WINDOW_LOG_MAX, scratch_bytes};
use crate::call::{Code, Encoding, Error, Reservation, ReservedBytes};

/// More compressed bytes than this are decompressed on a blocking thread, not on one that serves connections.
const INLINE_BYTES: usize = 4 * 1024;
/// So are messages that turn out larger than this: a few bytes may expand to megabytes.
const INLINE_DECOMPRESSED_BYTES: usize = 32 * 1024;
/// So are messages of zstd with a larger window.
const INLINE_ZSTD_WINDOW_LOG: u32 = 20;
/// The least that the memory of the output grows by.
const MIN_GROWTH_BYTES: usize = 4 * 1024;
/// The bytes that show whether a message goes on.
const PROBE_BYTES: usize = 32;
/// The input that brotli's decoder copies at a time.
const BROTLI_INPUT_BYTES: usize = 64 * 1024;

/// A failure to decompress.
#[derive(Debug)]
enum DecompressError {
    /// The message is larger than the limit.
    TooLarge,
    /// The bytes are not in the encoding.
    Malformed(io::Error),
    /// The budget has no room.
    Refused(Error),
}

/// Decompresses a message of at most `limit` bytes. An empty input is an empty message. The result is reserved in place
/// of the input.
///
/// # Errors
///
/// `resource_exhausted` when more than `limit` bytes come out, `invalid_argument` when the bytes are not in that
/// encoding, and those of [`Reservation::grow`]: output and decoder are reserved while they grow.
pub async fn decompress(encoding: Encoding, message: ReservedBytes, limit: usize) -> Result<ReservedBytes, Error> {
    if message.is_empty() {
        return Ok(message);
    }
    let (bytes, mut reservation) = message.into_parts();
    let (decompressed, mut reservation) =
        if let Some(decompressed) = decompress_inline(encoding, &bytes, limit, &mut reservation) {
            (decompressed, reservation)
        } else {
            // The reservation moves along: the thread works on even if nobody waits for it any more.
            let work = move || {
                let decompressed = decompress_now(encoding, &bytes, limit, ZSTD_WINDOW_LOG_MAX, &mut reservation);
                (decompressed, reservation)
            };
            match tokio::task::spawn_blocking(work).await {
                Ok(done) => done,
                Err(failure) => return Err(Error::internal(format!("{} decompression: {failure}", encoding.name()))),
            }
        };
    let mut message = decompressed.map_err(|error| match error {
        DecompressError::TooLarge => {
            Error::new(Code::ResourceExhausted, format!("message size is larger than configured readMaxBytes {limit}"))
        }
        DecompressError::Malformed(reason) => {
            Error::invalid_argument(format!("protocol error: the message is not valid {}: {reason}", encoding.name()))
        }
        DecompressError::Refused(error) => error,
    })?;
    message.shrink_to_fit();
    reservation.resize_unchecked(message.len());
    Ok(ReservedBytes::new(Bytes::from(message), reservation))
}

/// Decompresses a small message on this thread; `None` when it is not small. Brotli never is: its decoder returns no
/// byte before it has filled a window, of up to 16 MiB.
fn decompress_inline(
    encoding: Encoding,
    bytes: &[u8],
    limit: usize,
    reservation: &mut Reservation,
) -> Option<Result<Vec<u8>, DecompressError>> {
    if encoding == Encoding::Brotli || bytes.len() > INLINE_BYTES {
        return None;
    }
    let inline_limit = limit.min(INLINE_DECOMPRESSED_BYTES);
    match decompress_now(encoding, bytes, inline_limit, INLINE_ZSTD_WINDOW_LOG, reservation) {
        Ok(message) => Some(Ok(message)),
        Err(DecompressError::TooLarge) if limit <= INLINE_DECOMPRESSED_BYTES => Some(Err(DecompressError::TooLarge)),
        // It may be the window that is too large, not the bytes that are wrong.
        Err(DecompressError::Malformed(reason)) if encoding != Encoding::Zstd => {
            Some(Err(DecompressError::Malformed(reason)))
        }
        Err(_) => {
            reservation.resize_unchecked(bytes.len());
            None
        }
    }
}

fn decompress_now(
    encoding: Encoding,
    bytes: &[u8],
    limit: usize,
    zstd_window_log: u32,
    reservation: &mut Reservation,
) -> Result<Vec<u8>, DecompressError> {
    reservation.grow(scratch_bytes(encoding, bytes)).map_err(DecompressError::Refused)?;
    match encoding {
        Encoding::Gzip => read_limited(flate2::read::MultiGzDecoder::new(bytes), limit, reservation),
        Encoding::Brotli => {
            let input = bytes.len().clamp(1, BROTLI_INPUT_BYTES);
            let mut decoder = brotli_decompressor::Decompressor::new(bytes, input);
            // On by default, and no part of RFC 7932: a window of up to 1 GiB, which is filled before a byte comes out.
            decoder.set_parameter(BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
            read_limited(decoder, limit, reservation)
        }
        Encoding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(DecompressError::Malformed)?;
            decoder.window_log_max(zstd_window_log).map_err(DecompressError::Malformed)?;
            read_limited(decoder, limit, reservation)
        }
    }
}

/// Reads all of `source`, never more than `limit` bytes and a few. Memory is reserved before it is allocated, and
/// doubles.
fn read_limited(
    mut source: impl Read,
    limit: usize,
    reservation: &mut Reservation,
) -> Result<Vec<u8>, DecompressError> {
    let mut out = Vec::new();
    let mut filled = 0;
    while filled <= limit {
        if filled < out.len() {
            match read(&mut source, &mut out[filled..])? {
                0 => break,
                count => filled += count,
            }
            continue;
        }
        // A message that fills the memory may be over: then there is no need for more.
        let mut probe = [0; PROBE_BYTES];
        let count = read(&mut source, &mut probe)?;
        if count == 0 {
            break;
        }
        let more = filled.max(MIN_GROWTH_BYTES).min(limit - filled + 1).max(count);
        reservation.grow(more).map_err(DecompressError::Refused)?;
        out.reserve_exact(more);
        out.extend_from_slice(&probe[..count]);
        out.resize(filled + more, 0);
        filled += count;
    }
    if filled > limit {
        return Err(DecompressError::TooLarge);
    }
    out.truncate(filled);
    Ok(out)
}

fn read(source: &mut impl Read, target: &mut [u8]) -> Result<usize, DecompressError> {
    loop {
        match source.read(target) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map_err(DecompressError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::call::{Budget, ConnectionBudget, Limits, Window};
    use crate::protocol::compression::compress;

    const MIB: usize = 1024 * 1024;

    fn budget(bytes: usize) -> (Arc<Budget>, Arc<ConnectionBudget>) {
        let budget = Budget::new(Limits { total: bytes, connection: usize::MAX, own: 0 });
        let connection = budget.connection(Window { stream_bytes: 0, full_streams: 0 });
        (budget, connection)
    }

    async fn squeeze(encoding: Encoding, message: impl Into<Bytes>) -> Bytes {
        let (_, budget) = budget(usize::MAX);
        let squeezed =
            compress(encoding, ReservedBytes::unchecked(message, &budget)).await.expect("compresses").message;
        assert_eq!(budget.used(), squeezed.len(), "reserved in place of the message");
        Bytes::clone(&squeezed)
    }

    /// Decompresses with a budget of `room` bytes for the server.
    async fn expand(encoding: Encoding, bytes: Bytes, limit: usize, room: usize) -> Result<Bytes, Error> {
        let (server, budget) = budget(room);
        let message = decompress(encoding, ReservedBytes::unchecked(bytes, &budget), limit).await;
        let length = message.as_ref().map_or(0, |message| message.len());
        assert_eq!(budget.used(), length, "only the message is reserved in the end");
        let message = message.map(|message| Bytes::clone(&message));
        assert_eq!(server.used(), 0, "and nothing when it is gone");
        message
    }

    /// Zeros in brotli with a window of `log` bits, which has to be large for more than 24.
    fn brotli_zeros(size: usize, log: i32) -> Bytes {
        let params = brotli::enc::BrotliEncoderParams {
            quality: 5,
            lgwin: log,
            large_window: log > 24,
            size_hint: size,
            ..Default::default()
        };
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut io::repeat(0).take(size as u64), &mut out, &params).expect("compresses");
        out.into()
    }

    #[tokio::test]
    async fn every_encoding_gives_back_what_went_in() {
        let large = Bytes::from(vec![7_u8; 200_000]);
        for encoding in Encoding::ALL {
            for message in [Bytes::new(), Bytes::from_static(b"hello"), large.clone()] {
                let squeezed = squeeze(encoding, message.clone()).await;
                let back = expand(encoding, squeezed, 200_000, usize::MAX).await.expect("decompresses");
                assert_eq!(back, message, "{encoding:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_bomb_is_refused_at_the_limit() {
        for encoding in Encoding::ALL {
            let bomb = squeeze(encoding, vec![0_u8; 32 * MIB]).await;
            let error = expand(encoding, bomb, 1024, usize::MAX).await.expect_err("too large");
            assert_eq!(error.code, Code::ResourceExhausted, "{encoding:?}");
        }
    }

    #[tokio::test]
    async fn truncated_and_foreign_bytes_are_the_callers_fault() {
        for encoding in Encoding::ALL {
            let whole = squeeze(encoding, vec![1_u8; 5000]).await;
            let half = whole.slice(..whole.len() / 2);
            for bytes in [half, Bytes::from_static(b"certainly not compressed")] {
                let error = expand(encoding, bytes, 1 << 20, usize::MAX).await.expect_err("malformed");
                assert_eq!(error.code, Code::InvalidArgument, "{encoding:?}: {}", error.message);
            }
        }
    }

    #[tokio::test]
    async fn a_large_window_of_brotli_is_refused_before_it_is_filled() {
        let bomb = brotli_zeros(64 * MIB, 30);
        let begin = Instant::now();
        let error = expand(Encoding::Brotli, bomb, 4 * MIB, usize::MAX).await.expect_err("no RFC 7932");
        assert_eq!(error.code, Code::InvalidArgument, "{}", error.message);
        // 64 MiB take more than 50 ms.
        assert!(begin.elapsed() < Duration::from_millis(20), "{:?}", begin.elapsed());
        let largest = brotli_zeros(MIB, 24);
        assert_eq!(expand(Encoding::Brotli, largest, MIB, usize::MAX).await.expect("is RFC 7932").len(), MIB);
    }

    #[tokio::test]
    async fn brotli_is_not_decoded_on_the_threads_of_connections() {
        let (_, budget) = budget(usize::MAX);
        let mut reservation = budget.empty_reservation();
        for encoding in Encoding::ALL {
            let small = squeeze(encoding, "hello").await;
            let inline = decompress_inline(encoding, &small, 100, &mut reservation);
            assert_eq!(inline.is_none(), encoding == Encoding::Brotli, "{encoding:?}");
        }
    }

    #[tokio::test]
    async fn decoder_and_output_are_reserved_before_they_are_allocated() {
        for (encoding, scratch) in [(Encoding::Gzip, 0), (Encoding::Brotli, 6 * MIB), (Encoding::Zstd, 2 * MIB)] {
            let squeezed = squeeze(encoding, vec![0_u8; 2 * MIB]).await;
            let needed = scratch + 2 * MIB;
            let error = expand(encoding, squeezed.clone(), 3 * MIB, needed - MIB).await.expect_err("no room");
            assert_eq!(error.code, Code::Unavailable, "{encoding:?}");
            assert!(expand(encoding, squeezed, 3 * MIB, needed + MIB).await.is_ok(), "{encoding:?}");
        }
    }
}
