//! The Rust core of Connectum: everything of an RPC server that is not a handler.
//!
//! The modules in the order a request meets them: [`server`] owns the sockets, [`rpc`] knows what a call is, [`protocol`]
//! reads and writes its bytes, [`services`] answers some of them, `js` hands the others to JavaScript. [`schema`] is what
//! reflection, one of the services, tells of.

pub mod protocol;
pub mod rpc;
pub mod schema;
pub mod server;
pub mod services;

pub mod js;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
