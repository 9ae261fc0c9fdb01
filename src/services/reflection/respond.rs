//! One request and its response. <https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>

use prost::Message as _;

use super::messages::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse, MessageRequest,
    MessageResponse, ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
};
use crate::call::Code;
use crate::schema::{FileId, Schema};

/// Responds to `request` from `schema`.
///
/// `sent` marks the files that were sent on the stream before, see [`Schema::with_imports`]. A request that is invalid
/// or finds nothing gets a response with an error, and the stream continues.
pub fn respond(schema: &Schema, request: ServerReflectionRequest, sent: &mut [u8]) -> ServerReflectionResponse {
    let response = match &request.message_request {
        Some(MessageRequest::FileByFilename(name)) => {
            files(schema, schema.file_named(name), sent, || format!("File not found: {name}"))
        }
        Some(MessageRequest::FileContainingSymbol(symbol)) => {
            files(schema, schema.file_declaring(symbol), sent, || format!("Symbol not found: {symbol}"))
        }
        Some(MessageRequest::FileContainingExtension(extension)) => {
            let (extendee, number) = (&extension.containing_type, extension.extension_number);
            let file = schema.file_extending(extendee, number);
            files(schema, file, sent, || format!("Extension not found: {extendee} {number}"))
        }
        Some(MessageRequest::AllExtensionNumbersOfType(name)) => match schema.extension_numbers(name) {
            Some(extension_number) => MessageResponse::AllExtensionNumbersResponse(ExtensionNumberResponse {
                base_type_name: name.clone(),
                extension_number,
            }),
            None => error(Code::NotFound, format!("Type not found: {name}")),
        },
        Some(MessageRequest::ListServices(_)) => {
            let service = schema.services().iter().map(|name| ServiceResponse { name: name.clone() }).collect();
            MessageResponse::ListServicesResponse(ListServiceResponse { service })
        }
        None => error(
            Code::InvalidArgument,
            "the request asks nothing: set file_by_filename, file_containing_symbol, file_containing_extension, \
             all_extension_numbers_of_type or list_services",
        ),
    };
    ServerReflectionResponse {
        valid_host: request.host.clone(),
        original_request: Some(request),
        message_response: Some(response),
    }
}

/// The response to bytes that do not parse, with the reason.
pub fn refusal(reason: impl Into<String>) -> ServerReflectionResponse {
    let response = error(Code::InvalidArgument, reason);
    ServerReflectionResponse { message_response: Some(response), ..ServerReflectionResponse::default() }
}

/// Responds to one serialized `ServerReflectionRequest` from `schema`, as [`respond`] does.
///
/// Bytes that do not parse get a response with an error.
#[must_use]
pub fn respond_bytes(schema: &Schema, request: &[u8], sent: &mut [u8]) -> Vec<u8> {
    let response = match ServerReflectionRequest::decode(request) {
        Ok(request) => respond(schema, request, sent),
        Err(error) => refusal(format!("parse binary: {error}")),
    };
    response.encode_to_vec()
}

fn files(
    schema: &Schema,
    file: Option<FileId>,
    sent: &mut [u8],
    not_found: impl FnOnce() -> String,
) -> MessageResponse {
    match file {
        Some(file) => {
            let file_descriptor_proto = schema.with_imports(file, sent);
            MessageResponse::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto })
        }
        None => error(Code::NotFound, not_found()),
    }
}

fn error(code: Code, message: impl Into<String>) -> MessageResponse {
    MessageResponse::ErrorResponse(ErrorResponse { error_code: code as i32, error_message: message.into() })
}
