//! The limits of connections, as JavaScript gives them.

use std::time::Duration;

use napi_derive::napi;

use crate::server::ConnectionLimits;

/// The limits of connections. Times are in milliseconds; 0 is no limit, but for the first three times.
#[napi(object, object_to_js = false)]
pub struct NativeConnectionLimits {
    /// The time to show the HTTP version by the first bytes, and for a PROXY header before that.
    pub detection_timeout: u32,
    /// The time for the head of an HTTP/1.1 request.
    pub headers_timeout: u32,
    /// The time for the response to a PING of HTTP/2.
    pub ping_timeout: u32,
    /// The time between two of them.
    pub ping_interval: u32,
    /// The longest that a client which has begun a message may send nothing.
    pub request_timeout: u32,
    /// The longest that bytes may wait for a client that neither reads nor sends any.
    pub response_timeout: u32,
    /// The age at which clients are asked to leave.
    pub max_connection_age: u32,
    /// The time for calls that are in flight then.
    pub max_connection_age_grace: u32,
    /// The time without a call after which clients are asked to leave.
    pub max_connection_idle: u32,
    /// The number of requests after which clients are asked to leave.
    pub max_connection_requests: u32,
    /// The bytes of a head.
    pub max_header_bytes: u32,
    /// The header fields of an HTTP/1.1 request.
    pub max_header_fields: u32,
    /// HTTP/2's flow control window of a request stream, in bytes.
    pub stream_window_bytes: u32,
    /// And of a connection.
    pub connection_window_bytes: u32,
    /// The largest frame that a client of HTTP/2 may send.
    pub max_frame_bytes: u32,
    /// The memory for the compression of a client's header fields over HTTP/2.
    pub header_table_bytes: u32,
    /// Connections at the same time.
    pub max_connections: u32,
    /// Connections of one IP address at the same time.
    pub max_connections_per_address: u32,
}

impl NativeConnectionLimits {
    pub(super) fn into_limits(self) -> ConnectionLimits {
        let time = |ms: u32| Duration::from_millis(ms.into());
        let limit = |ms: u32| (ms > 0).then(|| time(ms));
        let count = |count: u32| (count > 0).then_some(count as usize);
        ConnectionLimits {
            detection: time(self.detection_timeout),
            headers: time(self.headers_timeout),
            request: limit(self.request_timeout),
            response: limit(self.response_timeout),
            ping_interval: limit(self.ping_interval),
            ping_timeout: time(self.ping_timeout),
            max_age: limit(self.max_connection_age),
            max_age_grace: limit(self.max_connection_age_grace),
            max_idle: limit(self.max_connection_idle),
            max_requests: count(self.max_connection_requests),
            max_header_bytes: self.max_header_bytes,
            max_header_fields: self.max_header_fields as usize,
            stream_window_bytes: self.stream_window_bytes,
            connection_window_bytes: self.connection_window_bytes,
            max_frame_bytes: self.max_frame_bytes,
            header_table_bytes: self.header_table_bytes,
            max_connections: count(self.max_connections),
            max_connections_per_address: count(self.max_connections_per_address),
        }
    }
}
