//! Built-in services, served without JavaScript, even while it is busy: health and reflection.
//!
//! Each is a [`Handler`](crate::call::Handler) like any other, so all protocols, codecs and compressions work for it;
//! [`MessageCodec`] parses and serializes its messages. The HTTP endpoints of health are an
//! [`HttpHandler`](crate::rpc::HttpHandler). The state comes from outside: nothing here knows who reports it.
//!
//! What a client asks for is made on the thread of its connection only if that is a matter of some 100 µs;
//! otherwise it is [`LongWork`](long_work::LongWork).

#[cfg(test)]
mod costs;
mod event_loop_monitor;
pub mod health;
mod long_work;
mod message_codec;
pub mod reflection;

pub use event_loop_monitor::EventLoopMonitor;
pub use message_codec::{JsonOptions, MessageCodec};
