//! A share of a budget, and bytes together with their share.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use super::budget::ConnectionBudget;
use super::error::Error;

/// Up to this size a response gives its reservation back when hyper takes it.
const SMALL_BYTES: usize = 1024;

impl ConnectionBudget {
    /// Reserves `bytes`.
    ///
    /// # Errors
    ///
    /// `resource_exhausted` when this connection would hold too much, `unavailable` when all together would.
    pub fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Reservation, Error> {
        let mut reservation = self.empty_reservation();
        reservation.grow(bytes)?;
        Ok(reservation)
    }

    /// A reservation of nothing, to [`grow`](Reservation::grow).
    #[must_use]
    pub fn empty_reservation(self: &Arc<Self>) -> Reservation {
        Reservation { budget: Arc::clone(self), bytes: 0 }
    }

    /// Reserves `bytes` even beyond the limits: for bytes that are bounded otherwise and cannot be refused any more.
    #[must_use]
    pub fn reserve_unchecked(self: &Arc<Self>, bytes: usize) -> Reservation {
        let mut reservation = self.empty_reservation();
        reservation.grow_unchecked(bytes);
        reservation
    }
}

/// A share of a [`ConnectionBudget`], given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Arc<ConnectionBudget>,
    bytes: usize,
}

impl Reservation {
    /// The budget that it is a share of.
    #[must_use]
    pub fn budget(&self) -> &Arc<ConnectionBudget> {
        &self.budget
    }

    /// Reserves `more` bytes in addition.
    ///
    /// # Errors
    ///
    /// As [`ConnectionBudget::reserve`]; the reservation stays as it was.
    pub fn grow(&mut self, more: usize) -> Result<(), Error> {
        self.budget.grow(self.bytes, more).map_err(|exhausted| self.budget.refusal(exhausted))?;
        self.bytes += more;
        Ok(())
    }

    /// [`Self::grow`] for what can be done without; returns whether there was room. Nobody is told that there was none.
    pub fn try_grow(&mut self, more: usize) -> bool {
        let has_room = self.budget.grow(self.bytes, more).is_ok();
        self.bytes += if has_room { more } else { 0 };
        has_room
    }

    /// Reserves `more` bytes in addition, even beyond the limits.
    pub fn grow_unchecked(&mut self, more: usize) {
        self.budget.grow_unchecked(more);
        self.bytes += more;
    }

    /// Reserves `bytes` in all, even beyond the limits: what is held has changed its form, as by compression.
    pub fn resize_unchecked(&mut self, bytes: usize) {
        if bytes > self.bytes {
            self.grow_unchecked(bytes - self.bytes);
        } else {
            drop(self.split(self.bytes - bytes));
        }
    }

    /// Splits off a reservation of `bytes`, or of all when it has less.
    #[must_use]
    pub fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { budget: Arc::clone(&self.budget), bytes }
    }

    /// Splits off all, and leaves an empty reservation.
    #[must_use]
    pub fn take_all(&mut self) -> Self {
        self.split(usize::MAX)
    }

    /// Adds another reservation to this one.
    pub fn join(&mut self, mut other: Self) {
        if Arc::ptr_eq(&self.budget, &other.budget) {
            self.bytes += std::mem::take(&mut other.bytes);
        } else {
            self.grow_unchecked(other.bytes);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.budget.release(self.bytes);
        }
    }
}

/// Bytes together with their share of the budget.
#[derive(Debug)]
pub struct ReservedBytes {
    bytes: Bytes,
    reservation: Reservation,
}

impl ReservedBytes {
    /// Ties `bytes` to `reservation`.
    #[must_use]
    pub fn new(bytes: Bytes, reservation: Reservation) -> Self {
        Self { bytes, reservation }
    }

    /// Bytes that are already here and cannot be refused, like the text of an error.
    #[must_use]
    pub fn unchecked(bytes: impl Into<Bytes>, budget: &Arc<ConnectionBudget>) -> Self {
        let bytes = bytes.into();
        let reservation = budget.reserve_unchecked(bytes.len());
        Self { bytes, reservation }
    }

    /// The same content in another form, as compressed or framed. The reservation becomes as large as that.
    #[must_use]
    pub fn replaced(self, bytes: impl Into<Bytes>) -> Self {
        let (bytes, mut reservation) = (bytes.into(), self.reservation);
        reservation.resize_unchecked(bytes.len());
        Self { bytes, reservation }
    }

    /// The bytes and their share.
    #[must_use]
    pub fn into_parts(self) -> (Bytes, Reservation) {
        (self.bytes, self.reservation)
    }

