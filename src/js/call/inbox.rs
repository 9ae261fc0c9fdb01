//! The queue in front of one JavaScript thread: new calls, events of those that it has, messages for the log, and
//! what came of changed certificates.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::bell::Bell;
use super::call_queue::CallQueue;
use super::state::CallState;
use crate::call::Error;
use crate::server::{Deferred, LogLevel, Observer, TlsError, WakeQueue, give_back_memory};

/// Calls that ended while they waited are removed when there are this many, and at least half of the queue.
const SWEEP_AT: usize = 1024;

/// Log messages that may wait; further ones are only counted, as JavaScript may be busy for long.
const MAX_LOGGED: usize = 64;

/// Events about the certificates of all listeners that may wait. The oldest make room: what is in use now is the last.
const MAX_TLS: usize = 64;

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
    /// The listener at this position has taken changed certificates, or has not: then with the code of the error, a
    /// line feed, and its text.
    Tls(u32, Option<String>),
}

impl Event {
    /// The number of bytes that cross with it.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Call(call) => call.opening_bytes(),
            Self::Aborted(_, error) => error.message.len(),
            Self::Log(_, message) | Self::Tls(_, Some(message)) => message.len(),
            Self::Readable(_) | Self::Writable(_) | Self::Tls(_, None) => 0,
        }
    }
}

/// Queues events, and rings the doorbell when JavaScript has to look.
pub struct Inbox {
    queue: Mutex<Queue>,
    bell: Arc<Bell>,
    max_queued_calls: usize,
    /// The JavaScript thread should give memory back when it next takes.
    must_give_back: AtomicBool,
}

#[derive(Default)]
struct Queue {
    /// New calls.
    calls: CallQueue,
    /// Everything else, which concerns no call in `calls`.
    events: VecDeque<Event>,
    /// Calls in `calls` that are alive.
    queued_calls: usize,
    /// Calls in `calls` that ended before JavaScript saw them. Below zero for a moment when such a call is removed
    /// before it is counted.
    ended_calls: isize,
    /// Log messages in `events`.
    logged: usize,
    /// Log messages that found no place in `events` since JavaScript last took some.
    dropped_logs: u64,
    /// The doorbell was rung, and JavaScript has not yet taken everything.
    rung: bool,
    /// Nobody takes any more.
    is_closed: bool,
}

impl Queue {
    /// Adds an event; returns whether the doorbell has to be rung.
    fn enqueue(&mut self, event: Event) -> bool {
        if self.is_closed {
            return false;
        }
        self.events.push_back(event);
        self.must_ring()
    }

    /// Forgets an equal event about certificates, and the oldest one if there are too many: files that change all the
    /// time must not fill the memory while JavaScript is busy.
    fn forget_old_tls(&mut self, next: &Event) {
        let is_equal = |waiting: &Event| match (waiting, next) {
            (Event::Tls(a, text), Event::Tls(b, other)) => a == b && text == other,
            _ => false,
        };
        self.events.retain(|waiting| !is_equal(waiting));
        let is_tls = |waiting: &&Event| matches!(waiting, Event::Tls(..));
        if self.events.iter().filter(is_tls).count() >= MAX_TLS
            && let Some(oldest) = self.events.iter().position(|waiting| is_tls(&waiting))
        {
            self.events.remove(oldest);
        }
    }

    /// Whether the doorbell has not been rung yet for what waits.
    fn must_ring(&mut self) -> bool {
        !std::mem::replace(&mut self.rung, true)
    }
}

impl Inbox {
    /// An empty queue for at most `max_queued_calls` new calls. It rings `bell`.
    pub fn new(bell: Arc<Bell>, max_queued_calls: usize) -> Arc<Self> {
        Arc::new(Self { queue: Mutex::default(), bell, max_queued_calls, must_give_back: AtomicBool::new(false) })
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
            if queue.is_closed {
                return Err(Error::unavailable("no JavaScript thread serves calls"));
            }
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
        let ended = usize::try_from(queue.ended_calls).unwrap_or(0);
        if ended >= SWEEP_AT && ended * 2 >= queue.calls.len() {
            let before = queue.calls.len();
            queue.calls.retain(|call| !call.is_abandoned());
            let removed = before - queue.calls.len();
            queue.ended_calls -= isize::try_from(removed).unwrap_or(isize::MAX);
        }
    }

    /// Forgets everything, now and later: the JavaScript thread has ended, or nothing in it can take any more. Calls
    /// would be kept otherwise for as long as anything holds this queue.
    pub fn close(&self) {
        let forgotten = {
            let mut queue = self.queue.lock();
            queue.is_closed = true;
            (std::mem::take(&mut queue.events), std::mem::take(&mut queue.calls))
        };
        drop(forgotten);
    }

