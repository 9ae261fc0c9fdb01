//! The options of JSON for built-in services, as JavaScript gives them.

use napi_derive::napi;

use crate::services::JsonOptions;

/// JSON options of protobuf-es, under the names that they have there.
#[napi(object, object_to_js = false)]
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "the options of protobuf-es, one by one")]
pub struct NativeJsonOptions {
    /// Whether fields and enum values that are not in the schema are ignored.
    pub ignore_unknown_fields: bool,
    /// Whether fields with implicit presence are written when they have their default value.
    pub always_emit_implicit: bool,
    /// Whether enum values are written as numbers.
    pub enum_as_integer: bool,
    /// Whether fields have their name in the .proto file instead of lowerCamelCase.
    pub use_proto_field_name: bool,
}

impl From<NativeJsonOptions> for JsonOptions {
    fn from(options: NativeJsonOptions) -> Self {
        let NativeJsonOptions { ignore_unknown_fields, always_emit_implicit, enum_as_integer, use_proto_field_name } =
            options;
        Self { ignore_unknown_fields, always_emit_implicit, enum_as_integer, use_proto_field_name }
    }
}
