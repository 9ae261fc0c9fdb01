//! A connection of hyper's, from its first request to its end: it is served, its client is asked to leave, its calls
//! are aborted, or its client is given up.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::lifecycle::{ABORT_TIME, Lifecycle, Phase, listed};
use super::lifetime::{Leave, after, jittered, stalled, time_to_leave};
use super::limits::ConnectionLimits;
use super::socket::SocketHandle;
use crate::call::Activity;

/// A draining connection without a call stays open this long, so that its client notices; HTTP/2 acknowledges a PING
/// first.
const IDLE_AFTER_DRAIN: Duration = Duration::from_millis(500);

/// What one connection is served with.
pub struct ServedConnection<'a> {
    /// The limits of all connections.
    pub limits: &'a ConnectionLimits,
    /// Where the server is.
    pub lifecycle: &'a Lifecycle,
    /// What is in flight on the connection.
    pub activity: &'a Activity,
    /// Its socket.
    pub socket: &'a SocketHandle,
}

/// The times that depend on the HTTP version.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From the reason to leave until hyper shuts the connection down. Responses meanwhile say that it closes.
    pub before_leaving: Duration,
    /// A client that takes nothing for so long is given up; `None` is no limit.
    pub response: Option<Duration>,
}

/// How a connection has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is over for hyper, or has nothing in flight.
    Done,
    /// A response stopped before its end.
    BrokenBody,
    /// Its client was too slow for a time limit of hyper's.
    TimedOut,
}

impl ServedConnection<'_> {
    /// Runs a connection to its end. `graceful_shutdown` is hyper's.
    pub async fn run<C: Future<Output = hyper::Result<()>>>(
        &self,
        mut connection: Pin<&mut C>,
        graceful_shutdown: impl FnOnce(Pin<&mut C>),
        timing: Timing,
    ) -> End {
        let age = self.limits.max_age.map(jittered);
        let serving = async {
            let reason = tokio::select! {
                biased;
                ended = connection.as_mut() => return end_of(ended),
                reason = self.leaving(age, timing.before_leaving) => reason,
            };
            tracing::debug!(?reason, "a client is asked to leave");
            graceful_shutdown(connection.as_mut());
            tokio::select! {
                biased;
                ended = connection => end_of(ended),
                () = self.idle_after_drain() => End::Done,
                () = self.aborted_by_server() => End::Done,
            }
        };
        tokio::select! {
            biased;
            end = serving => end,
            () = self.aborted_by_age(age) => End::Done,
            () = stalled(self.socket, self.activity, timing.response) => {
                self.socket.give_up();
                let limit = timing.response.unwrap_or_default().as_millis();
                tracing::warn!("a connection was closed, as its client took nothing for {limit} ms");
                End::Done
            }
        }
    }

    /// Ends `wait` after there is a reason for the client to leave.
    async fn leaving(&self, age: Option<Duration>, wait: Duration) -> Leave {
        let reason = tokio::select! {
            () = self.lifecycle.until(Phase::Draining) => Leave::Draining,
            reason = time_to_leave(self.limits, age, self.activity) => reason,
        };
        self.activity.leave();
        self.lifecycle.wait_unless_aborting(wait).await;
        reason
    }

    /// Ends when a draining connection has had no call, and nothing to write, for long enough.
    async fn idle_after_drain(&self) {
        loop {
            self.activity.idle().await;
            tokio::time::sleep(IDLE_AFTER_DRAIN).await;
            if self.activity.is_idle() && !self.socket.is_full() {
                return;
            }
        }
    }

    /// Ends when the server has waited long enough, and the calls have been aborted.
    async fn aborted_by_server(&self) {
        self.lifecycle.until(Phase::Aborting).await;
        self.lifecycle.add_aborted(self.activity.abort("the server is shutting down"));
        self.write_aborted().await;
    }

    /// Ends when the calls of a connection of this age have had their time, and have been aborted.
    async fn aborted_by_age(&self, age: Option<Duration>) {
        after(age.zip(self.limits.max_age_grace).map(|(age, grace)| age + grace)).await;
        let left = self.activity.abort("the connection has reached maxConnectionAge");
        if !left.is_empty() {
            tracing::warn!("calls were aborted, as maxConnectionAgeGrace has passed: {}", listed(&left));
        }
        self.write_aborted().await;
    }

    /// Ends when the clients of aborted calls have had time to take their responses.
    async fn write_aborted(&self) {
        if !self.activity.is_idle() || self.socket.is_full() {
            // hyper ends the connection when all is written, unless its client is too slow.
            tokio::time::sleep(ABORT_TIME).await;
        }
    }
}

/// Logs an error with which hyper ends a connection.
fn end_of(ended: hyper::Result<()>) -> End {
    match ended {
        Err(error) => {
            tracing::debug!(%error, "a connection ended");
            match error {
                error if error.is_timeout() => End::TimedOut,
                error if error.is_user() => End::BrokenBody,
                _ => End::Done,
            }
        }
        Ok(()) => End::Done,
    }
}
