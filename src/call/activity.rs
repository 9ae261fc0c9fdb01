//! The calls in flight on a connection, and what of their responses is not written yet.
//!
//! A draining connection without any is closed. When a drain has taken too long, the calls that are left are aborted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use slab::Slab;
use tokio::sync::Notify;

use super::method::Method;

/// What is in flight on one connection.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Calls, and pieces of responses that hyper has and has not written.
    in_flight: AtomicUsize,
    idle: Notify,
    is_aborted: AtomicBool,
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
        ActiveCall { unwritten: self.count(), method: None, entry: None }
    }

    fn count(&self) -> Unwritten {
        self.0.in_flight.fetch_add(1, Ordering::AcqRel);
        Unwritten(self.clone())
    }

    /// Whether nothing is in flight.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.0.in_flight.load(Ordering::Acquire) == 0
    }

    /// Waits until nothing is in flight.
    pub async fn idle(&self) {
        loop {
            let notified = self.0.idle.notified();
            if self.is_idle() {
                return;
            }
            notified.await;
        }
    }

    /// Aborts the calls: each task that waits for one hears of it. Returns how many there are of each method, by path;
    /// those of no method are `HTTP`.
    #[must_use]
    pub fn abort(&self) -> BTreeMap<String, usize> {
        self.0.is_aborted.store(true, Ordering::Release);
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
    unwritten: Unwritten,
    method: Option<Arc<Method>>,
    /// Its place among the calls of the connection.
    entry: Option<usize>,
}

impl ActiveCall {
    /// The method that is called, for the log.
    pub fn set_method(&mut self, method: &Arc<Method>) {
        self.method = Some(Arc::clone(method));
    }

    /// Counts a piece of the response until it is written.
    #[must_use]
    pub fn piece(&self) -> Unwritten {
        self.unwritten.0.count()
    }

    /// Ready when the call has to end. One task runs the call and sends its response: that of the first `cx` is woken.
    pub fn poll_aborted(&mut self, cx: &Context<'_>) -> Poll<()> {
        let inner = &self.unwritten.0.0;
        if self.entry.is_none() {
            let entry = Entry { task: cx.waker().clone(), method: self.method.take() };
            self.entry = Some(inner.calls.lock().insert(entry));
        }
        if self.is_aborted() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether the call has to end.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.unwritten.0.0.is_aborted.load(Ordering::Acquire)
    }
}

impl Drop for ActiveCall {
    fn drop(&mut self) {
        if let Some(entry) = self.entry {
            let ended = self.unwritten.0.0.calls.lock().try_remove(entry);
            drop(ended);
        }
    }
}

/// A call or a piece of its response, in flight until dropped.
#[derive(Debug)]
pub struct Unwritten(Activity);

impl Drop for Unwritten {
    fn drop(&mut self) {
        let inner = &self.0.0;
        if inner.in_flight.fetch_sub(1, Ordering::AcqRel) == 1 {
            inner.idle.notify_waiters();
        }
    }
}
