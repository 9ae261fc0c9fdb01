//! What an RPC is, whatever the protocol: the method, the handler that serves it, its deadline, its errors, its limits.
//!
//! Bytes on the wire belong to [`crate::protocol`], sockets to [`crate::server`], JavaScript to [`crate::js`].

mod deadline;
mod error;
mod fallback;
mod handler;
mod handlers;
mod limits;
mod method;
mod peer;
mod router;
mod service;

pub use deadline::Deadline;
pub(crate) use error::cut;
pub use error::{Code, Detail, Error, Failure};
pub use fallback::{Fallback, FallbackFuture};
pub use handler::{Handler, HandlerFuture, Input, Metadata, Output, OutputEvent, OutputStream, Request, Response};
pub use handlers::Handlers;
pub use limits::{Budget, Held, Hold};
pub use method::{Cardinality, Method, MethodOptions};
pub use peer::Peer;
pub use router::Router;
pub use service::RpcService;
pub(crate) use service::{leave_rest, read_away, short};
