//! The error that ends a call, as JavaScript gives it.

use bytes::Bytes;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::call::{Code, Detail, Error, Metadata};

/// The failure of a call.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeFailure {
    /// The status code, 1 to 16; any other number counts as 2 (`unknown`).
    pub code: u32,
    /// The message for the client.
    pub message: String,
    /// Flat triples: type name, serialized value, JSON text for `debug` or null.
    pub details: Vec<Either3<String, Uint8Array, Null>>,
    /// Metadata of the error: trailers in gRPC, headers of a Connect unary response. Null for none, here and below.
    pub metadata: Option<Vec<String>>,
    /// Response headers set so far.
    pub header: Option<Vec<String>>,
    /// Response trailers set so far.
    pub trailer: Option<Vec<String>>,
}

impl NativeFailure {
    /// The error, headers and trailers; `metadata` makes fields of the lists.
    pub(in crate::js) fn into_parts(
        self,
        metadata: &dyn Fn(Vec<String>) -> Metadata,
    ) -> (Error, Option<Metadata>, Metadata) {
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
