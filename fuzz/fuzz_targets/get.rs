//! Queries of Connect GETs.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| connectum_native::fuzzing::get(data));