    /// Bytes that give their share back when their last owner, which may be hyper's write buffer, drops them. Small
    /// ones give it back now: to account for them would cost more than they do.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        let is_small = self.reservation.bytes == 0 || self.bytes.len() <= SMALL_BYTES;
        if is_small { self.bytes } else { Bytes::from_owner(self) }
    }
}

impl Deref for ReservedBytes {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.bytes
    }
}

impl AsRef<[u8]> for ReservedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::budget::{Budget, Limits, Window};
    use crate::call::error::Code;

    const WINDOW: Window = Window { stream_bytes: 1000, full_streams: 3 };

    fn budget(total: usize, connection: usize, own: usize) -> Arc<Budget> {
        Budget::new(Limits { total, connection, own })
    }

    fn code(result: &Result<Reservation, Error>) -> Option<Code> {
        result.as_ref().err().map(|error| error.code)
    }

    #[test]
    fn a_connection_has_bytes_of_its_own_that_nobody_can_take() {
        let budget = budget(1000, usize::MAX, 64);
        let [greedy, other] = [budget.connection(WINDOW), budget.connection(WINDOW)];
        let held = greedy.reserve(1064).expect("all that there is");
        assert_eq!(budget.used(), 1000);
        assert_eq!(code(&greedy.reserve(1)), Some(Code::Unavailable));
        let small = other.reserve(64).expect("its own");
        assert_eq!(code(&other.reserve(1)), Some(Code::Unavailable));
        assert_eq!((greedy.used(), other.used(), budget.used()), (1064, 64, 1000));
        drop((held, small));
        assert_eq!((greedy.used(), other.used(), budget.used()), (0, 0, 0));
    }

    #[test]
    fn a_connection_may_hold_its_share_or_one_message_of_any_size() {
        let budget = budget(10_000, 200, 100);
        let connection = budget.connection(WINDOW);
        let head = connection.reserve(100).expect("small things");
        let mut large = connection.reserve(5000).expect("one message");
        large.grow(1000).expect("it may grow");
        assert_eq!(code(&connection.reserve(1)), Some(Code::ResourceExhausted), "and nothing else");
        assert!(budget.connection(WINDOW).reserve(3000).is_ok(), "others are not concerned");
        drop(large);
        assert_eq!(code(&connection.reserve(100)), None, "its share");
        let unread = [connection.charge_window(), connection.charge_window()].map(|charged| charged.expect("room"));
        assert_eq!(code(&connection.reserve(100)), None, "unread streams do not count for it");
        drop((head, unread));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn the_unread_streams_of_a_connection_are_charged_its_window_at_most() {
        let budget = budget(3500, usize::MAX, 0);
        let connection = budget.connection(WINDOW);
        let mut streams = Vec::new();
        for expected in [1000, 2000, 3000, 3000, 3000] {
            streams.push(connection.charge_window().expect("there is room"));
            assert_eq!(budget.used(), expected);
        }
        let other = budget.connection(WINDOW);
        assert_eq!(other.charge_window().map(drop).map_err(|error| error.code), Err(Code::Unavailable));
        assert_eq!((budget.used(), other.used()), (3000, 0));
        drop(other.charge_window_unchecked());
        while streams.pop().is_some() {
            assert_eq!(budget.used(), WINDOW.stream_bytes * streams.len().min(3));
        }
    }

    #[test]
    fn a_refusal_is_logged_now_and_then() {
        let budget = budget(5, usize::MAX, 0);
        let refused = || budget.connection(WINDOW).reserve(6).expect_err("is refused").log_text;
        assert_eq!(refused().as_deref(), Some("calls were refused: maxBufferedBytes (5) are in use"));
        assert_eq!(refused(), None, "not again at once");
    }

    #[test]
    fn threads_that_reserve_and_release_at_the_same_time_leave_nothing() {
        let budget = budget(3000, 2000, 300);
        let connections = [budget.connection(WINDOW), budget.connection(WINDOW)];
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let connections = &connections;
                scope.spawn(move || {
                    for round in 0..20_000 {
                        let connection = &connections[(thread + round) % 2];
                        let size = 150 + round % 300;
                        let reservations = [connection.reserve(size), connection.reserve(size * 2)];
                        drop((connection.charge_window(), reservations));
                    }
                });
            }
        });
        assert_eq!(connections.map(|connection| connection.used()), [0, 0]);
        assert_eq!(budget.used(), 0);
    }
}
