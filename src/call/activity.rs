//! The calls in flight on a connection, and what of their responses is not written yet.
//!
//! A draining connection without any is closed. When a drain has taken too long, the calls that are left are aborted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use slab::Slab;
use tokio::sync::Notify;

use super::error::Error;
use super::method::Method;

/// What is in flight on one connection.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Calls so far.
    begun: AtomicUsize,
    /// The number of them that somebody waits for; 0 for nobody.
    awaited: AtomicUsize,
    in_flight: AtomicUsize,
    /// Calls that were reset before they had begun.
    early_resets: AtomicUsize,
    /// Pieces of responses that hyper has and has not written.
    unwritten: AtomicUsize,
    /// Nothing is in flight any more, or the awaited call has begun.
    changed: Notify,
    /// The client is asked to leave.
    is_leaving: AtomicBool,
    /// Why calls were aborted.
    aborted: OnceLock<&'static str>,
    calls: Mutex<Slab<Entry>>,
}

/// A call whose task has run.
#[derive(Debug)]
struct Entry {
    task: Waker,
    method: Option<Arc<Method>>,
}

impl Activity {
    /// Counts a call until the guard is dropped.
    #[must_use]
    pub fn begin(&self) -> ActiveCall {
        self.0.in_flight.fetch_add(1, Ordering::AcqRel);
        let begun = self.0.begun.fetch_add(1, Ordering::AcqRel) + 1;
        if begun == self.0.awaited.load(Ordering::Acquire) {
            self.0.changed.notify_waiters();
        }
        ActiveCall { activity: self.clone(), method: None, entry: None, is_early: true, is_reset: false }
    }

    /// The error with which calls have to end, if they have to.
    #[must_use]
    pub fn aborted(&self) -> Option<Error> {
        self.0.aborted.get().map(|reason| Error::unavailable(*reason))
    }

    fn end(&self) {
        if self.0.in_flight.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.changed.notify_waiters();
        }
    }

    /// The number of calls that have begun.
    #[must_use]
    pub fn begun(&self) -> usize {
        self.0.begun.load(Ordering::Acquire)
    }

    /// The number of calls so far that were reset before they had begun: their task found the reset when it first ran.
    #[must_use]
    pub fn early_resets(&self) -> usize {
        self.0.early_resets.load(Ordering::Relaxed)
    }

    /// Whether no call is in flight, and all responses are written.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.0.in_flight.load(Ordering::Acquire) == 0 && !self.has_unwritten()
    }

    /// Whether hyper has something to write.
    #[must_use]
    pub fn has_unwritten(&self) -> bool {
        self.0.unwritten.load(Ordering::Acquire) > 0
    }

    /// The client is asked to leave, from its next response on.
    pub fn leave(&self) {
        self.0.is_leaving.store(true, Ordering::Release);
    }

    /// Whether the client is asked to leave.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.0.is_leaving.load(Ordering::Acquire)
    }

    /// Waits until nothing is in flight.
    pub async fn idle(&self) {
        self.until(|| self.is_idle()).await;
    }

    /// Waits until so many calls have begun. One task may wait for that.
    pub async fn has_begun(&self, count: usize) {
        self.0.awaited.store(count, Ordering::Release);
        self.until(|| self.begun() >= count).await;
    }

    async fn until(&self, condition: impl Fn() -> bool) {
        loop {
            let changed = self.0.changed.notified();
            if condition() {
                return;
            }
            changed.await;
        }
    }

    /// Aborts the calls for this reason: each task that waits for one hears of it. Returns how many there are of each
    /// method, by path; those of no method are `HTTP`.
    #[must_use]
    pub fn abort(&self, reason: &'static str) -> BTreeMap<String, usize> {
        // The first reason stays.
        let _ = self.0.aborted.set(reason);
        let mut left = BTreeMap::new();
        let mut tasks = Vec::new();
        for (_, Entry { task, method }) in &*self.0.calls.lock() {
            let path = method.as_ref().map_or("HTTP", |method| &method.path);
            *left.entry(path.to_owned()).or_default() += 1;
            tasks.push(task.clone());
        }
        tasks.into_iter().for_each(Waker::wake);
        left
    }
}

/// A call in flight, until dropped.
#[derive(Debug)]
pub struct ActiveCall {
    activity: Activity,
    method: Option<Arc<Method>>,
    /// Its place among the calls of the connection.
    entry: Option<usize>,
    /// Its task has run once at most, and nobody has got a response.
    is_early: bool,
    /// Its task found when it first ran that the client had reset it.
    is_reset: bool,
}

impl ActiveCall {
    /// What is in flight on its connection.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// The method that is called, for the log.
    pub fn set_method(&mut self, method: &Arc<Method>) {
        self.method = Some(Arc::clone(method));
    }

    /// The call has a response.
    pub fn has_response(&mut self) {
        self.is_early &= self.is_reset;
    }

    /// The request could not be read, as the client has reset it.
    pub fn was_reset(&mut self) {
        self.is_reset = self.entry.is_none();
    }

    /// Keeps the connection as the call does, also after its end.
    #[must_use]
    pub fn hold(&self) -> InFlight {
        self.activity.0.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(self.activity.clone())
    }

    /// Counts a piece of the response until it is written.
    #[must_use]
    pub fn piece(&self) -> Unwritten {
        self.activity.0.unwritten.fetch_add(1, Ordering::AcqRel);
        Unwritten(self.activity.clone())
    }

    /// Ready when the call has to end, with the error that says why. One task runs the call and sends its response:
    /// that of the first `cx` is woken.
    pub fn poll_aborted(&mut self, cx: &Context<'_>) -> Poll<Error> {
        let inner = &self.activity.0;
        if self.entry.is_some() {
            self.is_early = false;
        } else {
            let entry = Entry { task: cx.waker().clone(), method: self.method.take() };
            self.entry = Some(inner.calls.lock().insert(entry));
        }
        self.aborted().map_or(Poll::Pending, Poll::Ready)
    }

    /// The error with which the call has to end, if it has to.
    #[must_use]
    pub fn aborted(&self) -> Option<Error> {
        self.activity.aborted()
    }
}

impl Drop for ActiveCall {
    fn drop(&mut self) {
        if let Some(entry) = self.entry {
            let ended = self.activity.0.calls.lock().try_remove(entry);
            drop(ended);
        }
        if self.is_early {
            self.activity.0.early_resets.fetch_add(1, Ordering::Relaxed);
        }
        self.activity.end();
    }
}

/// Something that keeps a connection beside its calls, until dropped.
#[derive(Debug)]
pub struct InFlight(Activity);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A piece of a response that is not written yet, until dropped.
#[derive(Debug)]
pub struct Unwritten(Activity);

impl Drop for Unwritten {
    fn drop(&mut self) {
        let inner = &self.0.0;
        if inner.unwritten.fetch_sub(1, Ordering::AcqRel) == 1 {
            inner.changed.notify_waiters();
        }
    }
}
