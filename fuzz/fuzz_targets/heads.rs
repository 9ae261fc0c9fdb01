//! Request heads.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| connectum_native::fuzzing::heads(data));
