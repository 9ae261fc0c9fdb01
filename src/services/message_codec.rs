//! Parses and serializes the messages of built-in services, in both of protobuf's formats.
//!
//! The binary format is prost's. JSON goes through prost-reflect's dynamic messages and a pool of the services' own
//! files, by <https://protobuf.dev/programming-guides/json/>.

use bytes::Bytes;
use prost::Message;
use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions};

use crate::call::{Codec, Error};

/// Options of JSON, by the names of protobuf-es.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the options of protobuf-es, one by one")]
pub struct JsonOptions {
    /// Whether unknown fields and enum values are ignored. Default: true, as in connect-es.
    pub ignore_unknown_fields: bool,
    /// Whether fields without presence are written even if they have their default value. Default: false.
    pub always_emit_implicit: bool,
    /// Whether enum values are written as numbers. Default: false.
    pub enum_as_integer: bool,
    /// Whether fields have the names of the `.proto` file instead of lowerCamelCase. Default: false.
    pub use_proto_field_name: bool,
}

impl Default for JsonOptions {
    fn default() -> Self {
        Self {
            ignore_unknown_fields: true,
            always_emit_implicit: false,
            enum_as_integer: false,
            use_proto_field_name: false,
        }
    }
}

/// Parses and serializes the messages of a fixed set of files.
#[derive(Debug)]
pub struct MessageCodec {
    pool: DescriptorPool,
    reading: DeserializeOptions,
    writing: SerializeOptions,
}

impl MessageCodec {
    /// A codec for the messages in `file_descriptor_set`: a serialized `google.protobuf.FileDescriptorSet` with all
    /// imports.
    ///
    /// # Panics
    ///
    /// If the bytes are no valid `FileDescriptorSet`. They are compiled in: it would be a bug here.
    #[must_use]
    pub fn new(file_descriptor_set: &[u8], json: JsonOptions) -> Self {
        let pool = DescriptorPool::decode(file_descriptor_set).expect("the compiled set is valid");
        let reading = DeserializeOptions::new().deny_unknown_fields(!json.ignore_unknown_fields);
        let writing = SerializeOptions::new()
            .skip_default_fields(!json.always_emit_implicit)
            .use_enum_numbers(json.enum_as_integer)
            .use_proto_field_name(json.use_proto_field_name);
        Self { pool, reading, writing }
    }

    /// Parses `bytes`, in `codec`, as the message `name`.
    ///
    /// # Errors
    ///
    /// `invalid_argument` with the reason when they are no such message, `internal` when no file declares it.
    pub fn read<M: Message + Default>(&self, codec: Codec, name: &str, bytes: &[u8]) -> Result<M, Error> {
        match codec {
            Codec::Proto => M::decode(bytes).map_err(|error| Error::invalid_argument(format!("parse binary: {error}"))),
            Codec::Json => self.read_json(name, bytes),
        }
    }

    /// Serializes a message `name` in `codec`.
    ///
    /// # Errors
    ///
    /// `internal` when no file declares such a message, or declares it otherwise.
    pub fn write<M: Message>(&self, codec: Codec, name: &str, message: &M) -> Result<Bytes, Error> {
        match codec {
            Codec::Proto => Ok(message.encode_to_vec().into()),
            Codec::Json => self.write_json(name, message),
        }
    }

    fn read_json<M: Message + Default>(&self, name: &str, bytes: &[u8]) -> Result<M, Error> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(Error::invalid_argument("the JSON message is not valid UTF-8"));
        };
        let invalid = |error| Error::invalid_argument(format!("cannot decode message {name} from JSON: {error}"));
        let mut source = serde_json::Deserializer::from_str(text);
        let message = DynamicMessage::deserialize_with_options(self.descriptor(name)?, &mut source, &self.reading)
            .map_err(invalid)?;
        source.end().map_err(invalid)?;
        message.transcode_to().map_err(|error| mismatch(name, &error))
    }

    fn write_json<M: Message>(&self, name: &str, message: &M) -> Result<Bytes, Error> {
        let mut dynamic = DynamicMessage::new(self.descriptor(name)?);
        dynamic.transcode_from(message).map_err(|error| mismatch(name, &error))?;
        let mut target = serde_json::Serializer::new(Vec::new());
        dynamic.serialize_with_options(&mut target, &self.writing).map_err(|error| mismatch(name, &error))?;
        Ok(target.into_inner().into())
    }

    fn descriptor(&self, name: &str) -> Result<MessageDescriptor, Error> {
        self.pool.get_message_by_name(name).ok_or_else(|| mismatch(name, &"no file declares it"))
    }
}

/// The error for a type of this crate that does not match the compiled schema.
fn mismatch(name: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("{name} does not match the schema that is compiled in: {reason}"))
}

#[cfg(test)]
mod tests {
    use prost_types::field_descriptor_proto::{Label, Type};
    use prost_types::{
        DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
        FileDescriptorSet,
    };

    use super::*;
    use crate::call::Code;

    const NAME: &str = "test.v1.Sample";

    #[derive(Clone, PartialEq, prost::Message)]
    struct Sample {
        #[prost(string, tag = "1")]
        some_text: String,
        #[prost(int32, tag = "2")]
        kind: i32,
        #[prost(bytes = "bytes", repeated, tag = "3")]
        parts: Vec<Bytes>,
    }

