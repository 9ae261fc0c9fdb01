//! Messages to bytes and back, in both of protobuf's formats, for services whose schema is compiled in.
//!
//! The binary format is prost's. JSON goes through prost-reflect's dynamic messages and a pool of those services' own files,
//! after <https://protobuf.dev/programming-guides/json/>.

use bytes::Bytes;
use prost::Message;
use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions};

use crate::call::{Codec, Error};

/// How JSON is read and written, by the names of protobuf-es.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the options of protobuf-es, one by one")]
pub struct JsonOptions {
    /// Whether fields and enum values that the schema has not are passed over. Default: true, as Connect has it.
    pub ignore_unknown_fields: bool,
    /// Whether fields without presence are written when they have their default. Default: false.
    pub always_emit_implicit: bool,
    /// Whether enum values are written as numbers. Default: false.
    pub enum_as_integer: bool,
    /// Whether fields are written by the name in the file instead of lowerCamelCase. Default: false.
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

/// Reads and writes the messages of a fixed set of files.
#[derive(Debug)]
pub struct MessageCodec {
    pool: DescriptorPool,
    reading: DeserializeOptions,
    writing: SerializeOptions,
}

impl MessageCodec {
    /// A codec for the messages in `file_descriptor_set`: a serialized `google.protobuf.FileDescriptorSet` with all imports.
    ///
    /// # Panics
    ///
    /// When it is none: the sets are compiled in, so that is a fault of this crate.
    #[must_use]
    pub fn new(file_descriptor_set: &[u8], json: JsonOptions) -> Self {
        let pool = DescriptorPool::decode(file_descriptor_set).expect("the set that is compiled in is whole");
        let reading = DeserializeOptions::new().deny_unknown_fields(!json.ignore_unknown_fields);
        let writing = SerializeOptions::new()
            .skip_default_fields(!json.always_emit_implicit)
            .use_enum_numbers(json.enum_as_integer)
            .use_proto_field_name(json.use_proto_field_name);
        Self { pool, reading, writing }
    }

    /// The message `name` that `bytes` are in `codec`.
    ///
    /// # Errors
    ///
    /// `invalid_argument`, with what is wrong, when they are none; `internal` when no file has such a message.
    pub fn read<M: Message + Default>(&self, codec: Codec, name: &str, bytes: &[u8]) -> Result<M, Error> {
        match codec {
            Codec::Proto => M::decode(bytes).map_err(|error| Error::invalid_argument(format!("parse binary: {error}"))),
            Codec::Json => self.read_json(name, bytes),
        }
    }

    /// A message `name` as `codec` has it.
    ///
    /// # Errors
    ///
    /// `internal` when no file has such a message, or the one that the files have is another.
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
        self.pool.get_message_by_name(name).ok_or_else(|| mismatch(name, &"no file has it"))
    }
}

/// The schema and the types of this crate do not fit each other: told to the log, as no client can do anything about it.
fn mismatch(name: &str, reason: &dyn std::fmt::Display) -> Error {
    tracing::error!(name, %reason, "a message does not fit the schema that is compiled in");
    Error::internal()
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
    fn what_is_written_is_read_again() {
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
    fn json_is_written_as_the_options_say() {
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
    fn unknown_fields_are_passed_over_unless_forbidden() {
        let bytes = br#"{"some_text":"a","kind":"KIND_NEW","new":{"deep":[1]}}"#;
        let read = codec(JsonOptions::default()).read::<Sample>(Codec::Json, NAME, bytes);
        assert_eq!(read.expect("a message"), Sample { some_text: "a".into(), ..Sample::default() });
        let strict = codec(JsonOptions { ignore_unknown_fields: false, ..JsonOptions::default() });
        let error = strict.read::<Sample>(Codec::Json, NAME, br#"{"new":1}"#).expect_err("is refused");
        assert_eq!(error.code, Code::InvalidArgument);
        assert!(error.message.contains("unrecognized field name 'new'"), "{}", error.message);
    }

    #[test]
    fn what_is_no_message_is_the_callers_fault() {
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
            let error = codec.read::<Sample>(format, NAME, bytes).expect_err("is no message");
            assert_eq!(error.code, Code::InvalidArgument, "{bytes:?}");
            assert!(error.message.contains(expected), "{bytes:?}: {}", error.message);
        }
    }

    #[test]
    fn a_message_that_no_file_has_is_a_fault_of_ours() {
        let codec = codec(JsonOptions::default());
        assert_eq!(codec.read::<Sample>(Codec::Json, "test.v1.No", b"{}").expect_err("fails").code, Code::Internal);
        assert_eq!(codec.write(Codec::Json, "test.v1.No", &sample()).expect_err("fails").code, Code::Internal);
    }
}
