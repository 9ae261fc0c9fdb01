//! Calls that a client resets before they have begun: rapid reset (CVE-2023-44487). h2 counts those that wait to be
//! accepted at the same time, so a client that sends them in small pieces passes its limit.

use std::time::{Duration, Instant};

/// So many of them in [`WINDOW`] are no flood: clients cancel in bulk, as many calls as they may have at a time.
pub const MAX_RESETS: usize = 512;
/// See [`MAX_RESETS`].
pub const WINDOW: Duration = Duration::from_secs(10);

/// Looks at the number of calls that were reset early.
#[derive(Debug, Default)]
pub struct ResetFlood {
    /// The number so far.
    seen: usize,
    /// The begin of the window, and the number before it.
    window: Option<(Instant, usize)>,
}

impl ResetFlood {
    /// Whether there are too many, if there are so many by now.
    pub fn is_flood(&mut self, resets: usize, now: impl FnOnce() -> Instant) -> bool {
        if resets == self.seen {
            return false;
        }
        let now = now();
        let (_, before) = match self.window {
            Some((began, before)) if now - began < WINDOW => (began, before),
            _ => *self.window.insert((now, self.seen)),
        };
        self.seen = resets;
        resets - before > MAX_RESETS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_so_many_in_the_window_are_a_flood() {
        let (mut resets, now) = (ResetFlood::default(), Instant::now());
        assert!(!resets.is_flood(MAX_RESETS, || now));
        assert!(!resets.is_flood(MAX_RESETS, || now + WINDOW), "no new one");
        assert!(!resets.is_flood(2 * MAX_RESETS, || now + WINDOW), "another window");
        assert!(resets.is_flood(2 * MAX_RESETS + 1, || now + WINDOW + WINDOW / 2));
    }
}
