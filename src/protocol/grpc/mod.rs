//! gRPC: envelopes, and the status in HTTP trailers.

mod end;
mod timeout;

pub use end::{GRPC_MESSAGE, GRPC_STATUS, GRPC_STATUS_DETAILS, trailers};
pub use timeout::parse_timeout;
