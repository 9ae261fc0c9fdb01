//! The options that JavaScript gives, and what Rust makes of them.

pub mod health;
pub mod json;
pub mod method;
pub mod server;
pub mod tls;
