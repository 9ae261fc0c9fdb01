//! All that JavaScript can see; the only `#[napi]` in the crate. Its rules are in `docs/boundary.md`.
//!
//! [`server`] is the server that JavaScript holds, [`calls`] the calls that one of its threads serves. [`call`] is a
//! call on Rust's side, [`crossing`] the memory in which calls cross. [`options`] is what JavaScript configures,
//! [`builtins`] the services that Rust serves itself, [`schema`] the index of reflection, [`certificate`] what a
//! certificate says, [`peer`] who is at the other end of a connection, [`listen_error`] a failure to listen as Node
//! reports it, [`tls_error`] a fault of certificates and keys, and [`version`] what the loader compares.

#![expect(
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    reason = "these docs become index.d.ts, for readers of TypeScript: they say what throws, and nothing warns of unused results"
)]

mod builtins;
mod call;
mod calls;
mod certificate;
mod crossing;
mod listen_error;
mod options;
mod peer;
mod schema;
mod server;
mod tls_error;
mod version;

pub use calls::{NativeCalls, NativeOversizedCall};
pub use certificate::{NativeCertificate, NativeServerCertificate, read_certificate};
pub use crossing::failure::NativeFailure;
pub use crossing::layout;
pub use options::health::NativeHealthOptions;
pub use options::json::NativeJsonOptions;
pub use options::method::NativeMethod;
pub use options::server::NativeServerOptions;
pub use options::tls::{NativeIdentity, NativePem, NativeTlsOptions};
pub use peer::{NativeEnds, NativePeer, NativePeerTls, is_network};
pub use schema::NativeSchema;
pub use server::{NativeAddress, NativeServer};
pub use version::VERSION;
