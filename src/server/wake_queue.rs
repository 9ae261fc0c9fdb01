//! Work that a worker defers, to do it once per batch: waking the tasks of completed calls, and signalling JavaScript.

use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

thread_local! {
    /// The queue of the worker that runs on this thread, which sets it before it runs any task. So whatever a task
    /// calls finds the queue of its own thread: `CallState::new` keeps it, `Inbox` defers the doorbell on it.
    static CURRENT: RefCell<Option<Arc<WakeQueue>>> = const { RefCell::new(None) };
}

/// Collects the tasks that another thread wants to wake, and wakes them on the worker's own thread.
///
/// A task woken from another thread goes to tokio's injection queue, which the worker polls when its own queue is
/// empty: the task would run, then its connection would write one response, then the next task would run. Woken on the
/// worker's thread, all tasks are in its own queue, and the connection is behind them: one write for all responses.
#[derive(Default)]
pub struct WakeQueue {
    /// Tasks to wake at the next [`Self::notify`].
    pending: Mutex<Vec<Waker>>,
    /// Wakes [`Self::run`].
    worker: AtomicWaker,
    /// Work to do when everything that is ready has run.
    deferred: Mutex<Vec<Arc<dyn Deferred>>>,
    /// Wakes [`Self::run_deferred`].
    deferred_task: AtomicWaker,
}

/// Work to do after all tasks that are ready now.
pub trait Deferred: Send + Sync {
    /// Does the work.
    fn run(&self);
}

impl WakeQueue {
    /// The queue of the worker on this thread; `None` on other threads.
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the queue of the current thread.
    pub(super) fn set_current(self: &Arc<Self>) {
        CURRENT.set(Some(Arc::clone(self)));
    }

    /// Adds a task, to be woken after [`Self::notify`].
    pub fn push(&self, waker: Waker) {
        self.pending.lock().push(waker);
    }

    /// Makes the worker wake the tasks that were added, if any.
    pub fn notify(&self) {
        if !self.pending.lock().is_empty() {
            self.worker.wake();
        }
    }

    /// Runs `work` behind all tasks that are ready now. Must be called on the worker's own thread.
    ///
    /// If JavaScript were signalled at the first call it would start at once; on a busy machine it preempts this
    /// thread, and the two alternate call by call.
    pub fn defer(&self, work: Arc<dyn Deferred>) {
        self.deferred.lock().push(work);
        self.deferred_task.wake();
    }

    /// Runs deferred work. Never ends.
    pub(super) async fn run_deferred(&self) {
        poll_fn(|cx| {
            self.deferred_task.register(cx.waker());
            let due = std::mem::take(&mut *self.deferred.lock());
            for work in due {
                work.run();
            }
            Poll::<()>::Pending
        })
        .await;
    }

    /// Wakes the tasks that were added, after each [`Self::notify`]. Never ends.
    pub(super) async fn run(&self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.worker.register(cx.waker());
        let mut pending = std::mem::take(&mut *self.pending.lock());
        for waker in pending.drain(..) {
            waker.wake();
        }
        // The allocation is reused, unless tasks were added meanwhile.
        let mut fresh = self.pending.lock();
        if fresh.is_empty() {
            *fresh = pending;
        }
        Poll::Pending
    }
}
