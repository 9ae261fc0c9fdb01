//! The Rust core of Connectum: everything of an RPC server that is not a handler.
//!
//! [`call`] is what a call is. [`protocol`] reads and writes it on the wire, [`rpc`] takes it from its request to its
//! handler and back. [`services`] serves some calls, [`js`] hands the others to JavaScript; [`schema`] is the index
//! that reflection, one of the services, looks files up in. [`server`] owns the sockets.
//!
//! `fuzzing`, which is in no addon, is what the fuzz targets check.
//!
//! `tests/layers.rs` says which of them may use which, and checks it.

pub mod call;
pub mod protocol;
pub mod rpc;
pub mod schema;
pub mod server;
pub mod services;

pub mod js;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;

// A fuzzer counts what the system's allocator hands out.
#[cfg(not(fuzzing))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
