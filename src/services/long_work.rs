//! Work of a built-in service that takes longer than a thread that serves connections may be kept from them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::call::Error;

/// The result of long work. Cancel safe in both senses: polling it again continues it, and work that has not begun when
/// it is dropped is never done.
pub type LongWorkFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Does the long work of one service on blocking threads.
///
/// One piece at a time: the messages of all other calls are compressed on those threads too, and wait behind no more
/// than one piece, however many a client asks for.
#[derive(Clone, Debug)]
pub struct LongWork {
    /// For the log, when a piece panics.
    service: &'static str,
    turn: Arc<Semaphore>,
}

impl LongWork {
    /// The long work of `service`.
    #[must_use]
    pub fn of(service: &'static str) -> Self {
        Self { service, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Does `work` behind the pieces that were asked for before.
    ///
    /// # Errors
    ///
    /// `internal` when it panics, `unavailable` when the server is closed before it begins.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> LongWorkFuture<T> {
        let Self { service, turn } = self.clone();
        Box::pin(async move {
            let closed = || Error::shutting_down();
            let turn = turn.acquire_owned().await.map_err(|_| closed())?;
            // A set, as it aborts its task when it is dropped.
            let mut task = JoinSet::new();
            task.spawn_blocking(move || {
                let _turn = turn;
                work()
            });
            match task.join_next().await {
                Some(Ok(done)) => Ok(done),
                Some(Err(failure)) => Err(match failure.try_into_panic() {
                    Ok(panic) => Error::panicked(service, &*panic),
                    Err(_) => closed(),
                }),
                None => Err(closed()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::thread::ThreadId;
    use std::time::Duration;

    use super::*;
    use crate::call::Code;

    /// Work that says that it has begun, and ends when the returned sender is used or dropped.
    fn gated(work: &LongWork) -> (LongWorkFuture<ThreadId>, tokio::sync::oneshot::Receiver<()>, Sender<()>) {
        let (start, has_begun) = tokio::sync::oneshot::channel();
        let (end, may_end) = channel();
        let running = work.run(move || {
            start.send(()).expect("the test waits");
            // An error is the end too.
            let _ = may_end.recv();
            std::thread::current().id()
        });
        (running, has_begun, end)
    }

    #[tokio::test]
    async fn it_is_done_on_another_thread_while_this_one_serves_others() {
        let (running, begun, end) = gated(&LongWork::of("a test"));
        let running = tokio::spawn(running);
        begun.await.expect("begins while this thread waits");
        end.send(()).expect("it waits");
        let thread = running.await.expect("no panic").expect("a result");
        assert_ne!(thread, std::thread::current().id());
    }

    #[tokio::test]
    async fn one_piece_is_done_at_a_time_in_the_order_asked_for() {
        let work = LongWork::of("a test");
        let (first, begun, end) = gated(&work);
        let first = tokio::spawn(first);
        begun.await.expect("begins");
        let order = Arc::new(AtomicUsize::new(0));
        let others: Vec<_> = (0..3)
            .map(|_| {
                let order = Arc::clone(&order);
                tokio::spawn(work.run(move || order.fetch_add(1, Ordering::SeqCst)))
            })
            .collect();
        // There is no event for nothing happening: a thread would have begun by then.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(order.load(Ordering::SeqCst), 0, "the others wait for the first");
        drop(end);
        first.await.expect("no panic").expect("a result");
        for (position, other) in others.into_iter().enumerate() {
            assert_eq!(other.await.expect("no panic").expect("a result"), position);
        }
    }

    #[tokio::test]
    async fn work_that_is_dropped_before_its_turn_is_never_done_and_those_behind_it_are() {
        let work = LongWork::of("a test");
        let (first, begun, end) = gated(&work);
        let first = tokio::spawn(first);
        begun.await.expect("begins");
        let held = Arc::new(());
        let in_work = Arc::clone(&held);
        let second = tokio::spawn(work.run(move || drop(in_work)));
        let third = tokio::spawn(work.run(|| 3));
        tokio::task::yield_now().await;
        second.abort();
        assert!(second.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(Arc::strong_count(&held), 1, "what it holds is let go at once");
        drop(end);
        first.await.expect("no panic").expect("a result");
        assert_eq!(third.await.expect("no panic").expect("a result"), 3);
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error_and_ends_only_its_own_piece() {
        let work = LongWork::of("a test");
        let error = work.run(|| panic!("on purpose")).await.expect_err("panics");
        assert_eq!((error.code, error.message.as_str()), (Code::Internal, "internal error"));
        assert_eq!(error.log_text.as_deref(), Some("a test panicked (reason: on purpose)"));
        assert_eq!(work.run(|| 2).await.expect("a result"), 2);
    }
}
