//! A call that JavaScript serves, on Rust's side.
//!
//! [`handler`] and [`http_handler`] take requests from the connections. Each becomes a [`state::CallState`], which both
//! threads share: the connection holds it by a [`guard::CallGuard`], JavaScript by a number. [`pump`] feeds it from a
//! request stream. [`inbox`] is the queue in front of a JavaScript thread, [`bell`] wakes that thread, and [`threads`]
//! knows which threads there are.

pub mod bell;
pub mod call_queue;
pub mod guard;
pub mod handler;
pub mod http_handler;
pub mod inbox;
pub mod pump;
pub mod state;
pub mod threads;
