//! Work that a worker defers, to do it once per batch: waking the tasks of completed calls, and signalling JavaScript.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use crate::call::Error;

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
    deferred: Mutex<DeferredWork>,
    /// Wakes [`Self::run_deferred`].
    deferred_task: AtomicWaker,
}

#[derive(Default)]
struct DeferredWork {
    due: Vec<Arc<dyn Deferred>>,
    /// The worker runs no tasks any more.
    is_over: bool,
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

    /// Runs `work` behind all tasks that are ready now; at once if the worker has ended, as its last tasks are dropped
    /// then. Must be called on the worker's own thread.
    ///
    /// If JavaScript were signalled at the first call it would start at once; on a busy machine it preempts this
    /// thread, and the two alternate call by call.
    pub fn defer(&self, work: Arc<dyn Deferred>) {
        let mut deferred = self.deferred.lock();
        if deferred.is_over {
            drop(deferred);
            run(&*work);
        } else {
            deferred.due.push(work);
            drop(deferred);
            self.deferred_task.wake();
        }
    }

    /// Runs deferred work. Never ends; when it is dropped, the worker has ended.
    pub(super) async fn run_deferred(&self) {
        let _end = EndOfWorker(self);
        poll_fn(|cx| {
            self.deferred_task.register(cx.waker());
            let due = std::mem::take(&mut self.deferred.lock().due);
            for work in due {
                run(&*work);
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
            catch_panic("waking a task", || waker.wake());
        }
        // The allocation is reused, unless tasks were added meanwhile.
        let mut fresh = self.pending.lock();
        if fresh.is_empty() {
            *fresh = pending;
        }
        Poll::Pending
    }
}

/// Runs the work that is left, and keeps nothing from then on: deferred work may hold calls, and calls hold the queue.
struct EndOfWorker<'a>(&'a WakeQueue);

impl Drop for EndOfWorker<'_> {
    fn drop(&mut self) {
        let left = {
            let mut deferred = self.0.deferred.lock();
            deferred.is_over = true;
            std::mem::take(&mut deferred.due)
        };
        for work in left {
            run(&*work);
        }
    }
}

fn run(work: &dyn Deferred) {
    catch_panic("deferred work", || work.run());
}

/// Logs a panic. All of a worker's calls depend on the two tasks here, so they must not end with it.
fn catch_panic(place: &str, work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        Error::panicked(place, &*panic).log();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    /// Counts its runs, and panics in the first if it is told to.
    #[derive(Default)]
    struct Counted {
        runs: AtomicUsize,
        panics: bool,
    }

    impl Counted {
        fn new(panics: bool) -> Arc<Self> {
            Arc::new(Self { panics, ..Self::default() })
        }

        fn count(&self) {
            let before = self.runs.fetch_add(1, Ordering::AcqRel);
            assert!(before > 0 || !self.panics, "on purpose");
        }

        fn runs(&self) -> usize {
            self.runs.load(Ordering::Acquire)
        }
    }

    impl Deferred for Counted {
        fn run(&self) {
            self.count();
        }
    }

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.count();
        }
    }

    /// Lets the tasks of this thread run.
    async fn turn() {
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn deferred_work_that_panics_stops_no_other() {
        let queue = Arc::new(WakeQueue::default());
        let its = Arc::clone(&queue);
        let task = tokio::spawn(async move { its.run_deferred().await });
        turn().await;
        let (bad, good) = (Counted::new(true), Counted::new(false));
        queue.defer(Arc::clone(&bad) as _);
        queue.defer(Arc::clone(&good) as _);
        turn().await;
        assert_eq!((bad.runs(), good.runs()), (1, 1), "behind it");
        queue.defer(Arc::clone(&bad) as _);
        queue.defer(Arc::clone(&good) as _);
        turn().await;
        assert_eq!((bad.runs(), good.runs()), (2, 2), "later");
        assert!(!task.is_finished());
    }

    #[tokio::test]
    async fn a_task_that_panics_when_it_is_woken_stops_no_other() {
        let queue = Arc::new(WakeQueue::default());
        let its = Arc::clone(&queue);
        let task = tokio::spawn(async move { its.run().await });
        turn().await;
        let (bad, good) = (Counted::new(true), Counted::new(false));
        for round in 1..=2 {
            queue.push(Arc::clone(&bad).into());
            queue.push(Arc::clone(&good).into());
            queue.notify();
            turn().await;
            assert_eq!((bad.runs(), good.runs()), (round, round));
        }
        assert!(!task.is_finished());
    }

    #[tokio::test]
    async fn a_worker_that_ends_runs_what_is_left_and_keeps_nothing() {
        let queue = Arc::new(WakeQueue::default());
        let its = Arc::clone(&queue);
        let task = tokio::spawn(async move { its.run_deferred().await });
        turn().await;
        let (left, late) = (Counted::new(false), Counted::new(false));
        queue.defer(Arc::clone(&left) as _);
        task.abort();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(left.runs(), 1, "what was left");
        queue.defer(Arc::clone(&late) as _);
        assert_eq!(late.runs(), 1, "at once");
        assert_eq!((Arc::strong_count(&left), Arc::strong_count(&late)), (1, 1), "nothing is kept");
    }
}
