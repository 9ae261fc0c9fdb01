//! PINGs of a client that makes no calls. Each has to be answered, so a flood of them is work for nothing
//! (CVE-2019-9512).

use std::time::{Duration, Instant};

/// So many PINGs in [`WINDOW`], and no call, are no flood. Clients of gRPC that keep a connection alive send one in ten
/// seconds or fewer; those that measure the connection send one for each response that they receive.
pub const MAX_PINGS: usize = 100;
/// See [`MAX_PINGS`].
pub const WINDOW: Duration = Duration::from_secs(10);

/// Counts PINGs without a call.
#[derive(Debug, Default)]
pub struct PingFlood {
    /// The first of those that count, and the calls that had begun by then.
    since: Option<(Instant, usize)>,
    count: usize,
}

impl PingFlood {
    /// Counts a PING on a connection on which so many calls have begun, and tells whether it is one too many.
    pub fn is_flood(&mut self, now: Instant, calls: usize, is_idle: bool) -> bool {
        let is_counted = self.since.is_some_and(|(began, before)| is_idle && calls == before && now - began < WINDOW);
        if !is_counted {
            *self = Self { since: Some((now, calls)), count: 0 };
        }
        self.count += 1;
        self.count > MAX_PINGS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of the first PING that is one too many.
    fn first_refused(mut is_refused: impl FnMut(usize) -> bool) -> Option<usize> {
        (1..=3 * MAX_PINGS).find(|number| is_refused(*number))
    }

    #[test]
    fn many_pings_in_a_short_time_without_a_call_are_a_flood() {
        let (mut pings, now) = (PingFlood::default(), Instant::now());
        assert_eq!(first_refused(|_| pings.is_flood(now, 7, true)), Some(MAX_PINGS + 1));
    }

    #[test]
    fn pings_of_clients_that_make_calls_are_none() {
        let now = Instant::now();
        let mut after_each_call = PingFlood::default();
        assert_eq!(first_refused(|number| after_each_call.is_flood(now, number, true)), None);
        let mut during_a_call = PingFlood::default();
        assert_eq!(first_refused(|_| during_a_call.is_flood(now, 1, false)), None);
    }

    #[test]
    fn pings_that_keep_a_connection_alive_are_none() {
        let (mut pings, mut now) = (PingFlood::default(), Instant::now());
        let refused = first_refused(|_| {
            now += Duration::from_millis(200);
            pings.is_flood(now, 0, true)
        });
        assert_eq!(refused, None);
    }
}
