//! The time that one connection may keep its thread.
//!
//! Small frames can take long, as those of a compressed head with thousands of fields. A client that sends them as fast
//! as they are read would keep the thread from the other connections: its calls wake its connection again and again,
//! and tokio's event loop looks at sockets when no task is ready, or after 61 tasks.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::time::{Duration, Instant};

use futures_util::task::AtomicWaker;
use tokio::task::yield_now;

/// Work after which others have a turn, unless there is nothing more to read.
pub const TURN: Duration = Duration::from_millis(1);

/// Counts the work between reads of one connection.
#[derive(Debug, Default)]
pub struct Turn {
    worked: Duration,
    /// The last read, and the poll of the connection's task in which it was.
    last_read: Option<(Instant, usize)>,
    /// Set while others have their turn.
    others: Option<Arc<Others>>,
}

/// Woken when the event loop has looked at the sockets, and all tasks that were ready have run.
#[derive(Debug, Default)]
struct Others {
    had_their_turn: AtomicBool,
    connection: AtomicWaker,
}

impl Wake for Others {
    fn wake(self: Arc<Self>) {
        self.had_their_turn.store(true, Ordering::Release);
        self.connection.wake();
    }
}

impl Turn {
    /// Whether the connection may read. `poll` is the number of the poll of its task: what it read in an earlier one is
    /// no work of this one.
    pub fn poll_read(&mut self, poll: usize, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_read_at(Instant::now(), poll, cx)
    }

    fn poll_read_at(&mut self, now: Instant, poll: usize, cx: &mut Context<'_>) -> Poll<()> {
        if let Some((read, of_poll)) = self.last_read.replace((now, poll))
            && of_poll == poll
        {
            self.worked += now - read;
        }
        if self.worked >= TURN {
            ready!(self.poll_others(cx));
            *self = Self { last_read: Some((now, poll)), ..Self::default() };
        }
        Poll::Ready(())
    }

    /// There is nothing to read.
    pub fn end(&mut self) {
        *self = Self::default();
    }

    fn poll_others(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(others) = &self.others {
            others.connection.register(cx.waker());
            return if others.had_their_turn.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending };
        }
        let others = self.others.insert(Arc::default());
        others.connection.register(cx.waker());
        let waker = Waker::from(Arc::clone(others));
        pin!(yield_now()).poll(&mut Context::from_waker(&waker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: u32 = 1;
    const WHOLE: u32 = 2;

    /// A turn, and the time, which passes as told.
    struct Connection {
        turn: Turn,
        now: Instant,
    }

    impl Connection {
        fn new() -> Self {
            Self { turn: Turn::default(), now: Instant::now() }
        }

        /// Whether it may read in this poll, after half turns of work or of whatever else.
        fn may_read(&mut self, poll: usize, half_turns: u32) -> bool {
            self.now += TURN / 2 * half_turns;
            self.turn.poll_read_at(self.now, poll, &mut Context::from_waker(Waker::noop())).is_ready()
        }
    }

    #[tokio::test]
    async fn others_have_a_turn_after_work_however_often_the_connection_is_woken() {
        let mut connection = Connection::new();
        assert!(connection.may_read(1, 0));
        assert!(!connection.may_read(1, WHOLE));
        for poll in 2..10 {
            assert!(!connection.may_read(poll, 0), "the event loop has not looked at the sockets");
        }
        yield_now().await;
        assert!(connection.may_read(10, 0), "a new turn");
        assert!(connection.may_read(10, HALF));
        assert!(!connection.may_read(10, HALF));
    }

    #[tokio::test]
    async fn work_of_several_polls_is_added_up_and_time_between_them_is_not() {
        let mut connection = Connection::new();
        assert!(connection.may_read(1, 0));
        assert!(connection.may_read(2, WHOLE), "others had that time");
        assert!(connection.may_read(2, HALF));
        assert!(connection.may_read(3, WHOLE), "others had that time");
        assert!(!connection.may_read(3, HALF));
    }

    #[tokio::test]
    async fn a_connection_with_nothing_to_read_begins_anew() {
        let mut connection = Connection::new();
        assert!(connection.may_read(1, 0));
        assert!(connection.may_read(1, HALF));
        connection.turn.end();
        assert!(connection.may_read(1, HALF));
        assert!(connection.may_read(1, HALF));
        assert!(!connection.may_read(1, HALF));
    }
}
