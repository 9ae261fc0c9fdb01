//! The number of bytes that a server may hold for calls, over all connections.
//!
//! Every byte that waits — a request being read, a message in a queue, a response being sent — is reserved in one
//! budget. A reservation beyond the limit fails at once with `unavailable`, so those who flood the server pay for it.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::error::Error;

/// Up to this size a response gives its reservation back when hyper takes it.
const SMALL_BYTES: usize = 1024;

/// A limit of bytes, and the number that is reserved.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// A budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicUsize::new(0) })
    }

    /// Bytes reserved now.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Reserves `bytes`.
    ///
    /// # Errors
    ///
    /// `unavailable` when less than that is left.
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

    /// Reserves `bytes` even beyond the limit: for bytes that are already here and cannot be refused any more.
    #[must_use]
    pub fn reserve_unchecked(self: &Arc<Self>, bytes: usize) -> Reservation {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Reservation { budget: Arc::clone(self), bytes }
    }
}

/// A share of a [`Budget`], given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Reservation {
    /// Reserves `more` bytes in addition.
    ///
    /// # Errors
    ///
    /// `unavailable` when less than that is left; the reservation stays as it was.
    pub fn grow(&mut self, more: usize) -> Result<(), Error> {
        let before = self.budget.used.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > self.budget.limit {
            self.budget.used.fetch_sub(more, Ordering::Relaxed);
            return Err(Error::unavailable("the server's memory for calls is used up, try again later"));
        }
        self.bytes += more;
        Ok(())
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
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
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
