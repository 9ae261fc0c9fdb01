//! The limits of connections: how long they may take, how long they live, how many there may be.

use std::time::Duration;

/// Limits of connections. `None` is no limit.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// The time to show the HTTP version by the first bytes.
    pub detection: Duration,
    /// The time for the head of each HTTP/1.1 request; a connection without a request is kept as long.
    pub headers: Duration,
    /// The longest silence of a client that has begun a message.
    pub request: Option<Duration>,
    /// The longest that bytes may wait for a client that neither reads nor sends any.
    pub response: Option<Duration>,
    /// The time between two PING frames of HTTP/2.
    pub ping_interval: Option<Duration>,
    /// The time for the response to one.
    pub ping_timeout: Duration,
    /// The age at which clients are asked to leave, 10 % more or less.
    pub max_age: Option<Duration>,
    /// The time for calls that are in flight then.
    pub max_age_grace: Option<Duration>,
    /// The time without a call after which clients are asked to leave.
    pub max_idle: Option<Duration>,
    /// The number of requests after which clients are asked to leave.
    pub max_requests: Option<usize>,
    /// Connections at the same time.
    pub max_connections: Option<usize>,
    /// Connections of one IP address at the same time.
    pub max_connections_per_address: Option<usize>,
}

impl ConnectionLimits {
    /// The longest that bytes may wait for a client of HTTP/2 that does nothing: it would answer a PING.
    #[must_use]
    pub fn response_http2(&self) -> Option<Duration> {
        let by_pings = self.ping_interval.map(|interval| interval + self.ping_timeout);
        [self.response, by_pings].into_iter().flatten().min()
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            detection: Duration::from_secs(30),
            headers: Duration::from_secs(60),
            request: Some(Duration::from_secs(300)),
            response: Some(Duration::from_secs(300)),
            ping_interval: None,
            ping_timeout: Duration::from_secs(20),
            max_age: None,
            max_age_grace: None,
            max_idle: None,
            max_requests: None,
            max_connections: None,
            max_connections_per_address: None,
        }
    }
}
