//! The number of bytes that a server may hold for calls: over all connections, and for each of them.
//!
//! Every byte that waits — a head, a request being read, a message in a queue, a response being sent — is reserved
//! until it is gone. A reservation beyond a limit fails at once, so those who flood the server pay for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::error::{Code, Error};

/// The log says at most once in this time that a reservation was refused.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// As many bytes are worth giving back to the operating system.
const MUCH_BYTES: usize = 4 * 1024 * 1024;

/// The limits of a [`Budget`], in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// All connections together, without what each has of its own.
    pub total: usize,
    /// One connection, without the windows of its unread streams.
    pub connection: usize,
    /// What each connection has of its own: small calls are served even if others have used up all the rest.
    pub own: usize,
}

/// The limits of a server, and the bytes that are reserved over all connections.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    /// Signed: what one thread adds and another gives back may arrive in the other order.
    used: AtomicIsize,
    connections: AtomicU64,
    /// Bytes given back since somebody last looked.
    released: AtomicUsize,
    /// Notified when that is much.
    much_released: Notify,
    last_logged: Mutex<Option<Instant>>,
}

impl Budget {
    /// A budget of which nothing is used.
    #[must_use]
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            used: AtomicIsize::new(0),
            connections: AtomicU64::new(0),
            released: AtomicUsize::new(0),
            much_released: Notify::new(),
            last_logged: Mutex::default(),
        })
    }

    /// Bytes reserved now, without those that connections have of their own.
    #[must_use]
    pub fn used(&self) -> usize {
        usize::try_from(self.used.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// The part of a new connection, whose unread request streams may fill `window`.
    #[must_use]
    pub fn connection(self: &Arc<Self>, window: Window) -> Arc<ConnectionBudget> {
        Arc::new(ConnectionBudget {
            server: Arc::clone(self),
            id: self.connections.fetch_add(1, Ordering::Relaxed),
            used: AtomicUsize::new(0),
            window,
            unread_streams: AtomicUsize::new(0),
        })
    }

    /// The part of a connection's bytes that is not its own.
    fn shared(&self, used: usize) -> usize {
        used.saturating_sub(self.limits.own)
    }

    fn reserve(&self, bytes: usize) -> Result<(), Exhausted> {
        if bytes == 0 {
            return Ok(());
        }
        let before = self.used.fetch_add(signed(bytes), Ordering::Relaxed);
        if before.saturating_add(signed(bytes)) <= signed(self.limits.total) {
            return Ok(());
        }
        self.used.fetch_sub(signed(bytes), Ordering::Relaxed);
        Err(Exhausted::Server)
    }

    fn reserve_unchecked(&self, bytes: usize) {
        if bytes > 0 {
            self.used.fetch_add(signed(bytes), Ordering::Relaxed);
        }
    }

    fn release(&self, bytes: usize) {
        if bytes > 0 {
            self.used.fetch_sub(signed(bytes), Ordering::Relaxed);
            let before = self.released.fetch_add(bytes, Ordering::Relaxed);
            if before < MUCH_BYTES && before + bytes >= MUCH_BYTES {
                self.much_released.notify_one();
            }
        }
    }

    /// Waits until much was given back, and then nothing for as long as `quiet`. Small calls, which a connection's own
    /// bytes are enough for, do not count.
    pub async fn quiet_after_release(&self, quiet: Duration) {
        self.much_released.notified().await;
        loop {
            self.released.store(0, Ordering::Relaxed);
            tokio::time::sleep(quiet).await;
            if self.released.load(Ordering::Relaxed) == 0 {
                return;
            }
        }
    }

    /// The error for a call, with a text for the log unless the log has had one just now.
    fn refusal(&self, exhausted: Exhausted) -> Error {
        let Limits { total, connection, .. } = self.limits;
        let (error, text) = match exhausted {
            Exhausted::Server => (
                Error::unavailable("the server's memory for calls is used up, try again later"),
                format!("calls were refused: maxBufferedBytes ({total}) are in use"),
            ),
            Exhausted::Connection => (
                Error::new(Code::ResourceExhausted, "the calls of this connection hold too much memory"),
                format!("calls were refused: a connection holds its maxConnectionBytes ({connection})"),
            ),
        };
        let mut last = self.last_logged.lock();
        if last.is_some_and(|last| last.elapsed() < LOG_INTERVAL) {
            return error;
        }
        *last = Some(Instant::now());
        Error { log_text: Some(text.into()), ..error }
    }
}

/// The limit that a reservation would exceed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Exhausted {
    /// That of the connection.
    Connection,
    /// That of all connections.
    Server,
}

/// The number of bytes that the client of a connection may send before anybody reads: its flow control window.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Bytes of one stream.
    pub stream_bytes: usize,
    /// Streams that can be full at the same time.
    pub full_streams: usize,
}

