//! A response body whose messages come from a handler.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use tokio::time::Sleep;

use super::body::Chunks;
use super::compression::compress;
use super::envelope::{COMPRESSED, head, join};
use super::output::Output;
use super::wire::Wire;
use super::{grpc, grpc_web};
use crate::rpc::{Error, Metadata, ResponseEvent, ResponseStream};

/// Messages smaller than this are gathered into one frame while they come faster than they leave.
const GATHER_MESSAGE_BYTES: usize = 4 * 1024;
/// A gathered frame is sent when it has this size; HTTP/2's default maximum frame.
const GATHER_FRAME_BYTES: usize = 16 * 1024;

/// Where the body stands.
enum State {
    /// The handler may still write.
    Open(Box<dyn ResponseStream>),
    /// A message is being compressed.
    Compressing(Pin<Box<dyn Future<Output = Result<Bytes, Error>> + Send>>, Box<dyn ResponseStream>),
    /// All is written; trailers may be left.
    Ended(Option<HeaderMap>),
}

/// Frames and compresses what a handler streams, until it ends or its deadline comes.
pub struct StreamBody {
    output: Output,
    state: State,
    ready: Chunks,
    gathered: BytesMut,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl StreamBody {
    /// The body of `output` with the messages of `source`.
    pub fn new(output: Output, source: Box<dyn ResponseStream>) -> Self {
        let deadline = output.deadline.timer().map(Box::pin);
        Self { output, state: State::Open(source), ready: Chunks::default(), gathered: BytesMut::new(), deadline }
    }

    /// Whether the last frame is out.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Ended(None)) && self.ready.is_empty() && self.gathered.is_empty()
    }

    /// The next frame; `None` when it is over.
    pub fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame<Bytes>>> {
        loop {
            if let Some(chunk) = self.ready.pop() {
                return Poll::Ready(Some(Frame::data(chunk)));
            }
            if self.gathered.len() >= GATHER_FRAME_BYTES {
                return Poll::Ready(Some(Frame::data(self.gathered.split().freeze())));
            }
            if let State::Ended(trailers) = &mut self.state {
                let trailers = trailers.take();
                return Poll::Ready(if self.gathered.is_empty() {
                    trailers.map(Frame::trailers)
                } else {
                    self.state = State::Ended(trailers);
                    Some(Frame::data(self.gathered.split().freeze()))
                });
            }
            let step = catch_unwind(AssertUnwindSafe(|| self.poll_source(cx))).unwrap_or_else(|_| {
                self.end(Metadata::new(), Some(&Error::internal()));
                Poll::Ready(())
            });
            match step {
                Poll::Ready(()) => {}
                // Nothing more for now: what was gathered must not wait for it.
                Poll::Pending if !self.gathered.is_empty() => {
                    return Poll::Ready(Some(Frame::data(self.gathered.split().freeze())));
                }
                Poll::Pending => {
                    let Some(deadline) = &mut self.deadline else {
                        return Poll::Pending;
                    };
                    ready!(deadline.as_mut().poll(cx));
                    self.end(Metadata::new(), Some(&Error::deadline_exceeded()));
                }
            }
        }
    }

    /// Takes one event of the handler, or one compressed message.
    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.state, State::Ended(None)) {
            State::Ended(trailers) => self.state = State::Ended(trailers),
            State::Compressing(mut work, source) => match work.as_mut().poll(cx) {
                Poll::Pending => {
                    self.state = State::Compressing(work, source);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(message)) => {
                    self.state = State::Open(source);
                    self.write(COMPRESSED, message);
                }
                Poll::Ready(Err(error)) => self.end(Metadata::new(), Some(&error)),
            },
            State::Open(mut source) => match source.poll_next(cx) {
                Poll::Pending => {
                    self.state = State::Open(source);
                    return Poll::Pending;
                }
                Poll::Ready(ResponseEvent::Message(message)) => {
                    let message = message.into_bytes();
                    if let Some(encoding) = self.output.encoding_for(&message) {
                        self.state = State::Compressing(Box::pin(compress(encoding, message)), source);
                    } else {
                        self.state = State::Open(source);
                        self.write(0, message);
                    }
                }
                Poll::Ready(ResponseEvent::End(trailer, error)) => self.end(trailer, error.as_ref()),
            },
        }
        Poll::Ready(())
    }

    fn write(&mut self, flags: u8, message: Bytes) {
        if message.len() > GATHER_MESSAGE_BYTES {
            self.ready.push(self.gathered.split().freeze());
            self.output.push_envelope(flags, message, &mut self.ready);
        } else if matches!(self.output.wire, Wire::GrpcWeb { text: true, .. }) {
            self.gathered.put_slice(&grpc_web::encode_text(&join(flags, &message)));
        } else {
            self.gathered.put_slice(&head(flags, message.len()));
            self.gathered.put_slice(&message);
        }
    }

    fn end(&mut self, trailer: Metadata, error: Option<&Error>) {
        if let Wire::Grpc { .. } = self.output.wire {
            self.state = State::Ended(Some(grpc::trailers(trailer, error)));
        } else {
            let envelope = self.output.end_envelope(trailer, error);
            self.gathered.put_slice(&envelope);
            self.state = State::Ended(None);
        }
    }
}