    fn codec(json: JsonOptions) -> MessageCodec {
        let field = |name: &str, number, label: Label, kind: Type| FieldDescriptorProto {
            name: Some(name.into()),
            number: Some(number),
            label: Some(label.into()),
            r#type: Some(kind.into()),
            type_name: (kind == Type::Enum).then(|| ".test.v1.Kind".into()),
            ..Default::default()
        };
        let value = |name: &str, number| EnumValueDescriptorProto {
            name: Some(name.into()),
            number: Some(number),
            ..Default::default()
        };
        let file = FileDescriptorProto {
            name: Some("sample.proto".into()),
            package: Some("test.v1".into()),
            syntax: Some("proto3".into()),
            message_type: vec![DescriptorProto {
                name: Some("Sample".into()),
                field: vec![
                    field("some_text", 1, Label::Optional, Type::String),
                    field("kind", 2, Label::Optional, Type::Enum),
                    field("parts", 3, Label::Repeated, Type::Bytes),
                ],
                ..Default::default()
            }],
            enum_type: vec![EnumDescriptorProto {
                name: Some("Kind".into()),
                value: vec![value("KIND_NONE", 0), value("KIND_ONE", 1)],
                ..Default::default()
            }],
            ..Default::default()
        };
        MessageCodec::new(&FileDescriptorSet { file: vec![file] }.encode_to_vec(), json)
    }

    fn sample() -> Sample {
        Sample { some_text: "\u{e9}".into(), kind: 1, parts: vec![Bytes::from_static(b"\x00\xff")] }
    }

    #[test]
    fn a_serialized_message_parses_to_the_same_message() {
        let codec = codec(JsonOptions::default());
        for (format, expected) in [
            (Codec::Proto, b"\x0a\x02\xc3\xa9\x10\x01\x1a\x02\x00\xff".as_slice()),
            (Codec::Json, "{\"someText\":\"\u{e9}\",\"kind\":\"KIND_ONE\",\"parts\":[\"AP8=\"]}".as_bytes()),
        ] {
            let bytes = codec.write(format, NAME, &sample()).expect("bytes");
            assert_eq!(bytes, expected, "{format:?}");
            assert_eq!(codec.read::<Sample>(format, NAME, &bytes).expect("a message"), sample(), "{format:?}");
        }
    }

    #[test]
    fn json_options_change_how_messages_are_serialized() {
        let standard = JsonOptions::default();
        let cases = [
            (standard, Sample::default(), "{}"),
            (
                JsonOptions { always_emit_implicit: true, ..standard },
                Sample::default(),
                r#"{"someText":"","kind":"KIND_NONE","parts":[]}"#,
            ),
            (
                JsonOptions { enum_as_integer: true, use_proto_field_name: true, ..standard },
                Sample { some_text: "a".into(), kind: 1, parts: vec![] },
                r#"{"some_text":"a","kind":1}"#,
            ),
            (standard, Sample { kind: 7, ..Sample::default() }, r#"{"kind":7}"#),
        ];
        for (options, message, expected) in cases {
            let bytes = codec(options).write(Codec::Json, NAME, &message).expect("JSON");
            assert_eq!(std::str::from_utf8(&bytes), Ok(expected), "{options:?}");
        }
    }

    #[test]
    fn unknown_fields_are_ignored_unless_the_options_say_otherwise() {
        let bytes = br#"{"some_text":"a","kind":"KIND_NEW","new":{"deep":[1]}}"#;
        let read = codec(JsonOptions::default()).read::<Sample>(Codec::Json, NAME, bytes);
        assert_eq!(read.expect("a message"), Sample { some_text: "a".into(), ..Sample::default() });
        let strict = codec(JsonOptions { ignore_unknown_fields: false, ..JsonOptions::default() });
        let error = strict.read::<Sample>(Codec::Json, NAME, br#"{"new":1}"#).expect_err("is rejected");
        assert_eq!(error.code, Code::InvalidArgument);
        assert!(error.message.contains("unrecognized field name 'new'"), "{}", error.message);
    }

    #[test]
    fn bytes_that_do_not_parse_are_an_invalid_argument() {
        let codec = codec(JsonOptions::default());
        let cases: [(Codec, &[u8], &str); 7] = [
            (Codec::Proto, b"\x0a\x05a", "parse binary: "),
            (Codec::Proto, b"\x0a\x01\xff", "UTF-8"),
            (Codec::Json, b"", "cannot decode message test.v1.Sample from JSON: "),
            (Codec::Json, b"{\"someText\":\"\xff\"}", "not valid UTF-8"),
            (Codec::Json, b"{\"someText\":1}", "invalid type: integer `1`"),
            (Codec::Json, b"{} {}", "trailing characters"),
            (Codec::Json, b"[]", "invalid type: sequence"),
        ];
        for (format, bytes, expected) in cases {
            let error = codec.read::<Sample>(format, NAME, bytes).expect_err("does not parse");
            assert_eq!(error.code, Code::InvalidArgument, "{bytes:?}");
            assert!(error.message.contains(expected), "{bytes:?}: {}", error.message);
        }
    }

    #[test]
    fn an_undeclared_message_is_an_internal_error() {
        let codec = codec(JsonOptions::default());
        assert_eq!(codec.read::<Sample>(Codec::Json, "test.v1.No", b"{}").expect_err("fails").code, Code::Internal);
        assert_eq!(codec.write(Codec::Json, "test.v1.No", &sample()).expect_err("fails").code, Code::Internal);
    }
}
