//! The interface between the protocols and the code that serves a method: JavaScript, health, reflection, a test.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, Version};

use super::activity::Activity;
use super::budget::ConnectionBudget;
use super::codec::Codec;
use super::deadline::Deadline;
use super::error::{Error, Failure};
use super::metadata::Metadata;
use super::method::Method;
use super::peer::Peer;
use super::protocol::Protocol;
use super::reservation::ReservedBytes;
use super::source::Source;

/// The result of a [`Handler`].
pub type HandlerFuture = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;

/// Serves calls.
///
/// Dropping the future, or the response stream that it returned, means that the call is over: the client reset it, its
/// deadline passed, or the server is closing. A handler that needs to know implements `Drop`.
pub trait Handler: Send + Sync + 'static {
    /// Serves one call.
    fn call(&self, request: Request) -> HandlerFuture;
}

/// A call as its handler sees it: messages are unframed and decompressed, the timeout is a deadline.
#[derive(Debug)]
pub struct Request {
    /// The method called.
    pub method: Arc<Method>,
    /// The protocol of the client.
    pub protocol: Protocol,
    /// The encoding of the messages.
    pub codec: Codec,
    /// Whether it is a Connect GET.
    pub get: bool,
    /// The version of HTTP: 1.0, 1.1 or 2.
    pub version: Version,
    /// The absolute URL of the request.
    pub url: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The instant by which the call has to be over.
    pub deadline: Deadline,
    /// The message, or the stream of them.
    pub messages: RequestMessages,
    /// The memory of the connection, in which what the call holds is reserved.
    pub budget: Arc<ConnectionBudget>,
    /// What is in flight on the connection, which says why calls were aborted.
    pub activity: Activity,
    /// The other end of the connection.
    pub peer: Arc<Peer>,
}

/// The request messages.
#[derive(Debug)]
pub enum RequestMessages {
    /// The only one.
    One(ReservedBytes),
    /// A stream, read on demand: what is not asked for stays in the transport's flow control.
    Stream(Box<dyn Source>),
}

/// A successful response, or the beginning of one.
pub struct Response {
    /// Response headers.
    pub header: Metadata,
    /// The message, or the stream of them.
    pub messages: ResponseMessages,
}

/// The response messages.
pub enum ResponseMessages {
    /// The only one, and the trailers.
    One(ReservedBytes, Metadata),
    /// A stream that ends with trailers or an error.
    Stream(Box<dyn ResponseStream>),
}

/// Response messages, one at a time.
pub trait ResponseStream: Send {
    /// The next message or the end. Not polled again after [`ResponseEvent::End`].
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent>;

    /// Trailers known when the headers are sent: HTTP/1.1 has to declare them.
    fn known_trailers(&self) -> Metadata {
        Metadata::new()
    }
}

/// One step of a response stream.
pub enum ResponseEvent {
    /// A message.
    Message(ReservedBytes),
    /// The end: trailers, and the error if the stream failed.
    End(Metadata, Option<Error>),
}
