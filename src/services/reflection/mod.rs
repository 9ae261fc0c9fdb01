//! gRPC Server Reflection, versions `v1` and `v1alpha`: tells clients without `.proto` files what is served.
//!
//! [`ReflectionService`] answers streams of its own; [`answer_bytes`] one question, for those who hold a stream elsewhere.
//! Both tell of a [`Schema`](crate::schema::Schema).

mod answer;
pub mod messages;
mod service;

pub use answer::answer_bytes;
pub use service::ReflectionService;

/// The files of both versions, as a `google.protobuf.FileDescriptorSet`.
pub const FILES: &[u8] = include_bytes!("reflection.binpb");

/// The paths of `ServerReflectionInfo`, the only method there is, in both versions.
pub const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