    /// Moves what waits to `taken`, with at most `max_calls` new calls, and starts each of those. Calls are taken in
    /// turns over their connections. Returns whether there may be more; if not, the doorbell rings for the next event.
    pub fn take(&self, max_calls: usize, taken: &mut VecDeque<Event>) -> bool {
        if self.must_give_back.load(Ordering::Relaxed) && self.must_give_back.swap(false, Ordering::Relaxed) {
            give_back_memory();
        }
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
                queue.ended_calls -= 1;
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

    fn tls_reloaded(&self, listener: usize, result: Result<(), &TlsError>) {
        let failure = result.err().map(|error| format!("{}\n{error}", error.fault.code()));
        let event = Event::Tls(u32::try_from(listener).unwrap_or(u32::MAX), failure);
        let must_ring = {
            let mut queue = self.queue.lock();
            queue.forget_old_tls(&event);
            queue.enqueue(event)
        };
        if must_ring {
            self.bell.ring();
        }
    }

    /// JavaScript has copied the responses, so their memory is its thread's.
    fn large_calls_are_over(&self) {
        self.must_give_back.store(true, Ordering::Relaxed);
        self.bell.ring();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;
    use crate::call::ConnectionBudget;
    use crate::server::TlsFault;

    fn inbox() -> Arc<Inbox> {
        Inbox::new(Arc::new(Bell::silent()), 10_000)
    }

    fn call(id: u64) -> Arc<CallState> {
        CallState::of_test(id, false, &ConnectionBudget::unlimited())
    }

    #[test]
    fn a_closed_queue_keeps_no_call() {
        let inbox = inbox();
        let calls: Vec<_> = (0..4).map(call).collect();
        let held: Vec<Weak<CallState>> = calls.iter().map(Arc::downgrade).collect();
        let [queued, readable, aborted, late] = <[_; 4]>::try_from(calls).ok().expect("four calls");
        inbox.push_call(queued).expect("there is room");
        inbox.push(Event::Readable(readable));
        inbox.push(Event::Aborted(aborted, Error::canceled()));
        assert!(held.iter().all(|call| call.strong_count() == 1));
        inbox.close();
        inbox.push(Event::Aborted(late, Error::canceled()));
        assert!(held.iter().all(|call| call.strong_count() == 0));
        let mut taken = VecDeque::new();
        assert!(!inbox.take(1, &mut taken));
        assert!(taken.is_empty());
        assert_eq!(inbox.push_call(call(5)).map_err(|error| error.code), Err(crate::call::Code::Unavailable));
    }

    #[test]
    fn of_equal_events_of_a_listener_about_certificates_the_last_waits() {
        let inbox = inbox();
        let failure = |text: &str| TlsError::new(TlsFault::Pem, text.into());
        for (listener, text) in [(0, ""), (1, ""), (0, "a"), (0, ""), (1, "a"), (0, "b"), (0, "a"), (0, "")] {
            let error = failure(text);
            inbox.tls_reloaded(listener, if text.is_empty() { Ok(()) } else { Err(&error) });
        }
        let waiting = told(&inbox);
        let expected = [(1, ""), (1, "a"), (0, "b"), (0, "a"), (0, "")];
        assert_eq!(waiting, expected.map(|(listener, text)| (listener, text.to_owned())));
    }

    #[test]
    fn events_about_certificates_that_differ_do_not_fill_the_memory() {
        let inbox = inbox();
        for number in 0..1_000 {
            inbox.tls_reloaded(0, Err(&TlsError::new(TlsFault::Pem, number.to_string())));
        }
        let waiting = told(&inbox);
        assert_eq!((waiting.len(), waiting.last()), (MAX_TLS, Some(&(0, "999".into()))));
    }

    /// Listener and text of each event about certificates that waits.
    fn told(inbox: &Inbox) -> Vec<(u32, String)> {
        let mut taken = VecDeque::new();
        inbox.take(1, &mut taken);
        let text = |failure: Option<String>| {
            failure.map_or_else(String::new, |failure| failure.rsplit('\n').next().unwrap_or_default().to_owned())
        };
        let of = |event| match event {
            Event::Tls(listener, failure) => Some((listener, text(failure))),
            _ => None,
        };
        taken.into_iter().filter_map(of).collect()
    }

    #[test]
    fn ended_calls_are_counted_once_however_they_leave_the_queue() {
        let inbox = inbox();
        let mut taken = VecDeque::new();
        // Taken between its end and the count of it, and the other way round.
        for counted_first in [false, true] {
            let call = call(1);
            inbox.push_call(Arc::clone(&call)).expect("there is room");
            call.abandon();
            if counted_first {
                inbox.discard_queued();
            }
            inbox.take(1, &mut taken);
            if !counted_first {
                inbox.discard_queued();
            }
            assert!(taken.is_empty());
            let queue = inbox.queue.lock();
            assert_eq!((queue.queued_calls, queue.ended_calls), (0, 0), "counted first: {counted_first}");
        }
        // Swept before the last of them is counted.
        let calls: Vec<_> = (0..=SWEEP_AT as u64).map(call).collect();
        for call in &calls {
            inbox.push_call(Arc::clone(call)).expect("there is room");
            call.abandon();
        }
        for _ in &calls {
            inbox.discard_queued();
        }
        let queue = inbox.queue.lock();
        assert_eq!((queue.events.len(), queue.queued_calls, queue.ended_calls), (0, 0, 0));
    }
}
