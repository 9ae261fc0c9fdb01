//! What it takes to respond on one stream, on whichever thread.

use std::sync::Arc;

use prost::Message as _;

use super::PATHS;
use super::respond::{refusal, respond};
use crate::call::{Codec, ConnectionBudget, Error, ReservedBytes};
use crate::schema::Schema;
use crate::services::MessageCodec;

/// Larger requests take long: their text is parsed, and copied into the response.
pub const SHORT_REQUEST_BYTES: usize = 4 * 1024;
/// So does a response that may be larger. In JSON a byte of a file costs many times as much.
pub const SHORT_PROTO_BYTES: usize = 256 * 1024;
pub const SHORT_JSON_BYTES: usize = 32 * 1024;

/// The full names of the messages in one version.
pub struct Names {
    request: &'static str,
    response: &'static str,
}

impl Names {
    /// The names in the version of the method at `path`.
    pub fn of(path: &str) -> Self {
        if path == PATHS[1] {
            Self {
                request: "grpc.reflection.v1alpha.ServerReflectionRequest",
                response: "grpc.reflection.v1alpha.ServerReflectionResponse",
            }
        } else {
            Self {
                request: "grpc.reflection.v1.ServerReflectionRequest",
                response: "grpc.reflection.v1.ServerReflectionResponse",
            }
        }
    }
}

/// Responds to the requests of one stream.
pub struct Responder {
    pub schema: Arc<Schema>,
    pub messages: Arc<MessageCodec>,
    pub names: Names,
    pub codec: Codec,
    pub budget: Arc<ConnectionBudget>,
}

impl Responder {
    /// Whether [`Self::respond`] may take long.
    pub fn takes_long(&self, request: &[u8]) -> bool {
        let short = match self.codec {
            Codec::Proto => SHORT_PROTO_BYTES,
            Codec::Json => SHORT_JSON_BYTES,
        };
        request.len() > SHORT_REQUEST_BYTES || self.schema.size() > short
    }

    /// Responds to a serialized request. `sent` marks the files that were sent on the stream.
    pub fn respond(&self, request: &[u8], sent: &mut [u8]) -> Result<ReservedBytes, Error> {
        let response = match self.messages.read(self.codec, self.names.request, request) {
            Ok(request) => respond(&self.schema, request, sent),
            Err(error) => {
                error.log();
                refusal(error.message)
            }
        };
        // Before the bytes are there, as far as their number is known.
        let expected = response.encoded_len();
        let mut reservation = self.budget.reserve(expected)?;
        let bytes = self.messages.write(self.codec, self.names.response, &response)?;
        reservation.grow(bytes.len().saturating_sub(expected))?;
        Ok(ReservedBytes::new(bytes, reservation))
    }
}
