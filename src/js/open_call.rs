//! The connection's end of a call that JavaScript serves.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use super::call::{Call, ResponseStart};
use crate::rpc::{Error, Failure, Metadata, ResponseEvent, ResponseStream};

/// Dropped when the answer is sent, or when nobody waits for it any more.
pub struct CallGuard {
    call: Arc<Call>,
    closing: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
}

impl CallGuard {
    /// The end of `call`. When it is dropped while `closing` is set, the server was closed.
    pub fn new(call: Arc<Call>, closing: Arc<AtomicBool>) -> Self {
        Self { call, closing, watch: None }
    }

    /// What both threads know of it.
    pub fn call(&self) -> Arc<Call> {
        Arc::clone(&self.call)
    }

    /// Whether response messages are written one by one.
    pub fn streams_responses(&self) -> bool {
        self.call.opening.streams_responses
    }

    /// The beginning of the answer.
    pub fn answer(&self) -> impl Future<Output = Result<ResponseStart, Failure>> {
        std::future::poll_fn(|cx| self.call.poll_answer(cx))
    }

    /// Ends a stream at its deadline also while its client does not read: nothing asks for the next message then.
    pub fn watch_deadline(&mut self) {
        if let Some(timer) = self.call.deadline.timer() {
            let call = Arc::clone(&self.call);
            self.watch = Some(tokio::spawn(async move {
                timer.await;
                call.expire();
            }));
        }
    }
}

impl ResponseStream for CallGuard {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        self.call.poll_response(cx)
    }

    fn known_trailers(&self) -> Metadata {
        self.call.known_trailers()
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
        self.call.leave(|| {
            if self.call.deadline.has_passed() {
                Error::deadline_exceeded()
            } else if self.closing.load(Ordering::Acquire) {
                Error::unavailable("the server is shutting down")
            } else {
                Error::canceled()
            }
        });
    }
}
