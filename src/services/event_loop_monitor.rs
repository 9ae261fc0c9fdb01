//! The delay of an event loop, measured by asking it for a sign of life.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The value of `asked` while no question is open.
const ANSWERED: u64 = 0;

/// Measures the delay of one event loop.
#[derive(Debug)]
pub struct EventLoopMonitor {
    since: Instant,
    /// When the open question was asked, in nanoseconds since `since`, or [`ANSWERED`].
    asked: AtomicU64,
    /// How long the last answer took, in nanoseconds.
    took: AtomicU64,
}

impl Default for EventLoopMonitor {
    fn default() -> Self {
        Self { since: Instant::now(), asked: AtomicU64::new(ANSWERED), took: AtomicU64::new(0) }
    }
}

impl EventLoopMonitor {
    /// Opens a question. False when one is open already: the loop need not be asked twice.
    pub fn ask(&self) -> bool {
        self.asked.compare_exchange(ANSWERED, self.now(), Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The loop is alive: closes the question. Cheap when none is open.
    pub fn answer(&self) {
        if self.asked.load(Ordering::Acquire) == ANSWERED {
            return;
        }
        let asked = self.asked.swap(ANSWERED, Ordering::AcqRel);
        if asked != ANSWERED {
            self.took.store(self.now().saturating_sub(asked), Ordering::Release);
        }
    }

    /// How long the open question has been waiting; zero without one.
    #[must_use]
    pub fn silence(&self) -> Duration {
        match self.asked.load(Ordering::Acquire) {
            ANSWERED => Duration::ZERO,
            asked => Duration::from_nanos(self.now().saturating_sub(asked)),
        }
    }

    /// The delay of the loop: the silence, or the time that the last answer took if that was longer.
    #[must_use]
    pub fn lag(&self) -> Duration {
        self.silence().max(Duration::from_nanos(self.took.load(Ordering::Acquire)))
    }

    /// Nanoseconds since `since`. Never [`ANSWERED`]; five centuries fit.
    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_as_late_as_its_answer() {
        let event_loop = EventLoopMonitor::default();
        assert_eq!((event_loop.silence(), event_loop.lag()), (Duration::ZERO, Duration::ZERO), "nobody has asked");
        event_loop.answer();
        assert_eq!(event_loop.lag(), Duration::ZERO, "an answer to nothing says nothing");

        assert!(event_loop.ask(), "the first question");
        std::thread::sleep(Duration::from_millis(20));
        assert!(!event_loop.ask(), "is still open");
        assert!(event_loop.silence() >= Duration::from_millis(20), "{:?}", event_loop.silence());

        event_loop.answer();
        assert_eq!(event_loop.silence(), Duration::ZERO);
        assert!(event_loop.lag() >= Duration::from_millis(20), "the answer took as long");

        assert!(event_loop.ask());
        event_loop.answer();
        assert!(event_loop.lag() < Duration::from_millis(20), "the loop has recovered");
    }
}
