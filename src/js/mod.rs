//! All that JavaScript can see; the only `#[napi]` in the crate.
//!
//! [`handler`] hands a call over, [`fallback`] a request that is no RPC, [`call`] is what both sides know of it, [`inbox`] is where calls wait for the JavaScript
//! thread, [`server`] is the object that JavaScript holds, [`schema`] what reflection tells of it. The sense of it all is told in `docs/boundary.md`.

mod bell;
mod builtins;
mod call;
mod delivery;
mod failure;
mod fallback;
mod handler;
mod head;
mod health;
mod inbox;
mod lent;
mod listen_error;
mod metadata;
mod method;
mod open_call;
mod options;
mod pump;
mod reading;
mod schema;
mod server;
mod settling;
mod tls;