/// The part of a [`Budget`] that one connection uses.
#[derive(Debug)]
pub struct ConnectionBudget {
    server: Arc<Budget>,
    id: u64,
    /// Bytes reserved, with the windows of unread streams.
    used: AtomicUsize,
    window: Window,
    unread_streams: AtomicUsize,
}

impl ConnectionBudget {
    /// The budget of a connection without limits.
    #[cfg(test)]
    pub(crate) fn unlimited() -> Arc<Self> {
        let limits = Limits { total: usize::MAX, connection: usize::MAX, own: 0 };
        Budget::new(limits).connection(Window { stream_bytes: 0, full_streams: 0 })
    }

    /// A number that no other connection of the server has.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Bytes reserved now, with the windows of unread streams.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Charges the window of one more request stream that nobody reads, until the result is dropped. The streams of a
    /// connection share its window, so together they are charged no more than that.
    ///
    /// # Errors
    ///
    /// `unavailable` when all connections together would hold too much.
    pub fn charge_window(self: &Arc<Self>) -> Result<UnreadStream, Error> {
        let before = self.unread_streams.fetch_add(1, Ordering::Relaxed);
        let charge = self.window_charge(before + 1) - self.window_charge(before);
        let used = self.used.fetch_add(charge, Ordering::Relaxed);
        let charged = UnreadStream(Arc::clone(self));
        self.share_growth(used, charge).map(|()| charged).map_err(|exhausted| self.refusal(exhausted))
    }

    /// [`Self::charge_window`] even beyond the limit, for a stream that is open already.
    #[must_use]
    pub fn charge_window_unchecked(self: &Arc<Self>) -> UnreadStream {
        let before = self.unread_streams.fetch_add(1, Ordering::Relaxed);
        self.grow_unchecked(self.window_charge(before + 1) - self.window_charge(before));
        UnreadStream(Arc::clone(self))
    }

    /// The charge for `streams` unread streams.
    fn window_charge(&self, streams: usize) -> usize {
        streams.min(self.window.full_streams) * self.window.stream_bytes
    }

    /// Adds `more` bytes to a reservation that has `held`.
    pub(super) fn grow(&self, held: usize, more: usize) -> Result<(), Exhausted> {
        let Limits { connection: limit, own, .. } = self.server.limits;
        // Nearly always: within its own bytes nothing else has to be looked at.
        let used = self.used.load(Ordering::Relaxed);
        if used.saturating_add(more) <= own
            && self.used.compare_exchange(used, used + more, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            return Ok(());
        }
        let windows = self.window_charge(self.unread_streams.load(Ordering::Relaxed));
        let grown = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            let without_windows = used.saturating_sub(windows);
            // A connection that holds nothing else may have one message, however large its limits allow it to be.
            let is_allowed = without_windows.saturating_add(more) <= limit || without_windows <= held + own;
            is_allowed.then(|| used.saturating_add(more))
        });
        let before = grown.map_err(|_| Exhausted::Connection)?;
        self.share_growth(before, more).inspect_err(|_| self.release(more))
    }

    /// The error for a call whose reservation was refused.
    pub(super) fn refusal(&self, exhausted: Exhausted) -> Error {
        self.server.refusal(exhausted)
    }

    /// Reserves in the server what `more` bytes behind `before` ones take beyond the connection's own. After an error
    /// it counts as reserved all the same, so that giving back `more` evens out, whatever other threads do meanwhile.
    fn share_growth(&self, before: usize, more: usize) -> Result<(), Exhausted> {
        let growth = self.server.shared(before + more) - self.server.shared(before);
        self.server.reserve(growth).inspect_err(|_| self.server.reserve_unchecked(growth))
    }

    /// [`Self::grow`] beyond the limits.
    pub(super) fn grow_unchecked(&self, more: usize) {
        let before = self.used.fetch_add(more, Ordering::Relaxed);
        self.server.reserve_unchecked(self.server.shared(before + more) - self.server.shared(before));
    }

    /// Gives back `bytes` of a reservation.
    pub(super) fn release(&self, bytes: usize) {
        let before = self.used.fetch_sub(bytes, Ordering::Relaxed);
        self.server.release(self.server.shared(before) - self.server.shared(before - bytes));
    }
}

/// A request stream that nobody reads, charged until dropped.
#[derive(Debug)]
pub struct UnreadStream(Arc<ConnectionBudget>);

impl Drop for UnreadStream {
    fn drop(&mut self) {
        let before = self.0.unread_streams.fetch_sub(1, Ordering::Relaxed);
        self.0.release(self.0.window_charge(before) - self.0.window_charge(before - 1));
    }
}

/// Sizes beyond half of the address space cannot occur; limits may.
fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).unwrap_or(isize::MAX)
}
