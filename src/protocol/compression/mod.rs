//! Compression of messages, one room for all three protocols.

mod compress;
mod decompress;
mod negotiation;
mod scratch;

pub use compress::{Encoded, compress};
pub use decompress::decompress;
pub use negotiation::{Negotiated, ResponseCompression, negotiate};
