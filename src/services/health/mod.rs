//! The health of a server: the status of each service as the application reports it, and two facts that the server
//! itself knows better: that it is draining, and that its event loop is blocked.
//!
//! [`HealthService`] serves `grpc.health.v1.Health` from it, [`HealthEndpoints`] plain HTTP.

mod endpoints;
pub(super) mod messages;
mod service;
mod status;
mod topic;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::Duration;

use indexmap::IndexMap;
use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::EventLoopMonitor;
use topic::{Place, Topic};

pub use endpoints::{HealthEndpoints, Probe};
pub use service::{HealthService, MAX_REQUEST_BYTES};
pub use status::Status;
pub use watch::Watch;

/// The file of `grpc.health.v1`, as a `google.protobuf.FileDescriptorSet`.
pub const FILES: &[u8] = include_bytes!("health.binpb");

/// The most clients that may watch a server. A change of the overall status wakes all of them.
pub const MAX_WATCHERS: usize = 10_000;

/// Tasks that are woken in one go. A task of another thread costs a system call, so more of them would keep JavaScript,
/// which reports, or a thread that serves connections.
const WOKEN_IN_ONE_GO: usize = 64;

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
    /// That of a watcher, to wake many of them.
    runtime: OnceLock<Handle>,
    event_loop: EventLoopMonitor,
    limits: EventLoopLimits,
}

/// How far the server has come. Once it stops nothing is serving, whatever was reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Running,
    /// It is about to stop.
    Stopping,
    /// Watches end.
    Draining,
}

#[derive(Debug, Default)]
struct State {
    /// Services and components as reported, in the order they were added.
    entries: IndexMap<Arc<str>, Status>,
    /// How many of them were not reported as serving.
    not_serving: usize,
    /// What clients watch, by the name of the service. Each has the status of its service as its last.
    topics: HashMap<Arc<str>, Arc<Topic>>,
    watchers: usize,
    stage: Stage,
    /// Whether the event loop was late when it was last looked at.
    late: bool,
    has_been_ready: bool,
}

impl State {
    /// Whether every reported entry is serving. Without any, nothing is.
    fn all_serve(&self) -> bool {
        self.stage == Stage::Running && !self.entries.is_empty() && self.not_serving == 0
    }

    /// The status of an entry, if there is one.
    fn entry(&self, name: &str) -> Option<Status> {
        let reported = self.entries.get(name).copied()?;
        Some(if self.stage == Stage::Running { reported } else { Status::NotServing })
    }

    /// The status that watchers of `service` see.
    fn watched(&self, service: &str) -> Status {
        match service {
            "" => Status::of(self.all_serve() && !self.late),
            name => self.entry(name).unwrap_or(Status::ServiceUnknown),
        }
    }

    /// Tells the watchers of `service` its status, if that has changed; adds the tasks to wake to `wakers`.
    fn publish(&self, service: &str, wakers: &mut Vec<Waker>) {
        if let Some(topic) = self.topics.get(service) {
            topic.publish(self.watched(service), wakers);
        }
    }

    /// As [`Self::publish`], for the server as a whole.
    fn publish_overall(&mut self, wakers: &mut Vec<Waker>) {
        self.has_been_ready |= self.all_serve() && !self.late;
        self.publish("", wakers);
    }
}

impl Health {
    /// The health of a server that has reported nothing yet.
    #[must_use]
    pub fn new(limits: EventLoopLimits) -> Arc<Self> {
        let event_loop = EventLoopMonitor::default();
        Arc::new(Self { state: Mutex::default(), runtime: OnceLock::new(), event_loop, limits })
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
        let changes: Vec<(Arc<str>, _)> = changes.into_iter().map(|(name, status)| (name.into(), status)).collect();
        self.change(|state, wakers| {
            for (name, status) in &changes {
                match status {
                    Some(status) => state.entries.insert(Arc::clone(name), *status),
                    None => state.entries.shift_remove(name),
                };
            }
            state.not_serving = state.entries.values().filter(|status| **status != Status::Serving).count();
            for (name, _) in &changes {
                state.publish(name, wakers);
            }
            state.publish_overall(wakers);
        });
    }

