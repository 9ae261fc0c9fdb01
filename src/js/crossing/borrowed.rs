//! JavaScript's memory, borrowed by Rust for the time of a native call.
//!
//! Both functions are sound as long as one thread owns the arrays. `InboundMemory` and `OutboundBatch` in
//! `packages/core/src/boundary` allocate them, keep them to themselves and never share them with a worker.

use napi::bindgen_prelude::{Float64ArraySlice, Uint8ArraySlice};

/// Numbers that Rust may write.
#[expect(
    unsafe_code,
    reason = "JavaScript waits until the call returns, and the owner of the array gives it to no other thread"
)]
pub fn numbers<'a>(borrowed: &'a mut Float64ArraySlice<'_>) -> &'a mut [f64] {
    // SAFETY: as above; the slice lives as long as the arguments of the call.
    unsafe { borrowed.as_mut() }
}

/// Bytes that Rust may write.
#[expect(
    unsafe_code,
    reason = "JavaScript waits until the call returns, and the owner of the array gives it to no other thread"
)]
pub fn bytes<'a>(borrowed: &'a mut Uint8ArraySlice<'_>) -> &'a mut [u8] {
    // SAFETY: as above; the slice lives as long as the arguments of the call.
    unsafe { borrowed.as_mut() }
}
