//! The crossing: calls as numbers and bytes in JavaScript's memory, which Rust borrows for the time of a native call.
//!
//! [`layout`] has the position of everything. The other files read and write it; none of them knows the state of a
//! call. `packages/core/src/boundary` is the other side.

pub mod borrowed;
pub mod failure;
pub mod inbound_batch;
pub mod inbound_messages;
pub mod layout;
pub mod metadata;
pub mod outbound_record;
pub mod request_head;

/// A length as a number of JavaScript.
#[expect(clippy::cast_precision_loss, reason = "no piece of memory has 2^53 bytes")]
fn length(bytes: usize) -> f64 {
    bytes as f64
}

/// The number of a call in JavaScript: below 2^53 for the lifetime of any process.
#[expect(clippy::cast_precision_loss, reason = "numbers count up from one: a million a second lasts three centuries")]
pub fn call_number(id: u64) -> f64 {
    id as f64
}

/// The id of the call with this number. For a number that is not one of ours there is no call.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
pub fn call_id(number: f64) -> u64 {
    number as u64
}
