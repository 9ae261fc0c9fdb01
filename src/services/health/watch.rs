//! `Watch`: the changes of one service's status, for one client.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Health;
use super::status::Status;

/// Statuses that may wait for a slow client. With more, all but the latest are dropped.
const PENDING: usize = 16;

/// The statuses that one watching client has not been sent yet.
#[derive(Debug)]
pub(super) struct Mailbox {
    /// The service watched; empty for the whole server.
    pub service: String,
    pending: VecDeque<Status>,
    /// The last status put in.
    last: Option<Status>,
    /// The last status taken out. After some were dropped, the next one may be the same.
    taken: Option<Status>,
    /// Nothing will be put in any more.
    over: bool,
    waker: Option<Waker>,
}

impl Mailbox {
    pub fn new(service: String) -> Self {
        Self { service, pending: VecDeque::new(), last: None, taken: None, over: false, waker: None }
    }

    /// Puts a status in, unless it is the same as the last; returns the task to wake.
    pub fn put(&mut self, status: Status) -> Option<Waker> {
        if self.over || self.last.replace(status) == Some(status) {
            return None;
        }
        if self.pending.len() == PENDING {
            self.pending.clear();
        }
        self.pending.push_back(status);
        self.waker.take()
    }

    /// Ends the mailbox after its pending statuses; returns the task to wake.
    pub fn end(&mut self) -> Option<Waker> {
        self.over = true;
        self.waker.take()
    }

    /// The next status; `None` at the end.
    pub fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Status>> {
        while let Some(status) = self.pending.pop_front() {
            if self.taken.replace(status) != Some(status) {
                return Poll::Ready(Some(status));
            }
        }
        if self.over {
            return Poll::Ready(None);
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// The receiving end of a mailbox; it watches until it is dropped.
#[derive(Debug)]
pub struct Watch {
    health: Arc<Health>,
    mailbox: usize,
}

impl Watch {
    pub(super) fn new(health: Arc<Health>, mailbox: usize) -> Self {
        Self { health, mailbox }
    }

    /// The next status; `None` when the server is draining.
    pub fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Status>> {
        self.health.poll_mailbox(self.mailbox, cx)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.health.forget(self.mailbox);
    }
}
