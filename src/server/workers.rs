//! The threads of a server, each with an event loop and the connections assigned to it.
//!
//! Each thread has its own single-threaded runtime: the tasks of a connection run on one thread, in the order in which
//! they were woken. tokio's multi-threaded scheduler runs the most recently woken task first. A completed call wakes
//! its connection, so the connection would run after each response and write it alone (ADR 1 in `docs/adr`).

use std::io;
use std::num::NonZero;
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
/// Blocking threads of all workers together: one for each core, but no more than this; one for each worker if there are
/// more of those. What runs there would take too long on a thread that serves connections, compression above all. More
/// threads would compete for the same cores, with JavaScript too.
const MAX_BLOCKING_THREADS: usize = 4;
/// What is added to the niceness of blocking threads on Linux: each gets a third of the time of another thread of the
/// process, if both want to run (sched(7)).
#[cfg(target_os = "linux")]
const BLOCKING_NICENESS: libc::c_int = 5;
/// A blocking thread ends when it has had no work for so long. With it end the caches of its allocator.
const BLOCKING_KEEP_ALIVE: Duration = Duration::from_secs(1);
/// The longest that closing waits for threads. They stop between two polls of a task, so it should never take that
/// long.
const JOIN_TIME: Duration = Duration::from_secs(5);

/// The running threads.
pub struct Workers {
    loops: Arc<EventLoops>,
    wake_queues: Vec<Arc<WakeQueue>>,
    threads: Vec<JoinHandle<()>>,
    /// Set to end the threads.
    stop: watch::Sender<bool>,
    /// Each thread holds the other end until it has ended.
    ended: Receiver<()>,
}

/// The event loops, over which connections are spread.
pub struct EventLoops {
    handles: Vec<Handle>,
    /// How often a loop was chosen.
    chosen: AtomicUsize,
}

impl Workers {
    /// Starts `count` threads, with `log` as their subscriber.
    ///
    /// # Errors
    ///
    /// If the operating system refuses a thread or an event queue.
    pub fn start(count: usize, log: &Dispatch) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let (alive, ended) = channel();
        let runtimes = (0..count).map(|_| event_loop(count, log)).collect::<io::Result<Vec<_>>>()?;
        let handles = runtimes.iter().map(|runtime| runtime.handle().clone()).collect();
        let loops = Arc::new(EventLoops { handles, chosen: AtomicUsize::new(0) });
        let mut workers = Self { loops, wake_queues: Vec::new(), threads: Vec::new(), stop, ended };
        workers.run_all(runtimes, log, &stopped, alive)?;
        Ok(workers)
    }

    /// Starts a thread for each loop. After an error some are running: dropping the workers ends them.
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
            self.wake_queues.push(Arc::clone(&wake_queue));
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

    /// Makes each thread wake the tasks in its [`WakeQueue`].
    pub fn wake(&self) {
        for wake_queue in &self.wake_queues {
            wake_queue.notify();
        }
    }
}

impl EventLoops {
    /// All loops.
    pub fn all(&self) -> &[Handle] {
        &self.handles
    }

    /// The loop for the next connection or task, round robin.
    pub fn next(&self) -> &Handle {
        &self.handles[self.chosen.fetch_add(1, Ordering::Relaxed) % self.handles.len()]
    }
}

impl Drop for Workers {
    /// Drops all tasks of the threads, and joins them.
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // Nothing is ever sent: the channel disconnects when the last thread has ended.
        if self.ended.recv_timeout(JOIN_TIME) == Err(RecvTimeoutError::Disconnected) {
            for thread in self.threads.drain(..) {
                // The panic hook has reported a panic of the thread.
                let _ = thread.join();
            }
        }
    }
}

/// The event loop of one of `count` threads. Its blocking threads have `log` as their subscriber too.
fn event_loop(count: usize, log: &Dispatch) -> io::Result<Runtime> {
    let log = log.clone();
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Builder::new_current_thread()
        // These are the blocking threads: the event loop's own is not the runtime's.
        .on_thread_start(move || {
            // Dropping the guard would restore the previous default, which is none; the thread keeps this to its end.
            std::mem::forget(set_default(&log));
            lower_priority();
        })
        .max_blocking_threads(cores.min(MAX_BLOCKING_THREADS).div_ceil(count))
        .thread_keep_alive(BLOCKING_KEEP_ALIVE)
        .thread_name(THREAD_NAME)
        .enable_io()
        .enable_time()
        .build()
}

