//! Connect: unary calls as plain HTTP, streams as envelopes that end in JSON.

mod end;
mod error_json;
mod get;
mod timeout;
mod version;

pub use end::{end_stream, trailers_as_headers};
pub use error_json::{error_response, http_status};
pub use get::Query;
pub use timeout::parse_timeout;
pub use version::{PROTOCOL_VERSION, has_version, require_version};
