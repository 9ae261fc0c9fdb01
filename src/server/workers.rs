//! The threads of a server: each has an event loop, and the connections that were given to it.
//!
//! One loop for each thread, not one for all: what belongs to a connection runs on one thread, in the order in which it
//! was woken. tokio's shared scheduler runs first what was woken last, which is the connection after each of its answers:
//! as many writes as answers.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tracing::Dispatch;
use tracing::dispatcher::set_default;

use super::wake_queue::WakeQueue;

const THREAD_NAME: &str = "connectum";
/// Compression is the only work that blocks; more threads than this, for all workers together, would only compete for the
/// same cores.
const MAX_BLOCKING_THREADS: usize = 4;
/// How long closing waits for threads. They stop between two steps of a task, so this is never used up.
const JOIN_TIME: Duration = Duration::from_secs(5);

/// The running threads.
pub struct Workers {
    loops: Arc<EventLoops>,
    wake_queue: Vec<Arc<WakeQueue>>,
    threads: Vec<JoinHandle<()>>,
    /// Set to tell the threads to end.
    stop: watch::Sender<bool>,
    /// Each thread holds the other end until it has ended.
    ended: Receiver<()>,
}

/// The event loops, to spread connections over.
pub struct EventLoops {
    handles: Vec<Handle>,
    turn: AtomicUsize,
}

impl Workers {
    /// Starts `count` threads, which hand what they trace to `log`.
    ///
    /// # Errors
    ///
    /// What the operating system says against new threads or event queues.
    pub fn start(count: usize, log: &Dispatch) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let (alive, ended) = channel();
        let runtimes = (0..count).map(|_| event_loop(count, log)).collect::<io::Result<Vec<_>>>()?;
        let handles = runtimes.iter().map(|runtime| runtime.handle().clone()).collect();
        let loops = Arc::new(EventLoops { handles, turn: AtomicUsize::new(0) });
        let mut workers = Self { loops, wake_queue: Vec::new(), threads: Vec::new(), stop, ended };
        workers.run_all(runtimes, log, &stopped, alive)?;
        Ok(workers)
    }

    /// Starts a thread for each loop. With an error some run already: dropping the workers ends them.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the last sender must not outlive the threads that are waited for"
    )]
    fn run_all(
        &mut self,
        loops: Vec<Runtime>,
        log: &Dispatch,
        stopped: &watch::Receiver<bool>,
        alive: Sender<()>,
    ) -> io::Result<()> {
        for runtime in loops {
            let wake_queue = Arc::new(WakeQueue::default());
            self.wake_queue.push(Arc::clone(&wake_queue));
            let (log, stopped, alive) = (log.clone(), stopped.clone(), alive.clone());
            let thread = std::thread::Builder::new().name(THREAD_NAME.into());
            self.threads.push(thread.spawn(move || {
                let _log = set_default(&log);
                run(runtime, &wake_queue, stopped, alive);
            })?);
        }
        Ok(())
    }

    /// The event loops.
    pub fn loops(&self) -> &Arc<EventLoops> {
        &self.loops
    }

    /// Has each thread wake what was added to its [`WakeQueue`].
    pub fn wake(&self) {
        for wake_queue in &self.wake_queue {
            wake_queue.notify();
        }
    }
}

impl EventLoops {
    /// The loop whose turn it is.
    pub fn next(&self) -> &Handle {
        &self.handles[self.turn.fetch_add(1, Ordering::Relaxed) % self.handles.len()]
    }
}

impl Drop for Workers {
    /// Drops all that runs on the threads, and joins them.
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // Nothing is ever sent: the end of the last sender is the end of the last thread.
        if self.ended.recv_timeout(JOIN_TIME) == Err(RecvTimeoutError::Disconnected) {
            for thread in self.threads.drain(..) {
                // A panic of a thread was reported when it happened.
                let _ = thread.join();
            }
        }
    }
}

