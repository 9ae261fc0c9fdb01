//! A response body in no protocol: bytes as the handler writes them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;

use crate::call::{Error, ResponseEvent, ResponseStream};

/// A body that stops before its end. hyper closes an HTTP/1.1 connection for it and resets an HTTP/2 stream, so that no
/// client takes it for complete.
#[derive(Debug)]
pub struct BrokenBody;

impl std::fmt::Display for BrokenBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the response stopped before its end")
    }
}

impl std::error::Error for BrokenBody {}

/// Sends the bytes that a handler writes, until it ends.
pub struct RawBody(State);

enum State {
    /// The handler may still write.
    Open(Box<dyn ResponseStream>),
    /// The body has to stop here.
    Aborted,
    /// The last frame has been taken.
    Over,
}

impl RawBody {
    /// The body with the pieces of `source`.
    pub fn new(source: Box<dyn ResponseStream>) -> Self {
        Self(State::Open(source))
    }

    /// Whether the last frame has been taken.
    pub fn is_over(&self) -> bool {
        matches!(self.0, State::Over)
    }

    /// Stops the body, unless it is over.
    pub fn abort(&mut self) {
        if matches!(self.0, State::Open(_)) {
            self.0 = State::Aborted;
        }
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    ///
    /// The handler failed before the end of the body.
    pub fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        let source = match &mut self.0 {
            State::Open(source) => source,
            State::Aborted => return self.end(Some(Err(BrokenBody))),
            State::Over => return Poll::Ready(None),
        };
        loop {
            // An empty piece would be an empty frame.
            let event = match catch_unwind(AssertUnwindSafe(|| source.poll_next(cx))) {
                Ok(event) => ready!(event),
                Err(panic) => {
                    break self.fail(&Error::panicked("the body of an HTTP response", &*panic));
                }
            };
            match event {
                ResponseEvent::Message(piece) if piece.is_empty() => {}
                ResponseEvent::Message(piece) => return Poll::Ready(Some(Ok(Frame::data(piece.into_bytes())))),
                ResponseEvent::End(_, Some(error)) => break self.fail(&error),
                ResponseEvent::End(trailers, None) if trailers.is_empty() => break self.end(None),
                ResponseEvent::End(trailers, None) => {
                    break self.end(Some(Ok(Frame::trailers(trailers.into_iter().collect::<HeaderMap>()))));
                }
            }
        }
    }

    fn fail(&mut self, error: &Error) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        error.log();
        self.end(Some(Err(BrokenBody)))
    }

    fn end(
        &mut self,
        last: Option<Result<Frame<Bytes>, BrokenBody>>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        self.0 = State::Over;
        Poll::Ready(last)
    }
}
