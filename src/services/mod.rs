//! Services that Rust answers by itself, whether JavaScript has time or not.
//!
//! Each is a [`Handler`](crate::rpc::Handler), so all protocols, both codecs and compression work for it as for any other.
//! [`MessageCodec`] reads and writes their messages.

mod message_codec;

pub use message_codec::{JsonOptions, MessageCodec};