    /// The server is about to stop: from now on nothing is serving. Watchers get this status.
    pub fn stop_serving(&self) {
        self.change(|state, wakers| {
            state.stage = Stage::Stopping.max(state.stage);
            for (service, topic) in &state.topics {
                topic.publish(state.watched(service), wakers);
            }
        });
    }

    /// The server is draining: from now on nothing is serving. Watchers get this status as their last.
    pub fn drain(&self) {
        self.change(|state, wakers| {
            state.stage = Stage::Draining;
            for (service, topic) in &state.topics {
                topic.publish(state.watched(service), wakers);
                topic.end(wakers);
            }
        });
    }

    /// Checks whether the event loop is late now. Watchers get a change.
    pub fn look(&self) {
        let late = self.is_late();
        self.change(|state, wakers| {
            if std::mem::replace(&mut state.late, late) != late {
                state.publish_overall(wakers);
            }
        });
    }

    /// The status of a service or component, or of the whole server for an empty name; `None` for an unknown one.
    #[must_use]
    pub fn check(&self, service: &str) -> Option<Status> {
        match service {
            "" => Some(Status::of(self.is_ready())),
            name => self.state.lock().entry(name),
        }
    }

    /// The number of entries.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.state.lock().entries.len()
    }

    /// The whole server under an empty name, then every entry in the order they were added.
    #[must_use]
    pub fn list(&self) -> Vec<(Arc<str>, Status)> {
        let overall = Status::of(self.is_ready());
        let state = self.state.lock();
        let entries = state.entries.keys().filter_map(|name| Some((Arc::clone(name), state.entry(name)?)));
        std::iter::once(("".into(), overall)).chain(entries).collect()
    }

    /// Watches a service or component, or the whole server for an empty name; `None` when [`MAX_WATCHERS`] do already.
    #[must_use]
    pub fn watch(self: &Arc<Self>, service: &str) -> Option<Watch> {
        if let Ok(runtime) = Handle::try_current() {
            self.runtime.get_or_init(|| runtime);
        }
        let mut state = self.state.lock();
        if state.watchers >= MAX_WATCHERS {
            return None;
        }
        state.watchers += 1;
        let topic = state.topics.get(service).cloned().unwrap_or_else(|| {
            let service: Arc<str> = service.into();
            let topic = Arc::new(Topic::new(Arc::clone(&service), state.watched(&service)));
            if state.stage == Stage::Draining {
                topic.end(&mut Vec::new());
            }
            state.topics.insert(service, Arc::clone(&topic));
            topic
        });
        Some(Watch::new(Arc::clone(self), topic))
    }

    /// Whether every reported entry is serving, even if the event loop is late.
    #[must_use]
    pub fn all_serve(&self) -> bool {
        self.state.lock().all_serve()
    }

    /// The names of entries that were not reported as serving, at most `most`, in the order they were added.
    #[must_use]
    pub fn failing(&self, most: usize) -> Vec<String> {
        let state = self.state.lock();
        let failing = state.entries.iter().filter(|(_, status)| **status != Status::Serving);
        failing.map(|(name, _)| name.to_string()).take(most).collect()
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

    /// Changes the state, and wakes the tasks that `change` gives once the lock is free.
    fn change(&self, change: impl FnOnce(&mut State, &mut Vec<Waker>)) {
        let mut wakers = Vec::new();
        change(&mut self.state.lock(), &mut wakers);
        match self.runtime.get() {
            Some(runtime) if wakers.len() > WOKEN_IN_ONE_GO => drop(runtime.spawn(wake_in_turns(wakers))),
            _ => wakers.into_iter().for_each(Waker::wake),
        }
    }

    /// Forgets a watcher, and its topic if it was the last.
    fn forget(&self, topic: &Topic, place: &Place) {
        let mut state = self.state.lock();
        state.watchers = state.watchers.saturating_sub(1);
        // Watchers join under this lock, so nobody can have joined since.
        let (was_last, waker) = topic.leave(place);
        if was_last {
            state.topics.remove(topic.service());
        }
        drop(state);
        drop(waker);
    }
}

/// Wakes tasks, and lets others of this thread run in between.
async fn wake_in_turns(wakers: Vec<Waker>) {
    for (count, waker) in wakers.into_iter().enumerate() {
        if count > 0 && count % WOKEN_IN_ONE_GO == 0 {
            tokio::task::yield_now().await;
        }
        waker.wake();
    }
}

#[cfg(test)]
mod tests;
