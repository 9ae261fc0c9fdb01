//! What one worker has to do all at once: wake tasks for another thread, and tell another thread of many things.

use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

thread_local! {
    static CURRENT: RefCell<Option<Arc<WakeQueue>>> = const { RefCell::new(None) };
}

/// Collects what has to be woken, and wakes it on the worker's own thread.
///
/// A task woken from outside goes to a queue that the worker looks at when its own is empty. It would run, and then its
/// connection, woken by it, would write one answer; then the next task. Woken on the worker's thread they stand in its own
/// queue, the connection behind all of them: one write for all answers.
#[derive(Default)]
pub struct WakeQueue {
    pending: Mutex<Vec<Waker>>,
    worker: AtomicWaker,
    last: Mutex<Vec<Arc<dyn Deferred>>>,
    last_task: AtomicWaker,
}

/// Something to be done when the worker has run what it has to run now.
pub trait Deferred: Send + Sync {
    /// Does it.
    fn run(&self);
}

impl WakeQueue {
    /// Those of the worker that runs on this thread, if one does.
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes them those of this thread.
    pub(super) fn set_current(self: &Arc<Self>) {
        CURRENT.set(Some(Arc::clone(self)));
    }

    /// Adds one, to be woken when the worker is told.
    pub fn push(&self, waker: Waker) {
        self.pending.lock().push(waker);
    }

    /// Tells the worker, if there is something to wake.
    pub fn notify(&self) {
        if !self.pending.lock().is_empty() {
            self.worker.wake();
        }
    }

    /// Runs `work` behind all tasks that the worker has to run now. Must be called on the worker's own thread.
    ///
    /// Another thread that is told of the first of many things begins with that one: on a busy machine it takes this
    /// thread's place at once, and the two take turns for each of them.
    pub fn defer(&self, work: Arc<dyn Deferred>) {
        self.last.lock().push(work);
        self.last_task.wake();
    }

    /// Runs what is to be run last. Never ends.
    pub(super) async fn run_deferred(&self) {
        poll_fn(|cx| {
            self.last_task.register(cx.waker());
            let due = std::mem::take(&mut *self.last.lock());
            for work in due {
                work.run();
            }
            Poll::<()>::Pending
        })
        .await;
    }

    /// Wakes what was added, whenever the worker is told. Never ends.
    pub(super) async fn run(&self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.worker.register(cx.waker());
        let mut pending = std::mem::take(&mut *self.pending.lock());
        for waker in pending.drain(..) {
            waker.wake();
        }
        // The list is kept for the next time, unless others have come meanwhile.
        let mut fresh = self.pending.lock();
        if fresh.is_empty() {
            *fresh = pending;
        }
        Poll::Pending
    }
}
