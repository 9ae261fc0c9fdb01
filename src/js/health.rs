//! Health as JavaScript sets it up.

use std::time::Duration;

use napi_derive::napi;

use crate::services::JsonOptions;
use crate::services::health::{EventLoopLimits, Status};

/// Where health is answered over plain HTTP, and how late the event loop may be.
#[napi(object, object_to_js = false)]
pub struct NativeHealthOptions {
    /// Paths for plain HTTP, matched exactly; `/livez`, `/readyz` and `/startupz` have meanings of their own.
    pub http_paths: Vec<String>,
    /// The server is not ready when its event loop is late by as much, in milliseconds.
    pub event_loop_timeout: f64,
    /// The process is not alive when its event loop is late by as much, in milliseconds.
    pub liveness_timeout: f64,
}

impl NativeHealthOptions {
    /// [`Self::http_paths`].
    pub fn http_paths(&self) -> Vec<String> {
        self.http_paths.clone()
    }

    /// How long the event loop may be silent.
    pub fn patience(&self) -> EventLoopLimits {
        let duration = |ms: f64| Duration::try_from_secs_f64(ms / 1e3).unwrap_or(Duration::MAX);
        EventLoopLimits { ready: duration(self.event_loop_timeout), live: duration(self.liveness_timeout) }
    }
}

/// Options of protobuf-es for JSON, by their names there.
#[napi(object, object_to_js = false)]
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "the options of protobuf-es, one by one")]
pub struct NativeJsonOptions {
    /// Whether fields and enum values that the schema has not are passed over.
    pub ignore_unknown_fields: bool,
    /// Whether fields without presence are written when they have their default.
    pub always_emit_implicit: bool,
    /// Whether enum values are written as numbers.
    pub enum_as_integer: bool,
    /// Whether fields are written by the name in the file instead of lowerCamelCase.
    pub use_proto_field_name: bool,
}

impl From<NativeJsonOptions> for JsonOptions {
    fn from(options: NativeJsonOptions) -> Self {
        let NativeJsonOptions { ignore_unknown_fields, always_emit_implicit, enum_as_integer, use_proto_field_name } =
            options;
        Self { ignore_unknown_fields, always_emit_implicit, enum_as_integer, use_proto_field_name }
    }
}

/// The status of a number; `None`, for any below zero, is an entry that is gone.
pub fn status(number: i32) -> Option<Status> {
    (number >= 0).then(|| Status::from_number(number))
}
