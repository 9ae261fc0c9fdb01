//! What waits for the JavaScript thread: new calls, and news of those it has.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::bell::Bell;
use super::call::Call;
use crate::rpc::{Budget, Error};
use crate::server::{Deferred, Observer, WakeQueue};

/// Ended calls are swept out of the queue when there are this many, and as many as live ones.
const SWEEP_AT: usize = 1024;

/// Refusals that may wait; more are not told. Anyone can be refused as often as they like.
const MAX_REFUSALS: usize = 64;

/// One thing for JavaScript to know.
pub enum Event {
    /// A new call.
    Call(Arc<Call>),
    /// Request messages have arrived.
    Readable(Arc<Call>),
    /// The response stream has room again.
    Writable(Arc<Call>),
    /// The call is over, without JavaScript having ended it.
    Aborted(Arc<Call>, Error),
    /// A client was refused before it could make a call.
    Refused(String),
}

impl Event {
    /// How many bytes JavaScript is told with it.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Call(call) => call.opening_bytes(),
            Self::Aborted(_, error) => error.message.len(),
            Self::Refused(reason) => reason.len(),
            Self::Readable(_) | Self::Writable(_) => 0,
        }
    }
}

/// The queue in front of one JavaScript thread.
pub struct Inbox {
    queue: Mutex<Queue>,
    bell: Bell,
    max_waiting: usize,
    budget: Arc<Budget>,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    /// Calls in `events` that are alive.
    waiting: usize,
    /// Calls in `events` that ended before JavaScript saw them.
    ended: usize,
    /// Refusals in `events`.
    refusals: usize,
    /// JavaScript has been told, and has not yet looked at everything.
    rung: bool,
}

impl Inbox {
    /// An empty queue for at most `max_waiting` calls.
    pub fn new(bell: Bell, max_waiting: usize, budget: Arc<Budget>) -> Arc<Self> {
        Arc::new(Self { queue: Mutex::default(), bell, max_waiting, budget })
    }

    /// The bell of this queue.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// What is held for calls.
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Queues a new call. One that is refused was never counted, and must not be left.
    ///
    /// # Errors
    ///
    /// `unavailable`, at once, when as many calls wait as may.
    pub fn push_call(self: &Arc<Self>, call: Arc<Call>) -> Result<(), Error> {
        let ring = {
            let mut queue = self.queue.lock();
            if queue.waiting >= self.max_waiting {
                return Err(Error::unavailable("too many calls wait for this server, try again later"));
            }
            queue.waiting += 1;
            queue.events.push_back(Event::Call(call));
            !std::mem::replace(&mut queue.rung, true)
        };
        self.ring_if(ring);
        Ok(())
    }

    /// Queues news of a call that JavaScript has.
    pub fn push(self: &Arc<Self>, event: Event) {
        let ring = {
            let mut queue = self.queue.lock();
            queue.events.push_back(event);
            !std::mem::replace(&mut queue.rung, true)
        };
        self.ring_if(ring);
    }

    /// A waiting call has ended: it no longer counts, and its place is swept when such places pile up.
    pub fn forget_waiting(&self) {
        let mut queue = self.queue.lock();
        queue.waiting = queue.waiting.saturating_sub(1);
        queue.ended += 1;
        if queue.ended >= SWEEP_AT && queue.ended * 2 >= queue.events.len() {
            queue.events.retain(|event| !matches!(event, Event::Call(call) if call.has_ended()));
            queue.ended = 0;
        }
    }

    /// Adds what waits to `taken`, at most `limit` new calls; each that is alive is begun. Whether there may be more.
    pub fn take(&self, limit: usize, taken: &mut VecDeque<Event>) -> bool {
        let mut queue = self.queue.lock();
        let mut calls = 0;
        while calls < limit {
            match queue.events.pop_front() {
                None => break,
                Some(Event::Call(call)) => {
                    if call.begin() {
                        queue.waiting = queue.waiting.saturating_sub(1);
                        calls += 1;
                        taken.push_back(Event::Call(call));
                    } else {
                        queue.ended = queue.ended.saturating_sub(1);
                    }
                }
                Some(event) => {
                    queue.refusals -= usize::from(matches!(event, Event::Refused(_)));
                    taken.push_back(event);
                }
            }
        }
        queue.rung = calls == limit;
        queue.rung
    }

    /// Once for all that a worker finds before it waits again.
    fn ring_if(self: &Arc<Self>, ring: bool) {
        if ring {
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
    fn refused(&self, reason: String) {
        let ring = {
            let mut queue = self.queue.lock();
            if queue.refusals >= MAX_REFUSALS {
                return;
            }
            queue.refusals += 1;
            queue.events.push_back(Event::Refused(reason));
            !std::mem::replace(&mut queue.rung, true)
        };
        if ring {
            self.bell.ring();
        }
    }
}
