//! A response body whose messages come from a handler.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use tokio::time::Sleep;

use super::chunks::Chunks;
use super::compression::{Encoded, ResponseCompression, compress};
use super::envelope::compressed_flag;
use super::framing::{End, Framing};
use crate::call::{
    ConnectionBudget, Deadline, Error, Metadata, Reservation, ReservedBytes, ResponseEvent, ResponseStream,
};

/// Messages up to this size are gathered into one frame while they come faster than they are sent.
const GATHER_MESSAGE_BYTES: usize = 4 * 1024;
/// A gathered frame is sent when it has this size: HTTP/2's default maximum frame.
const GATHER_FRAME_BYTES: usize = 16 * 1024;

/// The state of a body.
enum State {
    /// The handler may still write.
    Open(Box<dyn ResponseStream>),
    /// Everything is written; trailers may be left.
    Ended(Option<HeaderMap>),
}

/// Frames and compresses the messages of a handler, until it ends or its deadline passes.
pub struct StreamBody {
    framing: Framing,
    compression: ResponseCompression,
    state: State,
    /// A message that is being compressed, before the next ones are taken.
    compressing: Option<Pin<Box<dyn Future<Output = Result<Encoded, Error>> + Send>>>,
    /// Frames to send, before [`Self::gathered`].
    ready: Chunks,
    /// Small messages, in one frame.
    gathered: BytesMut,
    /// The memory of the gathered messages.
    reservation: Reservation,
    /// Ends the response for the client. JavaScript hears of it by a timer of its own: hyper does not poll a body that
    /// the client does not read.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl StreamBody {
    /// The body with the messages of `source`. What is gathered of them is reserved in `budget`.
    pub fn new(
        framing: Framing,
        compression: ResponseCompression,
        deadline: Deadline,
        source: Box<dyn ResponseStream>,
        budget: &Arc<ConnectionBudget>,
    ) -> Self {
        Self {
            framing,
            compression,
            state: State::Open(source),
            compressing: None,
            ready: Chunks::default(),
            gathered: BytesMut::new(),
            reservation: budget.empty_reservation(),
            deadline: deadline.timer().map(Box::pin),
        }
    }

    /// Whether the last frame has been taken.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Ended(None)) && self.ready.is_empty() && self.gathered.is_empty()
    }

    /// Ends the response with `error`, unless the handler has ended it.
    pub fn abort(&mut self, error: &Error) {
        if matches!(self.state, State::Open(_)) {
            self.end(Metadata::new(), Some(error));
        }
    }

    /// The next frame; `None` at the end.
    pub fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame<Bytes>>> {
        loop {
            if let Some(chunk) = self.ready.pop() {
                return Poll::Ready(Some(Frame::data(chunk)));
            }
            if self.gathered.len() >= GATHER_FRAME_BYTES {
                return Poll::Ready(Some(Frame::data(self.take_gathered().into_bytes())));
            }
            if let State::Ended(trailers) = &mut self.state {
                let trailers = trailers.take();
                return Poll::Ready(if self.gathered.is_empty() {
                    trailers.map(Frame::trailers)
                } else {
                    self.state = State::Ended(trailers);
                    Some(Frame::data(self.take_gathered().into_bytes()))
                });
            }
            let step = catch_unwind(AssertUnwindSafe(|| self.poll_source(cx))).unwrap_or_else(|panic| {
                self.end(Metadata::new(), Some(&Error::panicked("a response stream", &*panic)));
                Poll::Ready(())
            });
            match step {
                Poll::Ready(()) => {}
                // The handler has no more for now: send what was gathered.
                Poll::Pending if !self.gathered.is_empty() => {
                    return Poll::Ready(Some(Frame::data(self.take_gathered().into_bytes())));
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
        if let Some(work) = &mut self.compressing {
            let result = ready!(work.as_mut().poll(cx));
            self.compressing = None;
            match result {
                Ok(Encoded { message, encoding }) => self.write(compressed_flag(encoding), message),
                Err(error) => self.end(Metadata::new(), Some(&error)),
            }
        } else if let State::Open(source) = &mut self.state {
            match ready!(source.poll_next(cx)) {
                ResponseEvent::Message(message) => match self.compression.encoding_for(&message) {
                    None => self.write(0, message),
                    Some(encoding) => self.compressing = Some(Box::pin(compress(encoding, message))),
                },
                ResponseEvent::End(trailer, error) => self.end(trailer, error.as_ref()),
            }
        }
        Poll::Ready(())
    }

    fn write(&mut self, flags: u8, message: ReservedBytes) {
        if message.len() > GATHER_MESSAGE_BYTES {
            let before = self.take_gathered();
            self.ready.push(before);
            self.framing.push(flags, message, &mut self.ready);
        } else {
            let (message, reservation) = message.into_parts();
            self.framing.gather(flags, &message, &mut self.gathered);
            self.reservation.join(reservation);
        }
    }

    /// The frame of the messages that were gathered.
    fn take_gathered(&mut self) -> ReservedBytes {
        let messages = ReservedBytes::new(Bytes::new(), self.reservation.take_all());
        messages.replaced(self.gathered.split())
    }

    fn end(&mut self, trailer: Metadata, error: Option<&Error>) {
        error.inspect(|error| error.log());
        self.compressing = None;
        self.state = State::Ended(match self.framing.end(trailer, error) {
            End::Trailers(trailers) => Some(trailers),
            End::Envelope(envelope) => {
                self.gathered.put_slice(&envelope);
                None
            }
        });
    }
}