/// Gives way to the threads that serve connections, and to JavaScript: a client that asks for much compression delays
/// itself. Where it is refused, the thread keeps its priority.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the operating system's interface is C")]
fn lower_priority() {
    // SAFETY: the call takes and returns numbers only. On Linux it concerns the calling thread.
    let _ = unsafe { libc::nice(BLOCKING_NICENESS) };
}

/// Other systems have no priority for a single thread that needs no rights.
#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

/// The body of a thread.
fn run(runtime: Runtime, wake_queue: &Arc<WakeQueue>, mut stopped: watch::Receiver<bool>, alive: Sender<()>) {
    wake_queue.set_current();
    let deferring = Arc::clone(wake_queue);
    // A task of its own: `defer` wakes it, which puts it behind the tasks that are ready then.
    runtime.spawn(async move { deferring.run_deferred().await });
    runtime.block_on(async {
        tokio::select! {
            // An error means that the server is gone, which ends the thread too.
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

    /// Waits for the next value from tasks on other threads.
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
    fn dropping_the_workers_drops_their_tasks() {
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
    fn a_task_that_many_wake_runs_once_behind_all_of_them() {
        const TASKS: usize = 50;
        let workers = Workers::start(1, &Dispatch::none()).expect("a thread");
        let (sender, receiver) = channel();
        let completed = Arc::new(AtomicUsize::new(0));
        let connection = Arc::new(AtomicWaker::new());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (count, its_task, polls) = (Arc::clone(&completed), Arc::clone(&connection), Arc::clone(&seen));
        let all = sender.clone();
        workers.loops().next().spawn(poll_fn(move |cx| {
            its_task.register(cx.waker());
            let count = count.load(Ordering::Acquire);
            polls.lock().push(count);
            if count < TASKS {
                return Poll::Pending;
            }
            all.send(None).expect("the test listens");
            Poll::Ready(())
        }));
        for _ in 0..TASKS {
            let (completed, connection, sender) = (Arc::clone(&completed), Arc::clone(&connection), sender.clone());
            let mut begun = false;
            workers.loops().next().spawn(poll_fn(move |cx| {
                if !std::mem::replace(&mut begun, true) {
                    let wake_queue = WakeQueue::current().expect("a worker's thread");
                    sender.send(Some((wake_queue, cx.waker().clone()))).expect("the test listens");
                    return Poll::Pending;
                }
                completed.fetch_add(1, Ordering::AcqRel);
                connection.wake();
                Poll::Ready(())
            }));
        }
        for _ in 0..TASKS {
            let (wake_queue, task) = received(&receiver).expect("a task that waits");
            wake_queue.push(task);
        }
        assert_eq!(*seen.lock(), [0], "nothing is woken before the worker is notified");
        workers.wake();
        assert!(received(&receiver).is_none());
        assert_eq!(*seen.lock(), [0, TASKS]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn blocking_threads_alone_have_a_lower_priority() {
        /// Linux's largest niceness.
        const MOST: i32 = 19;
        fn niceness() -> i32 {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux has it");
            // Behind the name, which may have spaces, it is the 17th field: proc(5).
            let fields = stat.rsplit(") ").next().expect("a name");
            fields.split(' ').nth(16).and_then(|field| field.parse().ok()).expect("a number")
        }

        let workers = Workers::start(1, &Dispatch::none()).expect("a thread");
        let (sender, receiver) = channel();
        workers.loops().next().spawn(async move {
            let blocking = tokio::task::spawn_blocking(niceness).await;
            sender.send((niceness(), blocking.expect("no panic"))).expect("the test listens");
        });
        let here = niceness();
        assert_eq!(received(&receiver), (here, (here + BLOCKING_NICENESS).min(MOST)));
    }

    #[test]
    fn other_threads_have_no_wake_queue() {
        assert!(WakeQueue::current().is_none());
    }
}
