//! Tasks of one worker to be woken from another thread, all at once.

use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Wakes>>> = const { RefCell::new(None) };
}

/// Collects what has to be woken, and wakes it on the worker's own thread.
///
/// A task woken from outside goes to a queue that the worker looks at when its own is empty. It would run, and then its
/// connection, woken by it, would write one answer; then the next task. Woken on the worker's thread they stand in its own
/// queue, the connection behind all of them: one write for all answers.
#[derive(Default)]
pub struct Wakes {
    pending: Mutex<Vec<Waker>>,
    worker: AtomicWaker,
}

impl Wakes {
    /// Those of the worker that runs on this thread, if one does.
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes them those of this thread.
    pub(super) fn set_current(self: &Arc<Self>) {
        CURRENT.set(Some(Arc::clone(self)));
    }

    /// Adds one, to be woken when the worker is told.
    pub fn add(&self, waker: Waker) {
        self.pending.lock().push(waker);
    }

    /// Tells the worker, if there is something to wake.
    pub fn tell(&self) {
        if !self.pending.lock().is_empty() {
            self.worker.wake();
        }
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
