//! The statuses of one service or component, for all clients that watch it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use slab::Slab;

use super::status::Status;

/// Statuses that are kept for slow clients. One that is further behind gets only the latest.
const RECENT: usize = 16;

/// The latest statuses, and who waits for the next.
///
/// A status is put down once, however many clients watch: they read it when they are woken.
#[derive(Debug)]
pub(super) struct Topic {
    service: Arc<str>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    recent: VecDeque<Status>,
    /// How many statuses there have been. The last of `recent` is the last of them.
    published: usize,
    /// There will be no more.
    over: bool,
    /// The tasks of the watching clients, those that wait.
    waiting: Slab<Option<Waker>>,
}

/// The position of one client in a [`Topic`].
#[derive(Debug)]
pub(super) struct Place {
    /// Its index among those that may wait.
    slot: usize,
    /// The number of the status that it reads next.
    next: usize,
    /// The last status that it read. After it has missed some, the next one may be the same.
    taken: Option<Status>,
}

impl Topic {
    /// The topic of `service`, whose status is `status`.
    pub fn new(service: Arc<str>, status: Status) -> Self {
        let recent = VecDeque::from([status]);
        Self { service, inner: Mutex::new(Inner { recent, published: 1, over: false, waiting: Slab::new() }) }
    }

    /// The service.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Puts a status down, unless it is the same as the last; adds the tasks to wake to `wakers`.
    pub fn publish(&self, status: Status, wakers: &mut Vec<Waker>) {
        let mut inner = self.inner.lock();
        if inner.over || inner.recent.back() == Some(&status) {
            return;
        }
        if inner.recent.len() == RECENT {
            inner.recent.pop_front();
        }
        inner.recent.push_back(status);
        inner.published += 1;
        inner.take_waiting(wakers);
    }

    /// Ends the topic behind its last status; adds the tasks to wake to `wakers`.
    pub fn end(&self, wakers: &mut Vec<Waker>) {
        let mut inner = self.inner.lock();
        inner.over = true;
        inner.take_waiting(wakers);
    }

    /// A place for one more client, which begins with the last status.
    pub fn join(&self) -> Place {
        let mut inner = self.inner.lock();
        Place { slot: inner.waiting.insert(None), next: inner.published - 1, taken: None }
    }

    /// Gives up a place. Returns whether it was the last, and the waker in it: to be dropped when no lock is held, as a
    /// task may end with its last waker.
    pub fn leave(&self, place: &Place) -> (bool, Option<Waker>) {
        let mut inner = self.inner.lock();
        let waker = inner.waiting.try_remove(place.slot).flatten();
        (inner.waiting.is_empty(), waker)
    }

    /// The next status for the client at `place`; `None` at the end.
    pub fn poll_next(&self, place: &mut Place, cx: &Context<'_>) -> Poll<Option<Status>> {
        let mut inner = self.inner.lock();
        let oldest = inner.published - inner.recent.len();
        if place.next < oldest {
            place.next = inner.published - 1;
        }
        while let Some(status) = inner.recent.get(place.next - oldest).copied() {
            place.next += 1;
            if place.taken.replace(status) != Some(status) {
                return Poll::Ready(Some(status));
            }
        }
        if inner.over {
            return Poll::Ready(None);
        }
        let former = inner.waiting.get_mut(place.slot).and_then(|slot| slot.replace(cx.waker().clone()));
        // As in `leave`: not while the lock is held.
        drop(inner);
        drop(former);
        Poll::Pending
    }
}

impl Inner {
    fn take_waiting(&mut self, wakers: &mut Vec<Waker>) {
        wakers.extend(self.waiting.iter_mut().filter_map(|(_, waker)| waker.take()));
    }
}
