//! The instant by which a call must have been answered.

use std::future::Future;
use std::time::{Duration, Instant};

use super::{Code, Error};

/// When a call must be over, if it must.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// The deadline `timeout` from now. A timeout too long for the clock is none at all.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    /// The deadline of a call that asked for `timeout` of a method that allows `maximum`.
    ///
    /// # Errors
    ///
    /// `invalid_argument` when the caller asks for more than is allowed, as connect has it.
    pub fn negotiate(timeout: Option<Duration>, maximum: Option<Duration>) -> Result<Self, Error> {
        match (timeout, maximum) {
            (None, _) => Ok(Self::none()),
            (Some(asked), Some(allowed)) if asked > allowed => Err(Error::new(
                Code::InvalidArgument,
                format!("timeout {}ms must be <= {}", in_milliseconds(asked), allowed.as_millis()),
            )),
            (Some(asked), _) => Ok(Self::after(asked)),
        }
    }

    /// What is left; zero once it has passed, `None` without a deadline.
    #[must_use]
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|at| at <= Instant::now())
    }

    /// A timer that ends with the deadline, if there is one.
    #[must_use]
    pub fn timer(self) -> Option<tokio::time::Sleep> {
        self.0.map(|at| tokio::time::sleep_until(at.into()))
    }

    /// The output of `work`, or `deadline_exceeded` when the deadline comes first. The work is dropped then.
    ///
    /// # Errors
    ///
    /// `deadline_exceeded`.
    pub async fn bound<T>(self, work: impl Future<Output = T>) -> Result<T, Error> {
        match self.0 {
            None => Ok(work.await),
            Some(at) => tokio::time::timeout_at(at.into(), work).await.map_err(|_| Error::deadline_exceeded()),
        }
    }
}

/// For people: whole where it is whole.
#[allow(clippy::cast_precision_loss, reason = "a float holds every number of nanoseconds up to a hundred days exactly")]
fn in_milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}
