//! The response streams: one message repeated, and an echo of each request message.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use connectum_native::call::{ConnectionBudget, Metadata, ReservedBytes, ResponseEvent, ResponseStream, Source};

/// Yields its message `remaining` times.
pub struct Repeated {
    pub message: Bytes,
    pub remaining: usize,
    pub budget: Arc<ConnectionBudget>,
}

impl ResponseStream for Repeated {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<ResponseEvent> {
        if self.remaining == 0 {
            return Poll::Ready(ResponseEvent::End(Metadata::new(), None));
        }
        self.remaining -= 1;
        let message = self.message.clone();
        let reservation = self.budget.reserve_unchecked(message.len());
        Poll::Ready(ResponseEvent::Message(ReservedBytes::new(message, reservation)))
    }
}

/// Echoes each request message.
pub struct Each(pub Box<dyn Source>);

impl ResponseStream for Each {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        Poll::Ready(match ready!(self.0.poll_next(cx)) {
            Some(Ok(message)) => ResponseEvent::Message(message),
            Some(Err(error)) => ResponseEvent::End(Metadata::new(), Some(error)),
            None => ResponseEvent::End(Metadata::new(), None),
        })
    }
}
