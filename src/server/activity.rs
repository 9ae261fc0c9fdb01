//! The calls in flight on a connection: a draining connection without any is closed.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

use crate::protocol::{BrokenBody, ResponseBody};

/// Counts the calls of one connection.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<Counter>);

#[derive(Debug, Default)]
struct Counter {
    calls: AtomicUsize,
    idle: Notify,
}

impl Activity {
    /// Counts a call until the guard is dropped.
    pub fn begin(&self) -> ActiveCall {
        self.0.calls.fetch_add(1, Ordering::AcqRel);
        ActiveCall(self.clone())
    }

    /// Whether no call is in flight.
    pub fn is_idle(&self) -> bool {
        self.0.calls.load(Ordering::Acquire) == 0
    }

    /// Waits until no call is in flight.
    pub async fn idle(&self) {
        loop {
            let notified = self.0.idle.notified();
            if self.is_idle() {
                return;
            }
            notified.await;
        }
    }
}

/// A call in flight, until dropped.
#[derive(Debug)]
pub struct ActiveCall(Activity);

impl ActiveCall {
    /// Wraps the response body: the call stays in flight until it is sent or dropped.
    pub fn track(self, body: ResponseBody) -> TrackedBody {
        TrackedBody { body, _call: self }
    }
}

impl Drop for ActiveCall {
    fn drop(&mut self) {
        if self.0.0.calls.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.0.idle.notify_waiters();
        }
    }
}

/// A response body whose call is in flight.
#[derive(Debug)]
pub struct TrackedBody {
    body: ResponseBody,
    _call: ActiveCall,
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
