//! Bodies of gRPC-Web as text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| connectum_native::fuzzing::text(data));
