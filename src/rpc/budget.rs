//! How many bytes a server may hold for calls, over all connections.
//!
//! Every byte that waits — a request being read, a message in a queue, a response on its way out — is held against one
//! budget. What would go beyond it is refused at once with `unavailable`, so a flood costs the ones who flood.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::Error;

/// Messages that are not accounted for once they are on their way out.
const SMALL_BYTES: usize = 1024;

/// Bytes that may be held at one time.
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

    /// Bytes held now.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Holds nothing yet; grows with [`Reservation::grow`].
    #[must_use]
    pub fn open(self: &Arc<Self>) -> Reservation {
        Reservation { budget: Arc::clone(self), bytes: 0 }
    }

    /// Holds `bytes` even beyond the limit: for what is already here and cannot be refused any more.
    #[must_use]
    pub fn force(self: &Arc<Self>, bytes: usize) -> Reservation {
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
    /// Holds `more` bytes in addition.
    ///
    /// # Errors
    ///
    /// `unavailable` when the budget has not that much left.
    pub fn grow(&mut self, more: usize) -> Result<(), Error> {
        let before = self.budget.used.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > self.budget.limit {
            self.budget.used.fetch_sub(more, Ordering::Relaxed);
            return Err(Error::unavailable("the server holds as many bytes for calls as it may, try again later"));
        }
        self.bytes += more;
        Ok(())
    }

    /// Splits off the share of `bytes`, or all there is when that is less.
    #[must_use]
    pub fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { budget: Arc::clone(&self.budget), bytes }
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
    hold: Reservation,
}

impl ReservedBytes {
    /// Ties `bytes` to `hold`.
    #[must_use]
    pub fn new(bytes: Bytes, hold: Reservation) -> Self {
        Self { bytes, hold }
    }

    /// Bytes that give their share back when the last reader, hyper's write buffer included, has let go of them. Small ones give it
    /// back now: to account for them would cost more than they do.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        if self.hold.bytes == 0 || self.bytes.len() <= SMALL_BYTES { self.bytes } else { Bytes::from_owner(self) }
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
