//! The queue in front of one JavaScript thread: new calls, events of those that it has, and messages for the log.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::bell::Bell;
use super::call_queue::CallQueue;
use super::state::CallState;
use crate::call::Error;
use crate::server::{Deferred, LogLevel, Observer, WakeQueue};

/// Calls that ended while they waited are removed when there are this many, and at least half of the queue.
const SWEEP_AT: usize = 1024;

/// Log messages that may wait; further ones are only counted, as JavaScript may be busy for long.
const MAX_LOGGED: usize = 64;

/// One thing for JavaScript to know.
pub enum Event {
    /// A new call.
    Call(Arc<CallState>),
    /// Request messages have arrived.
    Readable(Arc<CallState>),
    /// The response stream has room again.
    Writable(Arc<CallState>),
    /// The call is over, and JavaScript has not ended it.
    Aborted(Arc<CallState>, Error),
    /// A message for the log.
    Log(LogLevel, String),
}

impl Event {
    /// The number of bytes that cross with it.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Call(call) => call.opening_bytes(),
            Self::Aborted(_, error) => error.message.len(),
            Self::Log(_, message) => message.len(),
            Self::Readable(_) | Self::Writable(_) => 0,
        }
    }
}

/// Queues events, and rings the doorbell when JavaScript has to look.
pub struct Inbox {
    queue: Mutex<Queue>,
    bell: Arc<Bell>,
    max_queued_calls: usize,
}

#[derive(Default)]
struct Queue {
    /// New calls.
    calls: CallQueue,
    /// Everything else, which concerns no call in `calls`.
    events: VecDeque<Event>,
    /// Calls in `calls` that are alive.
    queued_calls: usize,
    /// Calls in `calls` that ended before JavaScript saw them.
    ended_calls: usize,
    /// Log messages in `events`.
    logged: usize,
    /// Log messages that found no place in `events` since JavaScript last took some.
    dropped_logs: u64,
    /// The doorbell was rung, and JavaScript has not yet taken everything.
    rung: bool,
}

impl Queue {
    /// Adds an event; returns whether the doorbell has to be rung.
    fn enqueue(&mut self, event: Event) -> bool {
        self.events.push_back(event);
        self.must_ring()
    }

    /// Whether the doorbell has not been rung yet for what waits.
    fn must_ring(&mut self) -> bool {
        !std::mem::replace(&mut self.rung, true)
    }
}

impl Inbox {
    /// An empty queue for at most `max_queued_calls` new calls. It rings `bell`.
    pub fn new(bell: Arc<Bell>, max_queued_calls: usize) -> Arc<Self> {
        Arc::new(Self { queue: Mutex::default(), bell, max_queued_calls })
    }

    /// Queues a new call.
    ///
    /// # Errors
    ///
    /// `unavailable`, at once, when the maximum of calls wait. Such a call was never counted: do not call
    /// [`Inbox::discard_queued`] for it.
    pub fn push_call(self: &Arc<Self>, call: Arc<CallState>) -> Result<(), Error> {
        let must_ring = {
            let mut queue = self.queue.lock();
            if queue.queued_calls >= self.max_queued_calls {
                return Err(Error::unavailable("too many calls wait for this server, try again later"));
            }
            queue.queued_calls += 1;
            queue.calls.push(call);
            queue.must_ring()
        };
        self.ring_later(must_ring);
        Ok(())
    }

    /// Queues an event of a call that JavaScript has.
    pub fn push(self: &Arc<Self>, event: Event) {
        let must_ring = self.queue.lock().enqueue(event);
        self.ring_later(must_ring);
    }

    /// Counts a queued call as ended. Its place is removed when such places pile up.
    pub fn discard_queued(&self) {
        let mut queue = self.queue.lock();
        queue.queued_calls = queue.queued_calls.saturating_sub(1);
        queue.ended_calls += 1;
        if queue.ended_calls >= SWEEP_AT && queue.ended_calls * 2 >= queue.calls.len() {
            queue.calls.retain(|call| !call.is_abandoned());
            queue.ended_calls = 0;
        }
    }

    /// Moves what waits to `taken`, with at most `max_calls` new calls, and starts each of those. Calls are taken in turns
    /// over their connections. Returns whether there may be more; if not, the doorbell rings for the next event.
    pub fn take(&self, max_calls: usize, taken: &mut VecDeque<Event>) -> bool {
        let mut queue = self.queue.lock();
        taken.append(&mut queue.events);
        queue.logged = 0;
        let mut calls = 0;
        while calls < max_calls
            && let Some(call) = queue.calls.pop()
        {
            if call.start() {
                queue.queued_calls = queue.queued_calls.saturating_sub(1);
                calls += 1;
                taken.push_back(Event::Call(call));
            } else {
                queue.ended_calls = queue.ended_calls.saturating_sub(1);
            }
        }
        if queue.dropped_logs > 0 {
            let count = std::mem::take(&mut queue.dropped_logs);
            let text = format!("{count} more warnings and errors came while JavaScript was busy, and were dropped");
            taken.push_back(Event::Log(LogLevel::Warn, text));
        }
        // Otherwise the queue is empty, and the next event has to ring.
        queue.rung = calls == max_calls;
        queue.rung
    }

    /// Rings once for all that a worker finds before it waits again: the [`WakeQueue`] of the current thread runs
    /// [`Deferred::run`] behind the tasks that are ready now. On a thread that is no worker's it rings at once.
    fn ring_later(self: &Arc<Self>, must_ring: bool) {
        if must_ring {
            match WakeQueue::current() {
                Some(wake_queue) => wake_queue.defer(Arc::clone(self) as _),
                None => self.bell.ring(),
            }
        }
    }
}

impl Deferred for Inbox {
    fn run(&self) {
        self.bell.ring();
    }
}

impl Observer for Inbox {
    fn log(&self, level: LogLevel, message: String) {
        let must_ring = {
            let mut queue = self.queue.lock();
            if queue.logged >= MAX_LOGGED {
                queue.dropped_logs += 1;
                return;
            }
            queue.logged += 1;
            queue.enqueue(Event::Log(level, message))
        };
        // At once: a message for the log belongs to no batch of calls.
        if must_ring {
            self.bell.ring();
        }
    }
}
