//! What an RPC is, whatever the protocol: the method, the handler that serves it, its deadline, its errors, its limits.
//!
//! Bytes on the wire belong to [`crate::protocol`], sockets to [`crate::server`], JavaScript to [`crate::js`].

mod budget;
mod deadline;
mod error;
mod handler;
mod handlers;
mod http_handler;
mod method;
mod peer;
mod router;
mod service;

pub use budget::{Budget, Reservation, ReservedBytes};
pub use deadline::Deadline;
pub(crate) use error::truncate;
pub use error::{Code, Detail, Error, Failure};
pub use handler::{Handler, HandlerFuture, Input, Metadata, Output, Request, Response, ResponseEvent, ResponseStream};
pub use handlers::Handlers;
pub use http_handler::{HttpHandler, HttpHandlerFuture};
pub use method::{Cardinality, Method, MethodOptions};
pub use peer::Peer;
pub use router::Router;
pub use service::RpcService;
pub(crate) use service::{leave_rest, plain_response, read_away};
