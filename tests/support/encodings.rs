//! Compression for clients.

use std::io::{Read as _, Write as _};

use bytes::Bytes;
use connectum_native::call::Encoding;

pub fn compress(encoding: Encoding, message: &[u8]) -> Bytes {
    match encoding {
        Encoding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(message).and_then(|()| encoder.finish())
        }
        Encoding::Brotli => {
            let mut out = Vec::new();
            brotli::CompressorReader::new(message, 4096, 5, 22).read_to_end(&mut out).map(|_| out)
        }
        Encoding::Zstd => zstd::stream::encode_all(message, 3),
    }
    .expect("compresses")
    .into()
}

pub fn decompress(encoding: Encoding, bytes: &[u8]) -> Bytes {
    let mut out = Vec::new();
    match encoding {
        Encoding::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out),
        Encoding::Brotli => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out),
        Encoding::Zstd => zstd::stream::read::Decoder::new(bytes).and_then(|mut decoder| decoder.read_to_end(&mut out)),
    }
    .expect("decompresses");
    out.into()
}
