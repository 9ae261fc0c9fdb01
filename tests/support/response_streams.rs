//! Response streams of the test server's methods.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use connectum_native::call::{Error, Metadata, ReservedBytes, ResponseEvent, ResponseStream, Source};

use super::probe::{Guard, Probe};

/// Responds to each request message with itself.
pub struct Each {
    pub reader: Box<dyn Source>,
    pub trailer: Metadata,
    pub probe: Arc<Probe>,
    /// Counts the stream as released when it is dropped.
    pub _guard: Guard,
}

impl ResponseStream for Each {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        Poll::Ready(match ready!(self.reader.poll_next(cx)) {
            Some(Ok(message)) => {
                self.probe.read.add();
                ResponseEvent::Message(message)
            }
            Some(Err(error)) => {
                self.probe.input_error.send_replace(Some(error.code.name().into()));
                ResponseEvent::End(std::mem::take(&mut self.trailer), Some(error))
            }
            None => {
                self.probe.input_ended.add();
                ResponseEvent::End(std::mem::take(&mut self.trailer), None)
            }
        })
    }

    fn known_trailers(&self) -> Metadata {
        self.trailer.clone()
    }
}

/// Sends numbers, and counts them.
pub struct Numbers {
    pub next: usize,
    pub until: usize,
    pub end: fn() -> Poll<Option<Error>>,
    pub trailer: Metadata,
    pub probe: Arc<Probe>,
    /// Counts the stream as released when it is dropped.
    pub _guard: Guard,
}

impl ResponseStream for Numbers {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<ResponseEvent> {
        if self.next == self.until {
            return (self.end)().map(|error| ResponseEvent::End(std::mem::take(&mut self.trailer), error));
        }
        self.probe.pulled.add();
        self.next += 1;
        Poll::Ready(ResponseEvent::Message(self.probe.reserved((self.next - 1).to_string())))
    }

    fn known_trailers(&self) -> Metadata {
        self.trailer.clone()
    }
}

/// Sends the messages of a channel.
pub struct Channel {
    pub receiver: tokio::sync::mpsc::Receiver<ReservedBytes>,
    /// Counts the stream as released when it is dropped.
    pub _guard: Guard,
}

impl ResponseStream for Channel {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        self.receiver.poll_recv(cx).map(|message| match message {
            Some(message) => ResponseEvent::Message(message),
            None => ResponseEvent::End(Metadata::new(), None),
        })
    }
}

/// Sends its message for ever, and counts.
pub struct Flood {
    pub message: Bytes,
    pub probe: Arc<Probe>,
    /// Counts the stream as released when it is dropped.
    pub _guard: Guard,
}

impl ResponseStream for Flood {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<ResponseEvent> {
        self.probe.pulled.add();
        Poll::Ready(ResponseEvent::Message(self.probe.reserved(self.message.clone())))
    }
}
