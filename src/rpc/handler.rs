//! The seam between the protocols and whoever serves a method: JavaScript, health, reflection, a test.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Deadline, Error, Failure, Method, ReservedBytes};
use crate::protocol::{Codec, MessageReader, Protocol};

/// Header or trailer fields in the order they are sent. Names may repeat.
pub type Metadata = Vec<(HeaderName, HeaderValue)>;

/// What a handler answers with, in the end.
pub type HandlerFuture = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;

/// Serves calls.
///
/// Dropping the future, or the output stream it gave, means that the call is over: the client reset it, its deadline
/// passed, or the server was told to end. A handler that must know reacts to the drop.
pub trait Handler: Send + Sync + 'static {
    /// Serves one call.
    fn call(&self, request: Request) -> HandlerFuture;
}

/// A call as its handler sees it: decompressed, unframed, its deadline read.
#[derive(Debug)]
pub struct Request {
    /// The method called.
    pub method: Arc<Method>,
    /// The protocol it came by.
    pub protocol: Protocol,
    /// How its messages are encoded.
    pub codec: Codec,
    /// Whether it is a Connect GET.
    pub get: bool,
    /// Whether it came over HTTP/1.x, where a body left unread costs the connection.
    pub http1: bool,
    /// The absolute URL of the request.
    pub url: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// When it must have been answered.
    pub deadline: Deadline,
    /// The message, or the stream of them.
    pub input: Input,
}

/// The request messages.
#[derive(Debug)]
pub enum Input {
    /// The only one.
    One(ReservedBytes),
    /// A stream, read on demand: what is not asked for stays in the transport's flow control.
    Stream(Box<MessageReader>),
}

/// A successful answer, or the beginning of one.
pub struct Response {
    /// Response headers.
    pub header: Metadata,
    /// The message, or the stream of them.
    pub output: Output,
}

/// The response messages.
pub enum Output {
    /// The only one, and the trailers.
    One(ReservedBytes, Metadata),
    /// A stream that ends with trailers or an error.
    Stream(Box<dyn ResponseStream>),
}

/// Response messages as they come.
pub trait ResponseStream: Send {
    /// The next thing to send. Not polled again after [`ResponseEvent::End`].
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent>;

    /// Trailers known when the headers leave: HTTP/1.1 has to declare them.
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
