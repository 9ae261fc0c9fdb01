//! The body of a request as it comes from hyper.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::EXPECT;
use http::request::Parts;
use http_body::{Body, Frame};
use hyper::body::Incoming;

/// A request body that fails when its client has gone.
///
/// hyper ends an HTTP/2 body quietly when the client resets with `CANCEL` or `NO_ERROR`. Such a body is not at its end
/// of stream, which tells a client that is done from one that is gone. HTTP/1 bodies that stop half-way fail by
/// themselves.
#[derive(Debug)]
pub struct RequestBody {
    incoming: Incoming,
    http2: bool,
    /// The client sends nothing before it gets `100 Continue`, which hyper sends when the body is first polled.
    awaits_continue: bool,
    ended: bool,
}

/// The client has gone before the end of its request.
#[derive(Debug)]
pub struct ClientGone;

impl RequestBody {
    /// The body of the request with this head.
    #[must_use]
    pub fn new(incoming: Incoming, parts: &Parts) -> Self {
        let http2 = parts.version == http::Version::HTTP_2;
        let awaits_continue = !http2 && parts.headers.contains_key(EXPECT);
        Self { incoming, http2, awaits_continue, ended: false }
    }

    /// Whether a client of HTTP/1.x is still sending: its connection can only be used again, or closed without a reset,
    /// once somebody has read the rest. HTTP/2 ends the one stream instead.
    #[must_use]
    pub fn has_rest(&self) -> bool {
        !self.http2 && !self.awaits_continue && !self.is_end_stream()
    }

    /// Whether a client of HTTP/2 has not ended its stream yet.
    #[must_use]
    pub fn is_open_stream(&self) -> bool {
        self.http2 && !self.is_end_stream()
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = ClientGone;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ClientGone>>> {
        self.awaits_continue = false;
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(Ok(frame)),
            Some(Err(_)) => Some(Err(ClientGone)),
            None if self.http2 && !self.incoming.is_end_stream() => Some(Err(ClientGone)),
            None => {
                self.ended = true;
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.incoming.is_end_stream()
    }
}
