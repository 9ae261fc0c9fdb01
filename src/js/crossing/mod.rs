//! How calls cross: numbers and bytes in memory that JavaScript owns and lends for the time of a native call.
//!
//! [`layout`] says where everything stands. The other files read and write it; none knows what a call is about.

pub mod borrowed;
pub mod failure;
pub mod inbound_batch;
pub mod inbound_messages;
pub mod layout;
pub mod metadata;
pub mod outbound_record;
pub mod request_head;

/// A length as JavaScript has it.
#[expect(clippy::cast_precision_loss, reason = "no piece of memory has 2^53 bytes")]
fn length(bytes: usize) -> f64 {
    bytes as f64
}

/// The number of a call as JavaScript has it: below 2^53 for the lifetime of any process.
#[expect(clippy::cast_precision_loss, reason = "numbers count up from one: a million a second lasts three centuries")]
pub fn call_number(id: u64) -> f64 {
    id as f64
}

/// The other way. A number that is not one of ours finds no call.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
pub fn call_id(number: f64) -> u64 {
    number as u64
}
