//! Compresses the messages of responses.

use std::io::{self, Write};

use bytes::Bytes;

use crate::call::{Encoding, Error, ReservedBytes};

const GZIP_LEVEL: u32 = 6;
const BROTLI_QUALITY: u32 = 4;
const BROTLI_WINDOW_LOG: u32 = 22;
const ZSTD_LEVEL: i32 = 3;

/// The largest message that is compressed on a thread that serves connections, which takes some 100 µs at most.
fn max_inline_bytes(encoding: Encoding) -> usize {
    match encoding {
        Encoding::Gzip | Encoding::Brotli => 4 * 1024,
        Encoding::Zstd => 32 * 1024,
    }
}

/// A message as it is sent.
#[derive(Debug)]
pub struct Encoded {
    /// Its bytes.
    pub message: ReservedBytes,
    /// Their encoding; `None` if they are the message itself.
    pub encoding: Option<Encoding>,
}

/// Compresses a message. The result is reserved in place of the message. A large message stays as it is when there is
/// no memory to compress it: both forms of it are held meanwhile.
///
/// # Errors
///
/// `internal` when the encoder fails; no message is known to cause that.
pub async fn compress(encoding: Encoding, message: ReservedBytes) -> Result<Encoded, Error> {
    let (message, mut reservation) = message.into_parts();
    let compressed = if message.len() <= max_inline_bytes(encoding) {
        compress_now(encoding, &message)
    } else if reservation.try_grow(message.len()) {
        match tokio::task::spawn_blocking(move || compress_now(encoding, &message)).await {
            Ok(compressed) => compressed,
            Err(failure) => Err(io::Error::other(failure)),
        }
    } else {
        return Ok(Encoded { message: ReservedBytes::new(message, reservation), encoding: None });
    };
    let failed =
        |error| Error::internal(format!("a message could not be compressed with {}: {error}", encoding.name()));
    let compressed = compressed.map(Bytes::from).map_err(failed)?;
    reservation.resize_unchecked(compressed.len());
    Ok(Encoded { message: ReservedBytes::new(compressed, reservation), encoding: Some(encoding) })
}

fn compress_now(encoding: Encoding, message: &[u8]) -> io::Result<Vec<u8>> {
    // Room for a message that does not compress: memory that doubles is there three times while it is copied. What is
    // not touched costs nothing.
    let mut out = Vec::with_capacity(message.len() + message.len() / 8 + 64);
    let mut compressed = match encoding {
        Encoding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::new(GZIP_LEVEL));
            encoder.write_all(message)?;
            encoder.finish()?
        }
        Encoding::Brotli => {
            io::Read::read_to_end(
                &mut brotli::CompressorReader::new(message, message.len().max(1), BROTLI_QUALITY, BROTLI_WINDOW_LOG),
                &mut out,
            )?;
            out
        }
        Encoding::Zstd => {
            zstd::stream::copy_encode(message, &mut out, ZSTD_LEVEL)?;
            out
        }
    };
    // What is reserved is the length, not the capacity.
    compressed.shrink_to_fit();
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Budget, Limits, Window};

    #[tokio::test]
    async fn a_large_message_is_compressed_if_there_is_memory_for_both_of_its_forms() {
        const SIZE: usize = 100_000;
        for encoding in Encoding::ALL {
            for (total, expected) in [(2 * SIZE, Some(encoding)), (2 * SIZE - 1, None)] {
                let budget = Budget::new(Limits { total, connection: total, own: 0 });
                let connection = budget.connection(Window { stream_bytes: 0, full_streams: 0 });
                let message = ReservedBytes::unchecked(vec![7; SIZE], &connection);
                let encoded = compress(encoding, message).await.expect("no failure");
                assert_eq!(encoded.encoding, expected, "{encoding:?}, {total} bytes");
                assert_eq!(connection.used(), encoded.message.len(), "{encoding:?}, {total} bytes");
                assert_eq!(encoded.message.len() < SIZE, expected.is_some());
            }
        }
    }
}
