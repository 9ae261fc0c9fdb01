//! The messages of `packages/reflection/proto`: those of `grpc.reflection.v1`, which are those of `v1alpha` too, field for
//! field.

use bytes::Bytes;

/// A question.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ServerReflectionRequest {
    /// The host that is asked about.
    #[prost(string, tag = "1")]
    pub host: String,
    /// What is asked.
    #[prost(oneof = "MessageRequest", tags = "3, 4, 5, 6, 7")]
    pub message_request: Option<MessageRequest>,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Hash, prost::Oneof)]
pub enum MessageRequest {
    /// The file of this name.
    #[prost(string, tag = "3")]
    FileByFilename(String),
    /// The file that declares this symbol.
    #[prost(string, tag = "4")]
    FileContainingSymbol(String),
    /// The file that declares this extension.
    #[prost(message, tag = "5")]
    FileContainingExtension(ExtensionRequest),
    /// The numbers of all extensions of this message.
    #[prost(string, tag = "6")]
    AllExtensionNumbersOfType(String),
    /// The names of all services, whatever the text.
    #[prost(string, tag = "7")]
    ListServices(String),
}

/// An extension.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ExtensionRequest {
    /// The message that it extends.
    #[prost(string, tag = "1")]
    pub containing_type: String,
    /// Its number.
    #[prost(int32, tag = "2")]
    pub extension_number: i32,
}

/// The answer to a question.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ServerReflectionResponse {
    /// The host of the request.
    #[prost(string, tag = "1")]
    pub valid_host: String,
    /// The request.
    #[prost(message, optional, tag = "2")]
    pub original_request: Option<ServerReflectionRequest>,
    /// What is answered.
    #[prost(oneof = "MessageResponse", tags = "4, 5, 6, 7")]
    pub message_response: Option<MessageResponse>,
}

/// What is answered.
#[derive(Clone, PartialEq, Eq, Hash, prost::Oneof)]
pub enum MessageResponse {
    /// Files.
    #[prost(message, tag = "4")]
    FileDescriptorResponse(FileDescriptorResponse),
    /// Numbers of extensions.
    #[prost(message, tag = "5")]
    AllExtensionNumbersResponse(ExtensionNumberResponse),
    /// Services.
    #[prost(message, tag = "6")]
    ListServicesResponse(ListServiceResponse),
    /// Why there is no answer.
    #[prost(message, tag = "7")]
    ErrorResponse(ErrorResponse),
}

/// Files.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct FileDescriptorResponse {
    /// Serialized `google.protobuf.FileDescriptorProto`s.
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub file_descriptor_proto: Vec<Bytes>,
}

/// Numbers of extensions.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ExtensionNumberResponse {
    /// The message that they extend.
    #[prost(string, tag = "1")]
    pub base_type_name: String,
    /// The numbers.
    #[prost(int32, repeated, tag = "2")]
    pub extension_number: Vec<i32>,
}

/// Services.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ListServiceResponse {
    /// Each of them.
    #[prost(message, repeated, tag = "1")]
    pub service: Vec<ServiceResponse>,
}

/// A service.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ServiceResponse {
    /// Its full name.
    #[prost(string, tag = "1")]
    pub name: String,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ErrorResponse {
    /// A status code of gRPC.
    #[prost(int32, tag = "1")]
    pub error_code: i32,
    /// What went wrong.
    #[prost(string, tag = "2")]
    pub error_message: String,
}
