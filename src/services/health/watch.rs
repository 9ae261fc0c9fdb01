//! `Watch`: the states of one service as they come, for one client.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Health;
use super::status::Status;

/// States that wait for a client that does not keep up; of more than these the latest is what counts.
const PENDING: usize = 16;

/// What one watching client has not been told yet.
#[derive(Debug)]
pub(super) struct Mailbox {
    /// The service watched; empty for the whole server.
    pub service: String,
    pending: VecDeque<Status>,
    /// What was last put down.
    last: Option<Status>,
    /// What was last taken out: with some states left out between, the next may be the same.
    taken: Option<Status>,
    /// Nothing will come any more.
    over: bool,
    waker: Option<Waker>,
}

impl Mailbox {
    pub fn new(service: String) -> Self {
        Self { service, pending: VecDeque::new(), last: None, taken: None, over: false, waker: None }
    }

    /// Puts a state down, unless it is the one that was last. Whom to wake for it.
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

    /// Nothing comes after what is there. Whom to wake for it.
    pub fn end(&mut self) -> Option<Waker> {
        self.over = true;
        self.waker.take()
    }

    /// The next state; `None` at the end.
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

/// The client's end; it watches until dropped.
#[derive(Debug)]
pub struct Watch {
    health: Arc<Health>,
    mailbox: usize,
}

impl Watch {
    pub(super) fn new(health: Arc<Health>, mailbox: usize) -> Self {
        Self { health, mailbox }
    }

    /// The next state; `None` when the server goes away.
    pub fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Status>> {
        self.health.poll_mailbox(self.mailbox, cx)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.health.forget(self.mailbox);
    }
}
