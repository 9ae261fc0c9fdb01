//! Compression of messages, one module for all three protocols.

use std::io::{self, Read, Write};

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use crate::call::{Code, Encoding, Error};

/// More compressed bytes than this are decompressed on a blocking thread, not on one that serves connections.
const INLINE_DECOMPRESS_BYTES: usize = 4 * 1024;
/// So are messages that turn out larger than this: a few bytes may expand to megabytes.
const INLINE_DECOMPRESSED_BYTES: usize = 32 * 1024;
/// Larger messages than this are compressed on a blocking thread.
const INLINE_COMPRESS_BYTES: usize = 32 * 1024;
/// RFC 8878 asks decoders to support windows of 8 MiB; more would let a small message claim much memory.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;
const GZIP_LEVEL: u32 = 6;
const BROTLI_QUALITY: u32 = 4;
const BROTLI_WINDOW_LOG: u32 = 22;
const ZSTD_LEVEL: i32 = 3;

/// A failure to decompress.
#[derive(Debug)]
enum DecompressError {
    /// The message is larger than the limit.
    TooLarge,
    /// The bytes are not in the encoding.
    Malformed(io::Error),
}

fn compress_now(encoding: Encoding, message: &[u8]) -> io::Result<Vec<u8>> {
    match encoding {
        Encoding::Gzip => {
            let out = Vec::with_capacity(message.len() / 2);
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::new(GZIP_LEVEL));
            encoder.write_all(message)?;
            encoder.finish()
        }
        Encoding::Brotli => {
            let mut out = Vec::with_capacity(message.len() / 2);
            brotli::CompressorReader::new(message, message.len().max(1), BROTLI_QUALITY, BROTLI_WINDOW_LOG)
                .read_to_end(&mut out)?;
            Ok(out)
        }
        Encoding::Zstd => zstd::stream::encode_all(message, ZSTD_LEVEL),
    }
}

fn decompress_now(encoding: Encoding, bytes: &[u8], limit: usize) -> Result<Vec<u8>, DecompressError> {
    match encoding {
        Encoding::Gzip => read_limited(flate2::read::MultiGzDecoder::new(bytes), limit),
        Encoding::Brotli => read_limited(brotli::Decompressor::new(bytes, bytes.len().clamp(1, 64 * 1024)), limit),
        Encoding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(DecompressError::Malformed)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(DecompressError::Malformed)?;
            read_limited(decoder, limit)
        }
    }
}

/// Reads all of `source`, never more than `limit` bytes, growing only as bytes come out.
fn read_limited(source: impl Read, limit: usize) -> Result<Vec<u8>, DecompressError> {
    let mut out = Vec::new();
    let allowed = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    source.take(allowed).read_to_end(&mut out).map_err(DecompressError::Malformed)?;
    if out.len() > limit { Err(DecompressError::TooLarge) } else { Ok(out) }
}

/// Compresses a message.
///
/// # Errors
///
/// `internal` when the encoder fails; no message is known to cause that.
pub async fn compress(encoding: Encoding, message: Bytes) -> Result<Bytes, Error> {
    let compressed = if message.len() <= INLINE_COMPRESS_BYTES {
        compress_now(encoding, &message)
    } else {
        match tokio::task::spawn_blocking(move || compress_now(encoding, &message)).await {
            Ok(compressed) => compressed,
            Err(failure) => Err(io::Error::other(failure)),
        }
    };
    let failed =
        |error| Error::internal(format!("a message could not be compressed with {}: {error}", encoding.name()));
    compressed.map(Bytes::from).map_err(failed)
}

/// Decompresses a message of at most `limit` bytes. An empty input is an empty message.
///
/// # Errors
///
/// `resource_exhausted` when more than `limit` bytes come out, `invalid_argument` when the bytes are not in that
/// encoding.
pub async fn decompress(encoding: Encoding, bytes: Bytes, limit: usize) -> Result<Bytes, Error> {
    if bytes.is_empty() {
        return Ok(bytes);
    }
    let decompressed = match decompress_inline(encoding, &bytes, limit) {
        Some(decompressed) => decompressed,
        None => match tokio::task::spawn_blocking(move || decompress_now(encoding, &bytes, limit)).await {
            Ok(decompressed) => decompressed,
            Err(failure) => Err(DecompressError::Malformed(io::Error::other(failure))),
        },
    };
    match decompressed {
        Ok(message) => Ok(Bytes::from(message)),
        Err(DecompressError::TooLarge) => Err(Error::new(
            Code::ResourceExhausted,
            format!("message size is larger than configured readMaxBytes {limit}"),
        )),
        Err(DecompressError::Malformed(reason)) => Err(Error::invalid_argument(format!(
            "protocol error: the message is not valid {}: {reason}",
            encoding.name()
        ))),
    }
}

