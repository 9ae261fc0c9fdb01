//! The phases of a server, as its connections see them, and the calls that were aborted in the last one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

/// A draining connection stays open this long for bytes on their way: the first bytes of a new connection, or the next
/// request of a busy HTTP/1.1 client, which only a response can tell to stop.
pub const DRAIN_GRACE: Duration = Duration::from_millis(100);
/// The clients of calls that are aborted have so long to take the response that says so.
pub const ABORT_TIME: Duration = Duration::from_millis(500);

/// The methods that the log names at most.
const MAX_NAMED: usize = 20;

/// The phase of a server that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It accepts connections and calls.
    Serving,
    /// It accepts no more connections, and asks every client to leave.
    Draining,
    /// It waits no longer for calls.
    Aborting,
}

/// What the connections of a server hear of it, and it of them.
pub struct Lifecycle {
    phase: watch::Receiver<Phase>,
    aborted: Arc<AbortedCalls>,
    /// Held by each connection until it has ended.
    alive: mpsc::Sender<()>,
}

impl Lifecycle {
    /// The server sends its phase to `phase`, and its connections have ended when nobody holds `alive` any more. Calls
    /// that they abort are added to `aborted`.
    pub fn new(phase: watch::Receiver<Phase>, aborted: Arc<AbortedCalls>, alive: mpsc::Sender<()>) -> Self {
        Self { phase, aborted, alive }
    }

    /// To be held until a connection has ended.
    pub fn alive(&self) -> mpsc::Sender<()> {
        self.alive.clone()
    }

    /// Whether the server is draining.
    pub fn is_draining(&self) -> bool {
        *self.phase.borrow() >= Phase::Draining
    }

    /// Ends when the server has come to `phase`.
    pub async fn until(&self, phase: Phase) {
        // An error means that the server is gone: its connections must end too.
        let _ = self.phase.clone().wait_for(|current| *current >= phase).await;
    }

    /// Ends when the server has been draining for long enough to receive what its clients were about to send.
    pub async fn drain_grace(&self) {
        self.until(Phase::Draining).await;
        self.wait_unless_aborting(DRAIN_GRACE).await;
    }

    /// Waits for `time`, or until the server waits for nothing any more.
    pub async fn wait_unless_aborting(&self, time: Duration) {
        // An error means that the time has passed.
        let _ = tokio::time::timeout(time, self.until(Phase::Aborting)).await;
    }

    /// Adds the aborted calls of a connection: how many there were of each method, by path.
    pub fn add_aborted(&self, calls: BTreeMap<String, usize>) {
        self.aborted.add(calls);
    }
}

/// The calls of all connections that were aborted, for the log.
#[derive(Debug, Default)]
pub struct AbortedCalls(Mutex<BTreeMap<String, usize>>);

impl AbortedCalls {
    fn add(&self, calls: BTreeMap<String, usize>) {
        let mut all = self.0.lock();
        for (path, count) in calls {
            *all.entry(path).or_default() += count;
        }
    }

    /// Logs the calls, and forgets them.
    pub fn log(&self) {
        let calls = std::mem::take(&mut *self.0.lock());
        if !calls.is_empty() {
            tracing::warn!("calls were aborted, as they did not end in time: {}", listed(&calls));
        }
    }
}

/// `2 of /a, 1 of /b`, at most [`MAX_NAMED`] methods.
pub fn listed(calls: &BTreeMap<String, usize>) -> String {
    let mut named: Vec<_> = calls.iter().take(MAX_NAMED).map(|(path, count)| format!("{count} of {path}")).collect();
    if calls.len() > MAX_NAMED {
        let others: usize = calls.values().skip(MAX_NAMED).sum();
        named.push(format!("{others} of {} other methods", calls.len() - MAX_NAMED));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_methods_are_named_and_the_others_counted() {
        let calls = |count: usize| (0..count).map(|n| (format!("/s/{n:02}"), n + 1)).collect();
        assert_eq!(listed(&calls(2)), "1 of /s/00, 2 of /s/01");
        assert!(listed(&calls(22)).ends_with("20 of /s/19, 43 of 2 other methods"));
    }
}
