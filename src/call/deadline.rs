//! The instant by which a call has to be over.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::Either;

use super::error::{Code, Error};

/// The instant by which a call has to be over, if there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// The deadline `timeout` from now. A timeout beyond the clock's range means no deadline.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    /// The deadline of a call whose client asks for `timeout`, where its method allows `maximum`.
    ///
    /// # Errors
    ///
    /// `invalid_argument` when the client asks for more than is allowed, as in connect-es.
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

    /// The time left; zero once it has passed, `None` without a deadline.
    #[must_use]
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|at| at <= Instant::now())
    }

    /// A timer that completes at the deadline, if there is one.
    #[must_use]
    pub fn timer(self) -> Option<tokio::time::Sleep> {
        self.0.map(|at| tokio::time::sleep_until(at.into()))
    }

    /// The output of `work`. When the deadline comes first, `work` is dropped.
    ///
    /// # Errors
    ///
    /// `deadline_exceeded` when the deadline came first.
    pub fn bound<T>(self, work: impl Future<Output = T>) -> impl Future<Output = Result<T, Error>> {
        // Combinators: an async function would hold `work` twice, as its argument and as what it awaits.
        match self.0 {
            None => Either::Left(work.map(Ok)),
            Some(at) => {
                let in_time = tokio::time::timeout_at(at.into(), work);
                Either::Right(in_time.map(|result| result.map_err(|_| Error::deadline_exceeded())))
            }
        }
    }
}

/// For error texts: a whole number of milliseconds is written without decimals.
#[expect(
    clippy::cast_precision_loss,
    reason = "a float holds every number of nanoseconds up to a hundred days exactly"
)]
fn in_milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}
