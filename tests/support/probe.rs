//! Lets a test observe and control the handlers on the server's threads.

use std::sync::Arc;

use bytes::Bytes;
use connectum_native::call::{Budget, ConnectionBudget, ReservedBytes, Window};
use tokio::sync::{Semaphore, watch};

/// For connections whose streams are read at once.
pub const NO_WINDOW: Window = Window { stream_bytes: 0, full_streams: 0 };

/// Shared by a test and the handlers of its server.
pub struct Probe {
    /// The budget of the server.
    pub budget: Arc<Budget>,
    /// In which response messages are reserved.
    connection: Arc<ConnectionBudget>,
    /// Handlers that were called.
    pub begun: Counter,
    /// Handlers that have ended or were dropped.
    pub released: Counter,
    /// Messages pulled from response streams.
    pub pulled: Counter,
    /// Request messages read by handlers.
    pub read: Counter,
    /// Request streams whose clean end a handler saw.
    pub input_ended: Counter,
    /// The handlers of `GATED` wait for a permit of it.
    pub gate: Semaphore,
    /// The code of the last error by which a request stream ended.
    pub input_error: watch::Sender<Option<String>>,
}

impl Probe {
    pub fn new(budget: Arc<Budget>) -> Arc<Self> {
        Arc::new(Self {
            connection: budget.connection(NO_WINDOW),
            budget,
            begun: Counter::default(),
            released: Counter::default(),
            pulled: Counter::default(),
            read: Counter::default(),
            input_ended: Counter::default(),
            gate: Semaphore::new(0),
            input_error: watch::Sender::new(None),
        })
    }

    /// A response message, reserved in the budget as the product's own handlers do.
    pub fn reserved(&self, message: impl Into<Bytes>) -> ReservedBytes {
        ReservedBytes::unchecked(message, &self.connection)
    }

    /// Counts a handler as begun, and as released when the guard is dropped.
    pub fn guard(self: &Arc<Self>) -> Guard {
        self.begun.add();
        Guard(Arc::clone(self))
    }
}

/// Lives as long as a handler works.
pub struct Guard(Arc<Probe>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.released.add();
    }
}

/// A number that only grows, and that tests can wait for.
#[derive(Default)]
pub struct Counter(watch::Sender<usize>);

impl Counter {
    pub fn add(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    pub fn get(&self) -> usize {
        *self.0.borrow()
    }

    /// Its value once it has stopped growing.
    pub async fn settled(&self) -> usize {
        let mut receiver = self.0.subscribe();
        loop {
            let now = *receiver.borrow_and_update();
            // There is no event for nothing happening. On loopback, this long without a change means that it has
            // stopped.
            if tokio::time::timeout(std::time::Duration::from_millis(300), receiver.changed()).await.is_err() {
                return now;
            }
        }
    }

    /// Waits until it is at least `count`.
    pub async fn reaches(&self, count: usize) {
        let mut receiver = self.0.subscribe();
        receiver.wait_for(|now| *now >= count).await.expect("the counter lives");
    }
}
