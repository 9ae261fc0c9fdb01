//! The options that JavaScript gives, and their conversion.

pub mod connection_limits;
pub mod cors;
pub mod health;
pub mod json;
pub mod listener;
pub mod method;
pub mod server;
pub mod tls;
