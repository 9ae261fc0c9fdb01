//! The framing of the messages in a response, and its end.

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderMap;

use super::chunks::Chunks;
use super::envelope::{END_STREAM, join, prefix};
use super::{connect, grpc, grpc_web};
use crate::call::{Error, Metadata, ReservedBytes};

/// Messages up to this size are copied behind their prefix; larger ones are sent as they are, in a frame of their own.
const JOIN_BYTES: usize = 8 * 1024;

/// The framing of a call whose messages are in envelopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The response ends with an envelope of JSON.
    Connect,
    /// The response ends with HTTP trailers.
    Grpc,
    /// The response ends with an envelope of trailers.
    GrpcWeb {
        /// The whole body is base64.
        text: bool,
    },
}

/// The end of a framed response: trailers, status, and the error if there is one.
pub enum End {
    /// HTTP trailers.
    Trailers(HeaderMap),
    /// The last bytes of the body.
    Envelope(Bytes),
}

impl Framing {
    /// Whether bodies are base64.
    pub fn is_text(self) -> bool {
        self == Self::GrpcWeb { text: true }
    }

    /// Adds the envelope of a message to `chunks`. The message is compressed, or not, as `flags` say.
    pub fn push(self, flags: u8, message: ReservedBytes, chunks: &mut Chunks) {
        if self.is_text() {
            let text = grpc_web::encode_text(&join(flags, &message));
            chunks.push(message.replaced(text));
        } else if message.len() <= JOIN_BYTES {
            let envelope = join(flags, &message);
            chunks.push(message.replaced(envelope));
        } else {
            chunks.push_prefix(&prefix(flags, message.len()));
            chunks.push(message);
        }
    }

    /// Copies the envelope of a message into `buffer`, behind others.
    pub fn gather(self, flags: u8, message: &[u8], buffer: &mut BytesMut) {
        if self.is_text() {
            buffer.put_slice(&grpc_web::encode_text(&join(flags, message)));
        } else {
            buffer.put_slice(&prefix(flags, message.len()));
            buffer.put_slice(message);
        }
    }

    /// The end of a response.
    pub fn end(self, trailer: Metadata, error: Option<&Error>) -> End {
        match self {
            Self::Connect => End::Envelope(join(END_STREAM, connect::end_stream(&trailer, error).as_bytes())),
            Self::Grpc => End::Trailers(grpc::trailers(trailer, error)),
            Self::GrpcWeb { text } => {
                let envelope = grpc_web::trailers_envelope(trailer, error);
                End::Envelope(if text { grpc_web::encode_text(&envelope) } else { envelope })
            }
        }
    }
}
