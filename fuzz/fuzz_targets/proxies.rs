//! PROXY headers, and the fields in which proxies tell their clients.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| connectum_native::fuzzing::proxies(data));
