//! The delay of an event loop, measured by pings that the loop acknowledges.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The value of `pinged` while no ping is open.
const ACKNOWLEDGED: u64 = 0;

/// Measures the delay of one event loop.
#[derive(Debug)]
pub struct EventLoopMonitor {
    since: Instant,
    /// The time of the open ping, in nanoseconds since `since`, or [`ACKNOWLEDGED`].
    pinged: AtomicU64,
    /// The time from the last ping to its acknowledgement, in nanoseconds.
    took: AtomicU64,
}

impl Default for EventLoopMonitor {
    fn default() -> Self {
        Self { since: Instant::now(), pinged: AtomicU64::new(ACKNOWLEDGED), took: AtomicU64::new(0) }
    }
}

impl EventLoopMonitor {
    /// Opens a ping. False when one is open already: the loop need not be woken twice.
    pub fn ping(&self) -> bool {
        self.pinged.compare_exchange(ACKNOWLEDGED, self.now(), Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Acknowledges the open ping, on the thread of the loop. Cheap when none is open.
    pub fn acknowledge(&self) {
        if self.pinged.load(Ordering::Acquire) == ACKNOWLEDGED {
            return;
        }
        let pinged = self.pinged.swap(ACKNOWLEDGED, Ordering::AcqRel);
        if pinged != ACKNOWLEDGED {
            self.took.store(self.now().saturating_sub(pinged), Ordering::Release);
        }
    }

    /// The age of the open ping; zero without one.
    #[must_use]
    pub fn silence(&self) -> Duration {
        match self.pinged.load(Ordering::Acquire) {
            ACKNOWLEDGED => Duration::ZERO,
            pinged => Duration::from_nanos(self.now().saturating_sub(pinged)),
        }
    }

    /// The delay of the loop: the silence, or the time that the last acknowledgement took if that was longer.
    #[must_use]
    pub fn lag(&self) -> Duration {
        self.silence().max(Duration::from_nanos(self.took.load(Ordering::Acquire)))
    }

    /// Nanoseconds since `since`. Never [`ACKNOWLEDGED`]; five centuries fit.
    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_as_late_as_its_acknowledgement() {
        let event_loop = EventLoopMonitor::default();
        assert_eq!((event_loop.silence(), event_loop.lag()), (Duration::ZERO, Duration::ZERO), "no ping was sent");
        event_loop.acknowledge();
        assert_eq!(event_loop.lag(), Duration::ZERO, "without a ping there is nothing to acknowledge");

        assert!(event_loop.ping(), "the first ping");
        std::thread::sleep(Duration::from_millis(20));
        assert!(!event_loop.ping(), "is still open");
        assert!(event_loop.silence() >= Duration::from_millis(20), "{:?}", event_loop.silence());

        event_loop.acknowledge();
        assert_eq!(event_loop.silence(), Duration::ZERO);
        assert!(event_loop.lag() >= Duration::from_millis(20), "the acknowledgement took as long");

        assert!(event_loop.ping());
        event_loop.acknowledge();
        assert!(event_loop.lag() < Duration::from_millis(20), "the loop has recovered");
    }
}
