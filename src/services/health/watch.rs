//! `Watch`: the changes of one service's status, for one client.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::Health;
use super::status::Status;
use super::topic::{Place, Topic};

/// A client's view of a status; it watches until it is dropped.
#[derive(Debug)]
pub struct Watch {
    health: Arc<Health>,
    topic: Arc<Topic>,
    place: Place,
}

impl Watch {
    pub(super) fn new(health: Arc<Health>, topic: Arc<Topic>) -> Self {
        let place = topic.join();
        Self { health, topic, place }
    }

    /// The next status; `None` when the server is draining.
    pub fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Status>> {
        self.topic.poll_next(&mut self.place, cx)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.health.forget(&self.topic, &self.place);
    }
}
