//! gRPC Server Reflection, versions `v1` and `v1alpha`: the schema of a server, for clients without its `.proto` files.
//!
//! [`ReflectionService`] serves whole streams; [`respond_bytes`] responds to one request, for JavaScript, which has the
//! stream. Both look files up in a [`Schema`](crate::schema::Schema).

pub mod messages;
mod respond;
pub(super) mod responder;
mod service;

pub use respond::respond_bytes;
pub use service::ReflectionService;

/// The largest request message: a question has a host and a name.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// The files of both versions, as a `google.protobuf.FileDescriptorSet`.
pub const FILES: &[u8] = include_bytes!("reflection.binpb");

/// The paths of the only method, `ServerReflectionInfo`, in both versions.
pub const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
