//! The error of a call as JavaScript gives it.

use bytes::Bytes;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::metadata::metadata;
use crate::rpc::{Code, Detail, Error, Metadata};

/// How a call failed.
#[napi(object, object_to_js = false)]
pub struct NativeFailure {
    /// The status code, 1 to 16; any other number is `unknown`.
    pub code: u32,
    /// What the client is told.
    pub message: String,
    /// Flat triples: type name, serialized value, JSON text for `debug` or null.
    pub details: Vec<Either3<String, Uint8Array, Null>>,
    /// Metadata of the error: trailers in gRPC, headers of a Connect unary response.
    pub metadata: Option<Vec<String>>,
    /// Response headers set so far.
    pub header: Option<Vec<String>>,
    /// Response trailers set so far.
    pub trailer: Option<Vec<String>>,
}

impl NativeFailure {
    /// The error, headers and trailers.
    pub fn into_parts(self) -> (Error, Option<Metadata>, Metadata) {
        let mut error = Error::new(Code::from_number(self.code), self.message);
        let mut items = self.details.into_iter();
        while let (Some(Either3::A(type_name)), Some(Either3::B(value)), Some(debug)) =
            (items.next(), items.next(), items.next())
        {
            let debug = if let Either3::A(text) = debug { Some(text) } else { None };
            error.details.push(Detail { type_name, value: Bytes::copy_from_slice(&value), debug });
        }
        error.metadata = self.metadata.map(metadata).unwrap_or_default();
        (error, self.header.map(metadata), self.trailer.map(metadata).unwrap_or_default())
    }
}
