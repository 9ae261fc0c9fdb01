//! gRPC-Web: envelopes, the last of which carries the trailers; in binary or as base64 text.

mod end;
mod text;

pub use end::trailers_envelope;
pub use text::{TextDecoder, encode_text};
