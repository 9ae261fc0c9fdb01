//! The response streams: one message again and again, and each request message as it came.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use connectum_native::call::{Budget, Metadata, ReservedBytes, ResponseEvent, ResponseStream, Source};

/// Gives its message `left` times.
pub struct Repeated {
    pub message: Bytes,
    pub left: usize,
    pub budget: Arc<Budget>,
}

impl ResponseStream for Repeated {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<ResponseEvent> {
        if self.left == 0 {
            return Poll::Ready(ResponseEvent::End(Metadata::new(), None));
        }
        self.left -= 1;
        let message = self.message.clone();
        let reservation = self.budget.reserve_unchecked(message.len());
        Poll::Ready(ResponseEvent::Message(ReservedBytes::new(message, reservation)))
    }
}

/// Answers each request message with itself.
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
