//! The connection's hold on a call that JavaScript serves.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use super::inbox::{Event, Inbox};
use super::state::{CallState, Phase, ResponseStart};
use crate::call::{Activity, Error, Failure, Metadata, ReservedBytes, ResponseEvent, ResponseStream};

/// Ends its call when dropped: the response was sent, or nobody waits for it any more.
pub struct CallGuard {
    call: Arc<CallState>,
    inbox: Arc<Inbox>,
    closing: Arc<AtomicBool>,
    activity: Option<Activity>,
    deadline_watch: Option<JoinHandle<()>>,
}

impl CallGuard {
    /// Guards `call`, which waits in `inbox`. If it is dropped while `closing` is set, the server was closed.
    pub fn new(call: Arc<CallState>, inbox: Arc<Inbox>, closing: Arc<AtomicBool>) -> Self {
        Self { call, inbox, closing, activity: None, deadline_watch: None }
    }

    /// What is in flight on its connection: if that is aborted, the handler hears why.
    pub fn set_activity(&mut self, activity: Activity) {
        self.activity = Some(activity);
    }

    /// The shared state of the call.
    pub fn call(&self) -> &Arc<CallState> {
        &self.call
    }

    /// The inbox of the JavaScript thread that serves the call.
    pub fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// Ends a request stream that has no messages.
    pub fn deliver_end(&self) {
        deliver(&self.call, &self.inbox, Vec::new(), Some(Ok(())));
    }

    /// The start of the response.
    pub fn response_start(&self) -> impl Future<Output = Result<ResponseStart, Failure>> {
        std::future::poll_fn(|cx| self.call.poll_response_start(cx))
    }

    /// Aborts a response stream at its deadline. The body has a timer too, but nothing polls it while the client does
    /// not read, and JavaScript would never hear of the deadline.
    pub fn watch_deadline(&mut self) {
        if let Some(timer) = self.call.deadline.timer() {
            let (call, inbox) = (Arc::clone(&self.call), Arc::clone(&self.inbox));
            self.deadline_watch = Some(tokio::spawn(async move {
                timer.await;
                if call.expire() {
                    inbox.push(Event::Aborted(call, Error::deadline_exceeded()));
                }
            }));
        }
    }
}

impl ResponseStream for CallGuard {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        self.call.poll_response(cx).map(|(event, unpark)| {
            if unpark {
                self.inbox.push(Event::Writable(Arc::clone(&self.call)));
            }
            event
        })
    }

    fn known_trailers(&self) -> Metadata {
        self.call.known_trailers()
    }
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        if let Some(watch) = &self.deadline_watch {
            watch.abort();
        }
        abandon(&self.call, &self.inbox, || {
            if let Some(error) = self.activity.as_ref().and_then(Activity::aborted) {
                error
            } else if self.call.deadline.has_passed() {
                Error::deadline_exceeded()
            } else if self.closing.load(Ordering::Acquire) {
                Error::shutting_down()
            } else {
                Error::canceled()
            }
        });
    }
}

/// Adds arrived messages to a call, and queues an event if JavaScript waits for them.
pub fn deliver(
    call: &Arc<CallState>,
    inbox: &Arc<Inbox>,
    messages: Vec<ReservedBytes>,
    end: Option<Result<(), Error>>,
) {
    if call.deliver(messages, end) {
        inbox.push(Event::Readable(Arc::clone(call)));
    }
}

/// Ends a call for its connection, and queues an event if JavaScript has the call.
fn abandon(call: &Arc<CallState>, inbox: &Arc<Inbox>, why: impl FnOnce() -> Error) {
    match call.abandon() {
        Phase::Queued => inbox.discard_queued(),
        Phase::Running => inbox.push(Event::Aborted(Arc::clone(call), why())),
        Phase::Responded | Phase::Abandoned => {}
    }
}