/// Decompresses a small message on this thread; `None` when it is not small.
fn decompress_inline(encoding: Encoding, bytes: &[u8], limit: usize) -> Option<Result<Vec<u8>, DecompressError>> {
    if bytes.len() > INLINE_DECOMPRESS_BYTES {
        return None;
    }
    match decompress_now(encoding, bytes, limit.min(INLINE_DECOMPRESSED_BYTES)) {
        Err(DecompressError::TooLarge) if limit > INLINE_DECOMPRESSED_BYTES => None,
        done => Some(done),
    }
}

/// The encodings of a request and its response.
#[derive(Clone, Copy, Debug, Default)]
pub struct Negotiated {
    /// The request's encoding; `None` is identity.
    pub request: Option<Encoding>,
    /// The encoding for the response; `None` is identity.
    pub response: Option<Encoding>,
}

/// Chooses the encodings of a call by the names in its headers.
///
/// The response has the first encoding of `accepted` that is available, or the request's own when the client names none
/// (<https://github.com/grpc/grpc/blob/master/doc/compression.md>).
///
/// # Errors
///
/// `unimplemented` for a request in an encoding that is not `available`; the header `accept` then lists those that are.
pub fn negotiate(
    available: &[Encoding],
    requested: Option<&[u8]>,
    accepted: Option<&[u8]>,
    accept: &HeaderName,
) -> (Negotiated, Result<(), Error>) {
    let find = |name: &[u8]| available.iter().copied().find(|encoding| encoding.name().as_bytes() == name);
    let (request, verdict) = match requested {
        None | Some(b"identity" | b"") => (None, Ok(())),
        Some(name) => match find(name) {
            Some(encoding) => (Some(encoding), Ok(())),
            None => (None, Err(unknown_encoding(available, name, accept))),
        },
    };
    let response = match accepted {
        None | Some(b"") => request,
        Some(names) => names.split(|byte| *byte == b',').find_map(|name| find(name.trim_ascii())),
    };
    (Negotiated { request, response }, verdict)
}

/// The compression of a response.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResponseCompression {
    /// The encoding that the client reads; `None` is identity.
    pub encoding: Option<Encoding>,
    /// Smaller messages are not compressed.
    pub min_bytes: usize,
}

impl ResponseCompression {
    /// The encoding for a message.
    pub fn encoding_for(self, message: &[u8]) -> Option<Encoding> {
        self.encoding.filter(|_| message.len() >= self.min_bytes)
    }
}

fn unknown_encoding(available: &[Encoding], name: &[u8], accept: &HeaderName) -> Error {
    let names = available.iter().map(|encoding| encoding.name()).collect::<Vec<_>>().join(",");
    let mut error = Error::new(
        Code::Unimplemented,
        format!("unknown compression \"{}\": supported encodings are {names}", String::from_utf8_lossy(name)),
    );
    if let Ok(value) = HeaderValue::from_str(&names) {
        error.metadata.push((accept.clone(), value));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_encoding_gives_back_what_went_in() {
        let large = Bytes::from(vec![7_u8; 200_000]);
        for encoding in Encoding::ALL {
            for message in [Bytes::new(), Bytes::from_static(b"hello"), large.clone()] {
                let squeezed = compress(encoding, message.clone()).await.expect("compresses");
                let back = decompress(encoding, squeezed, 200_000).await.expect("decompresses");
                assert_eq!(back, message, "{encoding:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_bomb_is_refused_at_the_limit() {
        for encoding in Encoding::ALL {
            let bomb = compress(encoding, Bytes::from(vec![0_u8; 32 * 1024 * 1024])).await.expect("compresses");
            let error = decompress(encoding, bomb, 1024).await.expect_err("too large");
            assert_eq!(error.code, Code::ResourceExhausted, "{encoding:?}");
        }
    }

    #[tokio::test]
    async fn truncated_and_foreign_bytes_are_the_callers_fault() {
        for encoding in Encoding::ALL {
            let whole = compress(encoding, Bytes::from(vec![1_u8; 5000])).await.expect("compresses");
            let half = whole.slice(..whole.len() / 2);
            for bytes in [half, Bytes::from_static(b"certainly not compressed")] {
                let error = decompress(encoding, bytes, 1 << 20).await.expect_err("malformed");
                assert_eq!(error.code, Code::InvalidArgument, "{encoding:?}: {}", error.message);
            }
        }
    }

    #[test]
    fn the_response_takes_the_first_acceptable_encoding() {
        let accept = HeaderName::from_static("accept-encoding");
        let cases: [(Option<&[u8]>, Option<&[u8]>, Option<Encoding>); 6] = [
            (None, None, None),
            (Some(b"gzip"), None, Some(Encoding::Gzip)),
            (Some(b"gzip"), Some(b"br, gzip"), Some(Encoding::Brotli)),
            (None, Some(b"deflate, zstd"), Some(Encoding::Zstd)),
            (Some(b"gzip"), Some(b"identity"), None),
            (Some(b"gzip"), Some(b""), Some(Encoding::Gzip)),
        ];
        for (requested, accepted, expected) in cases {
            let (negotiated, verdict) = negotiate(&Encoding::ALL, requested, accepted, &accept);
            assert!(verdict.is_ok());
            assert_eq!(negotiated.response, expected);
        }
    }
}
