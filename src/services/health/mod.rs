//! The health of a server: the status of each service as the application reports it, and two facts that the server
//! itself knows better: that it is draining, and that its event loop is blocked.
//!
//! [`HealthService`] serves `grpc.health.v1.Health` from it, [`HealthEndpoints`] plain HTTP.

mod endpoints;
mod messages;
mod service;
mod status;
mod watch;

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use indexmap::IndexMap;
use parking_lot::Mutex;
use slab::Slab;

use super::EventLoopMonitor;
use watch::Mailbox;

pub use endpoints::{HealthEndpoints, Probe};
pub use service::HealthService;
pub use status::Status;
pub use watch::Watch;

/// The file of `grpc.health.v1`, as a `google.protobuf.FileDescriptorSet`.
pub const FILES: &[u8] = include_bytes!("health.binpb");

/// The limits of the event loop's silence.
#[derive(Clone, Copy, Debug)]
pub struct EventLoopLimits {
    /// After this long the server is not ready.
    pub ready: Duration,
    /// After this long the process is not alive.
    pub live: Duration,
}

/// The health of one server.
#[derive(Debug)]
pub struct Health {
    state: Mutex<State>,
    event_loop: EventLoopMonitor,
    limits: EventLoopLimits,
}

#[derive(Debug, Default)]
struct State {
    /// Services and components as reported, in the order they were added.
    entries: IndexMap<String, Status>,
    /// The length of the longest name that an entry has had, in bytes.
    longest: usize,
    watchers: Slab<Mailbox>,
    /// The server is draining: nothing is serving, whatever was reported.
    draining: bool,
    /// Whether the event loop was late when it was last looked at.
    late: bool,
    has_been_ready: bool,
}

impl State {
    /// Whether every reported entry is serving. Without any, nothing is.
    fn all_serve(&self) -> bool {
        !self.draining && !self.entries.is_empty() && self.entries.values().all(|status| *status == Status::Serving)
    }

    /// The status of an entry, if there is one.
    fn entry(&self, name: &str) -> Option<Status> {
        // Clients choose the names that they watch, of megabytes if they like, and each change looks all of them up.
        if name.len() > self.longest {
            return None;
        }
        let reported = self.entries.get(name).copied()?;
        Some(if self.draining { Status::NotServing } else { reported })
    }

    /// The status that watchers of `service` see.
    fn watched(&self, service: &str) -> Status {
        match service {
            "" => Status::of(self.all_serve() && !self.late),
            name => self.entry(name).unwrap_or(Status::ServiceUnknown),
        }
    }

    /// Puts the status of its service into each mailbox; returns the tasks to wake.
    fn notify(&mut self) -> Vec<Waker> {
        self.has_been_ready |= self.all_serve() && !self.late;
        let mut watchers = std::mem::take(&mut self.watchers);
        let wakers = watchers.iter_mut().filter_map(|(_, mailbox)| mailbox.put(self.watched(&mailbox.service)));
        let wakers = wakers.collect();
        self.watchers = watchers;
        wakers
    }

    /// Ends each mailbox; returns the tasks to wake.
    fn end(&mut self) -> Vec<Waker> {
        self.watchers.iter_mut().filter_map(|(_, mailbox)| mailbox.end()).collect()
    }
}

impl Health {
    /// The health of a server that has reported nothing yet.
    #[must_use]
    pub fn new(limits: EventLoopLimits) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), event_loop: EventLoopMonitor::default(), limits })
    }

    /// The monitor of the event loop that the reports come from.
    #[must_use]
    pub fn event_loop(&self) -> &EventLoopMonitor {
        &self.event_loop
    }

    /// The interval between pings, short enough to notice in time that the event loop is blocked.
    #[must_use]
    pub fn ping_interval(&self) -> Duration {
        const SHORTEST: Duration = Duration::from_millis(10);
        const LONGEST: Duration = Duration::from_millis(250);
        (self.limits.ready / 4).clamp(SHORTEST, LONGEST)
    }

    /// Takes a report: the status of some entries, `None` for removed ones. It reaches watchers as one batch.
    pub fn report(&self, changes: impl IntoIterator<Item = (String, Option<Status>)>) {
        self.change(|state| {
            for (name, status) in changes {
                match status {
                    Some(status) => {
                        state.longest = state.longest.max(name.len());
                        state.entries.insert(name, status);
                    }
                    None => drop(state.entries.shift_remove(&name)),
                }
            }
            state.notify()
        });
    }

    /// The server is draining: from now on nothing is serving. Watchers get this status as their last.
    pub fn drain(&self) {
        self.change(|state| {
            state.draining = true;
            let mut wakers = state.notify();
            wakers.extend(state.end());
            wakers
        });
    }

    /// Checks whether the event loop is late now. Watchers get a change.
    pub fn look(&self) {
        let late = self.is_late();
        self.change(|state| if std::mem::replace(&mut state.late, late) == late { Vec::new() } else { state.notify() });
    }

    /// The status of a service or component, or of the whole server for an empty name; `None` for an unknown one.
    #[must_use]
    pub fn check(&self, service: &str) -> Option<Status> {
        match service {
            "" => Some(Status::of(self.is_ready())),
            name => self.state.lock().entry(name),
        }
    }

    /// The whole server under an empty name, then every entry in the order they were added.
    #[must_use]
    pub fn list(&self) -> Vec<(String, Status)> {
        let overall = Status::of(self.is_ready());
        let state = self.state.lock();
        let entries = state.entries.keys().filter_map(|name| Some((name.clone(), state.entry(name)?)));
        std::iter::once((String::new(), overall)).chain(entries).collect()
    }

    /// Watches a service or component, or the whole server for an empty name.
    #[must_use]
    pub fn watch(self: &Arc<Self>, service: String) -> Watch {
        let mut state = self.state.lock();
        let mut mailbox = Mailbox::new(service);
        mailbox.put(state.watched(&mailbox.service));
        if state.draining {
            mailbox.end();
        }
        Watch::new(Arc::clone(self), state.watchers.insert(mailbox))
    }

    /// Whether every reported entry is serving, even if the event loop is late.
    #[must_use]
    pub fn all_serve(&self) -> bool {
        self.state.lock().all_serve()
    }

    /// Whether the server is ready for calls.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.is_late() && self.all_serve()
    }

    /// Whether the server has ever been ready.
    #[must_use]
    pub fn has_been_ready(&self) -> bool {
        self.state.lock().has_been_ready
    }

    /// Whether the event loop has been silent for less than the limit.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.event_loop.silence() < self.limits.live
    }

    fn is_late(&self) -> bool {
        self.event_loop.silence() >= self.limits.ready
    }

    /// Changes the state, and wakes the tasks that `change` returns once the lock is free.
    fn change(&self, change: impl FnOnce(&mut State) -> Vec<Waker>) {
        let wakers = change(&mut self.state.lock());
        wakers.into_iter().for_each(Waker::wake);
    }

    fn poll_mailbox(&self, mailbox: usize, cx: &Context<'_>) -> Poll<Option<Status>> {
        self.state.lock().watchers.get_mut(mailbox).map_or(Poll::Ready(None), |mailbox| mailbox.poll_next(cx))
    }

    fn forget(&self, mailbox: usize) {
        self.state.lock().watchers.try_remove(mailbox);
    }
}

#[cfg(test)]
mod tests;
