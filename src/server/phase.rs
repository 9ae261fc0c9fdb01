//! The phases of a server, and the calls that were aborted in the last one.

use std::collections::BTreeMap;

use parking_lot::Mutex;

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

/// The calls of all connections that were aborted, for the log.
#[derive(Debug, Default)]
pub struct AbortedCalls(Mutex<BTreeMap<String, usize>>);

impl AbortedCalls {
    /// Adds the calls of a connection: how many there were of each method, by path.
    pub fn add(&self, calls: BTreeMap<String, usize>) {
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
