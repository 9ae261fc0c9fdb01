//! The body of a request as it comes off the wire.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Version;
use http_body::{Body, Frame};
use hyper::body::Incoming;

/// A request body that says when its client has gone.
///
/// hyper ends an HTTP/2 body quietly when the client resets with `CANCEL` or `NO_ERROR`. Such a body is not at its end of
/// stream, which tells a client that is done from one that is gone. HTTP/1 bodies that stop half-way fail by themselves.
#[derive(Debug)]
pub struct RequestBody {
    incoming: Incoming,
    resets: bool,
    ended: bool,
}

/// The client has gone before the end of its request.
#[derive(Debug)]
pub struct ClientGone;

impl RequestBody {
    /// The body of a request of the given HTTP version.
    #[must_use]
    pub fn new(incoming: Incoming, version: Version) -> Self {
        Self { incoming, resets: version == Version::HTTP_2, ended: false }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = ClientGone;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ClientGone>>> {
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(Ok(frame)),
            Some(Err(_)) => Some(Err(ClientGone)),
            None if self.resets && !self.incoming.is_end_stream() => Some(Err(ClientGone)),
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
