//! gRPC-Web: envelopes, the last of which carries the trailers. The body is binary, or base64 text.

mod end;
mod text;

pub use end::trailers_envelope;
pub use text::{TextDecoder, encode_text};
