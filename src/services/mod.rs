//! Services that are answered here, whether JavaScript has time or not: health, and reflection.
//!
//! Each is a [`Handler`](crate::call::Handler) like any other, so all protocols, codecs and compressions work for it;
//! [`MessageCodec`] reads and writes its messages. What health answers to plain HTTP is a
//! [`HttpHandler`](crate::rpc::HttpHandler). The state comes from outside: nothing here knows who reports it.

mod event_loop_monitor;
pub mod health;
mod message_codec;
pub mod reflection;

pub use event_loop_monitor::EventLoopMonitor;
pub use message_codec::{JsonOptions, MessageCodec};
