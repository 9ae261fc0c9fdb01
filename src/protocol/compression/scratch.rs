//! The memory that a decompressor needs beside its output, as the beginning of its input says.

use crate::call::Encoding;

/// The window that a zstd frame may ask for: RFC 8878 asks decoders to support 8 MiB, and more would let a small
/// message claim much memory.
pub const ZSTD_WINDOW_LOG_MAX: u32 = 23;

const GZIP_BYTES: usize = 64 * 1024;
/// The blocks that a zstd decoder holds beside its window.
const ZSTD_BLOCKS_BYTES: usize = 256 * 1024;
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The most bytes that decompressing `bytes` takes beside the output.
pub fn scratch_bytes(encoding: Encoding, bytes: &[u8]) -> usize {
    match encoding {
        Encoding::Gzip => GZIP_BYTES,
        // While the window grows, half of it is there twice.
        Encoding::Brotli => (1 << brotli_window_log(bytes)) / 2 * 3,
        Encoding::Zstd => zstd_window(bytes).min(1 << ZSTD_WINDOW_LOG_MAX) + ZSTD_BLOCKS_BYTES,
    }
}

/// RFC 7932 section 9.1: `WBITS`, in the first seven bits.
fn brotli_window_log(bytes: &[u8]) -> u32 {
    let first = bytes.first().copied().unwrap_or(0);
    let (low, high) = (u32::from(first >> 1 & 7), u32::from(first >> 4 & 7));
    match (first & 1, low, high) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        (_, 0, high) => 8 + high,
        (_, low, _) => 17 + low,
    }
}

/// RFC 8878 section 3.1.1.1: the window of the first frame. Without a readable one it is the most that is allowed.
fn zstd_window(bytes: &[u8]) -> usize {
    const MOST: usize = 1 << ZSTD_WINDOW_LOG_MAX;
    let Some((&[descriptor, window, ..], true)) = bytes
        .get(4..6)
        .map(|rest| (rest, bytes.starts_with(&ZSTD_MAGIC)))
        .and_then(|(rest, is_frame)| <&[u8; 2]>::try_from(rest).ok().map(|rest| (rest, is_frame)))
    else {
        return MOST;
    };
    let is_single_segment = descriptor & 0b10_0000 != 0;
    if is_single_segment {
        // The window is the whole content. One byte has its size if no flag says otherwise.
        return if descriptor >> 6 == 0 { usize::from(window) } else { MOST };
    }
    let base = 1_usize << (10 + u32::from(window >> 3));
    base + base / 8 * usize::from(window & 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_read_from_the_beginning_of_the_message() {
        let compressed = |log: u32| {
            let mut out = Vec::new();
            let mut reader = brotli::CompressorReader::new(&[7_u8; 5000][..], 4096, 4, log);
            std::io::Read::read_to_end(&mut reader, &mut out).expect("compresses");
            out
        };
        for log in [10, 16, 17, 18, 22, 24] {
            assert_eq!(brotli_window_log(&compressed(log)), log, "brotli, {log}");
        }
        for log in [10, 17, 20, 23] {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
            encoder.window_log(log).expect("a window");
            std::io::Write::write_all(&mut encoder, &[7; 5000]).expect("compresses");
            assert_eq!(zstd_window(&encoder.finish().expect("ends")), 1 << log, "zstd, {log}");
        }
        assert_eq!(zstd_window(&zstd::bulk::compress(&[7; 200], 1).expect("compresses")), 200, "a single segment");
        assert_eq!(zstd_window(b"what is this?"), 1 << ZSTD_WINDOW_LOG_MAX);
        assert_eq!(zstd_window(b""), 1 << ZSTD_WINDOW_LOG_MAX);
    }
}
