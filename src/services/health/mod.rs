//! The health of a server: the state of each service as the application reports it, and what the server itself knows
//! better — that it is going away, and that its event loop stands still.
//!
//! [`HealthService`] answers `grpc.health.v1.Health` from it, [`HealthEndpoints`] plain HTTP.

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

/// How long a silence of the event loop may be.
#[derive(Clone, Copy, Debug)]
pub struct EventLoopLimits {
    /// Longer, and the server is not ready.
    pub ready: Duration,
    /// Longer, and the process is not alive.
    pub live: Duration,
}

/// The health of one server.
#[derive(Debug)]
pub struct Health {
    state: Mutex<State>,
    event_loop: EventLoopMonitor,
    patience: EventLoopLimits,
}

#[derive(Debug, Default)]
struct State {
    /// Services and components as reported, in the order in which they were added.
    entries: IndexMap<String, Status>,
    /// Bytes of the longest name that an entry has had.
    longest: usize,
    watchers: Slab<Mailbox>,
    /// The server is going away: nothing serves any more, whatever was reported.
    draining: bool,
    /// The event loop was late when it was last looked at.
    late: bool,
    has_been_ready: bool,
}

impl State {
    /// Whether all that is reported serves. Nothing reported is not serving.
    fn all_serve(&self) -> bool {
        !self.draining && !self.entries.is_empty() && self.entries.values().all(|status| *status == Status::Serving)
    }

    /// The state of an entry; `None` for one that is not there.
    fn entry(&self, name: &str) -> Option<Status> {
        // Clients choose names, of megabytes if they like, and each change looks up all that are watched.
        if name.len() > self.longest {
            return None;
        }
        let reported = self.entries.get(name).copied()?;
        Some(if self.draining { Status::NotServing } else { reported })
    }

    /// What one who watches `service` is to know.
    fn watched(&self, service: &str) -> Status {
        match service {
            "" => Status::of(self.all_serve() && !self.late),
            name => self.entry(name).unwrap_or(Status::ServiceUnknown),
        }
    }

    /// Puts the state of their service down for all who watch. Whom to wake.
    fn tell(&mut self) -> Vec<Waker> {
        self.has_been_ready |= self.all_serve() && !self.late;
        let mut watchers = std::mem::take(&mut self.watchers);
        let wakers = watchers.iter_mut().filter_map(|(_, mailbox)| mailbox.put(self.watched(&mailbox.service)));
        let wakers = wakers.collect();
        self.watchers = watchers;
        wakers
    }
}

impl Health {
    /// The health of a server of which nothing is known yet.
    #[must_use]
    pub fn new(patience: EventLoopLimits) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), event_loop: EventLoopMonitor::default(), patience })
    }

    /// The watch over the event loop of those who report.
    #[must_use]
    pub fn event_loop(&self) -> &EventLoopMonitor {
        &self.event_loop
    }

    /// How often the event loop should be asked, so that it is noticed in time when it stands still.
    #[must_use]
    pub fn ask_every(&self) -> Duration {
        const SHORTEST: Duration = Duration::from_millis(10);
        const LONGEST: Duration = Duration::from_millis(250);
        (self.patience.ready / 4).clamp(SHORTEST, LONGEST)
    }

    /// Takes a report: the states of some entries, `None` for those that are gone. Who watches sees all of it at once.
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
        });
    }

    /// The server begins to go away: nothing serves any more. Those who watch are told, and that it was the last they hear.
    pub fn drain(&self) {
        self.change(|state| state.draining = true);
        let mut state = self.state.lock();
        let wakers: Vec<_> = state.watchers.iter_mut().filter_map(|(_, mailbox)| mailbox.end()).collect();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Looks whether the event loop is late now, and tells those who watch when that has changed.
    pub fn look(&self) {
        let late = self.is_late();
        if self.state.lock().late != late {
            self.change(|state| state.late = late);
        }
    }

    /// The state of a service or component, of the whole server for an empty name; `None` for one that is not there.
    #[must_use]
    pub fn check(&self, service: &str) -> Option<Status> {
        match service {
            "" => Some(Status::of(self.is_ready())),
            name => self.state.lock().entry(name),
        }
    }

    /// Every entry, in the order in which they were added, and before them the whole server under an empty name.
    #[must_use]
    pub fn list(&self) -> Vec<(String, Status)> {
        let overall = Status::of(self.is_ready());
        let state = self.state.lock();
        let entries = state.entries.keys().filter_map(|name| Some((name.clone(), state.entry(name)?)));
        std::iter::once((String::new(), overall)).chain(entries).collect()
    }

    /// Watches a service, a component, or for an empty name the whole server.
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

    /// Whether all that is reported serves. What the event loop does has no say in it.
    #[must_use]
    pub fn all_serve(&self) -> bool {
        self.state.lock().all_serve()
    }

    /// Whether the server is ready for calls.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.is_late() && self.all_serve()
    }

    /// Whether it was ready once.
    #[must_use]
    pub fn has_been_ready(&self) -> bool {
        self.state.lock().has_been_ready
    }

    /// Whether the event loop has given a sign of life not too long ago.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.event_loop.silence() < self.patience.live
    }

    fn is_late(&self) -> bool {
        self.event_loop.silence() >= self.patience.ready
    }

    /// Changes the state, and wakes those who watch when the lock is free again.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        change(&mut state);
        let wakers = state.tell();
        drop(state);
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
