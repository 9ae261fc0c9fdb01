//! The limits of connections: how long they may take, how long they live, how many there may be.

use std::time::Duration;

use crate::call::Window;
use crate::rpc::STREAM_WINDOW_BYTES;

/// The least read and write buffer of an HTTP/1.1 connection. It bounds what is taken from a response stream whose
/// client does not read.
const HTTP1_BUFFER_BYTES: usize = 64 * 1024;

/// Limits of connections. `None` is no limit.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// The time to show the HTTP version by the first bytes, and for a PROXY header before that.
    pub detection: Duration,
    /// The time for the head of each HTTP/1.1 request; a connection without a request is kept as long.
    pub headers: Duration,
    /// The longest that a client which has begun a message may send nothing.
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
    /// The bytes of a head: of an HTTP/1.1 request, and of the header fields of one of HTTP/2, as RFC 9113 section
    /// 6.5.2 counts them.
    pub max_header_bytes: u32,
    /// The header fields of an HTTP/1.1 request.
    pub max_header_fields: usize,
    /// HTTP/2's flow control window of a request stream, in bytes.
    pub stream_window_bytes: u32,
    /// And of a connection. h2 also derives from it what unread small frames may cost (half of it, 256 bytes for each)
    /// before it ends the connection: some 35,000 unread messages of a few bytes by default.
    pub connection_window_bytes: u32,
    /// The largest frame that a client of HTTP/2 may send.
    pub max_frame_bytes: u32,
    /// The memory for the compression of a client's header fields over HTTP/2.
    pub header_table_bytes: u32,
    /// Connections at the same time.
    pub max_connections: Option<usize>,
    /// Connections of one IP address at the same time.
    pub max_connections_per_address: Option<usize>,
}

impl ConnectionLimits {
    /// The read and write buffer of an HTTP/1.1 connection, which has room for a head.
    #[must_use]
    pub fn http1_buffer_bytes(&self) -> usize {
        HTTP1_BUFFER_BYTES.max(self.max_header_bytes as usize)
    }

    /// What a client of HTTP/1.1 may send before anybody reads.
    #[must_use]
    pub fn http1_window(&self) -> Window {
        Window { stream_bytes: self.http1_buffer_bytes(), full_streams: 1 }
    }

    /// What a client of HTTP/2 may send before anybody reads.
    #[must_use]
    pub fn http2_window(&self) -> Window {
        let stream = self.stream_window_bytes.min(self.connection_window_bytes);
        Window { stream_bytes: stream as usize, full_streams: self.connection_window_bytes.div_ceil(stream) as usize }
    }

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
            max_header_bytes: 64 * 1024,
            max_header_fields: 100,
            stream_window_bytes: STREAM_WINDOW_BYTES,
            // 63 streams of a connection may be stalled while others are served.
            connection_window_bytes: 64 * STREAM_WINDOW_BYTES,
            max_frame_bytes: 16 * 1024,
            header_table_bytes: 4 * 1024,
            max_connections: None,
            max_connections_per_address: None,
        }
    }
}
