//! The messages of `grpc.health.v1`: <https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto>.

use std::collections::BTreeMap;

use super::status::Status;

/// Asks for the status of one service.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HealthCheckRequest {
    /// Its full name; empty for the whole server.
    #[prost(string, tag = "1")]
    pub service: String,
}

/// The status of one service.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct HealthCheckResponse {
    /// A number of [`Status`].
    #[prost(int32, tag = "1")]
    pub status: i32,
}

impl From<Status> for HealthCheckResponse {
    fn from(status: Status) -> Self {
        Self { status: status.number() }
    }
}

/// Asks for the status of every service.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct HealthListRequest {}

/// The status of every service, by name.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HealthListResponse {
    /// Sorted by name.
    #[prost(btree_map = "string, message", tag = "1")]
    pub statuses: BTreeMap<String, HealthCheckResponse>,
}
