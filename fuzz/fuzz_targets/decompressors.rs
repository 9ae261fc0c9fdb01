//! Messages in gzip, brotli and zstd.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| connectum_native::fuzzing::decompressors(data));
