//! JavaScript's memory, lent to Rust for the time of a call.

use napi::bindgen_prelude::{Float64ArraySlice, Uint8ArraySlice};

/// Numbers that Rust may write.
#[allow(
    unsafe_code,
    reason = "JavaScript stands still until the call returns, and what the dispatcher lends it gives to no other thread"
)]
pub fn numbers<'a>(lent: &'a mut Float64ArraySlice<'_>) -> &'a mut [f64] {
    // SAFETY: as above; the slice lives as long as the arguments of the call.
    unsafe { lent.as_mut() }
}

/// Bytes that Rust may write.
#[allow(
    unsafe_code,
    reason = "JavaScript stands still until the call returns, and what the dispatcher lends it gives to no other thread"
)]
pub fn bytes<'a>(lent: &'a mut Uint8ArraySlice<'_>) -> &'a mut [u8] {
    // SAFETY: as above; the slice lives as long as the arguments of the call.
    unsafe { lent.as_mut() }
}
