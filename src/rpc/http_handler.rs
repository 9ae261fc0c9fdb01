//! The interface for plain HTTP requests: those whose path no method has.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::Response;
use http::request::Parts;

use crate::call::{Activity, ConnectionBudget, Peer, RequestBody};
use crate::protocol::ResponseBody;

/// The result of an [`HttpHandler`].
pub type HttpHandlerFuture<'a> = Pin<Box<dyn Future<Output = Option<Response<ResponseBody>>> + Send + 'a>>;

/// Serves plain HTTP requests.
///
/// Dropping the future, or the body of the response, means that the client has gone or that the server is closing.
pub trait HttpHandler: Send + Sync + 'static {
    /// Responds to one request, whose memory is reserved in `budget`. With `None` the client gets a 404, in its
    /// protocol. `activity` is what is in flight on its connection.
    fn call<'a>(
        &'a self,
        parts: &'a Parts,
        body: RequestBody,
        peer: &'a Arc<Peer>,
        budget: &'a Arc<ConnectionBudget>,
        activity: Activity,
    ) -> HttpHandlerFuture<'a>;
}