/// The event loop of one of `count` threads. Those that block for it hand what they trace to `log`.
fn event_loop(count: usize, log: &Dispatch) -> io::Result<Runtime> {
    let log = log.clone();
    Builder::new_current_thread()
        // The guard would put back what was the default before, which is nothing: the thread ends with this one.
        .on_thread_start(move || std::mem::forget(set_default(&log)))
        .max_blocking_threads(MAX_BLOCKING_THREADS.div_ceil(count))
        .thread_name(THREAD_NAME)
        .enable_io()
        .enable_time()
        .build()
}

/// The life of one thread.
fn run(runtime: Runtime, wake_queue: &Arc<WakeQueue>, mut stopped: watch::Receiver<bool>, alive: Sender<()>) {
    wake_queue.set_current();
    let lasts = Arc::clone(wake_queue);
    // A task of its own: those that are woken run in the order in which they were.
    runtime.spawn(async move { lasts.run_deferred().await });
    runtime.block_on(async {
        tokio::select! {
            // An error means that the server is gone, which is an end too.
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = wake_queue.run() => {}
        }
    });
    runtime.shutdown_timeout(JOIN_TIME);
    drop(alive);
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::task::Poll;

    use futures_util::task::AtomicWaker;
    use parking_lot::Mutex;

    use super::*;

    /// Waits for what tasks on other threads send.
    fn received<T>(receiver: &Receiver<T>) -> T {
        receiver.recv_timeout(Duration::from_secs(10)).expect("a task sends within ten seconds")
    }

    #[test]
    fn the_loops_take_turns() {
        let workers = Workers::start(3, &Dispatch::none()).expect("threads");
        let (sender, receiver) = channel();
        let threads: Vec<_> = (0..6)
            .map(|_| {
                let sender = sender.clone();
                workers.loops().next().spawn(async move { sender.send(std::thread::current().id()) });
                received(&receiver)
            })
            .collect();
        assert_eq!(threads[..3], threads[3..]);
        assert!(threads[0] != threads[1] && threads[1] != threads[2] && threads[0] != threads[2]);
    }

    #[test]
    fn their_end_drops_what_runs_on_them() {
        let workers = Workers::start(2, &Dispatch::none()).expect("threads");
        let held = Arc::new(());
        for _ in 0..4 {
            let held = Arc::clone(&held);
            workers.loops().next().spawn(async move {
                pending::<()>().await;
                drop(held);
            });
        }
        drop(workers);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn what_all_of_those_woken_together_wake_runs_once_behind_them() {
        const TASKS: usize = 50;
        let workers = Workers::start(1, &Dispatch::none()).expect("a thread");
        let (sender, receiver) = channel();
        let answered = Arc::new(AtomicUsize::new(0));
        let connection = Arc::new(AtomicWaker::new());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answers, its_task, polls) = (Arc::clone(&answered), Arc::clone(&connection), Arc::clone(&seen));
        let all = sender.clone();
        workers.loops().next().spawn(poll_fn(move |cx| {
            its_task.register(cx.waker());
            let count = answers.load(Ordering::Acquire);
            polls.lock().push(count);
            if count < TASKS {
                return Poll::Pending;
            }
            all.send(None).expect("the test listens");
            Poll::Ready(())
        }));
        for _ in 0..TASKS {
            let (answered, connection, sender) = (Arc::clone(&answered), Arc::clone(&connection), sender.clone());
            let mut begun = false;
            workers.loops().next().spawn(poll_fn(move |cx| {
                if !std::mem::replace(&mut begun, true) {
                    let wake_queue = WakeQueue::current().expect("a worker's thread");
                    sender.send(Some((wake_queue, cx.waker().clone()))).expect("the test listens");
                    return Poll::Pending;
                }
                answered.fetch_add(1, Ordering::AcqRel);
                connection.wake();
                Poll::Ready(())
            }));
        }
        for _ in 0..TASKS {
            let (wake_queue, task) = received(&receiver).expect("a task that waits");
            wake_queue.push(task);
        }
        assert_eq!(*seen.lock(), [0], "nothing is woken before it is told");
        workers.wake();
        assert!(received(&receiver).is_none());
        assert_eq!(*seen.lock(), [0, TASKS]);
    }

    #[test]
    fn no_other_thread_has_wakes() {
        assert!(WakeQueue::current().is_none());
    }
}
