//! The seam for requests that are no RPCs: plain HTTP on the same port.

use std::future::Future;
use std::pin::Pin;

use http::Response;
use http::request::Parts;

use super::Peer;
use crate::protocol::{RequestBody, ResponseBody};

/// The answer of a [`HttpHandler`], in the end.
pub type HttpHandlerFuture<'a> = Pin<Box<dyn Future<Output = Option<Response<ResponseBody>>> + Send + 'a>>;

/// Answers requests for paths that no method has.
///
/// Dropping the future, or the body it gave, means that the client has gone or the server was told to end.
pub trait HttpHandler: Send + Sync + 'static {
    /// Answers one request. `None` leaves it unanswered: the client is told that there is nothing, in its protocol.
    fn call<'a>(&'a self, parts: &'a Parts, body: RequestBody, peer: Peer) -> HttpHandlerFuture<'a>;
}
