//! The schema that reflection tells of, as JavaScript makes it and asks it.
#![expect(clippy::needless_pass_by_value, reason = "what napi makes of arguments is owned, used up or not")]

use std::sync::Arc;

use bytes::Bytes;
use napi::Env;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::crossing::borrowed;
use crate::schema::Schema;
use crate::services::reflection::answer_bytes;

/// The files of a server, indexed, and the names of its services.
#[napi]
pub struct NativeSchema {
    /// For the server that answers from it.
    pub(super) schema: Arc<Schema>,
}

#[napi]
impl NativeSchema {
    /// Indexes `files`, serialized `google.protobuf.FileDescriptorProto`s with all that they import. `services` are the names
    /// to list.
    ///
    /// Throws when one is no file, or imports what is not there.
    #[napi(constructor, catch_unwind)]
    pub fn new(files: Vec<Uint8Array>, services: Vec<String>) -> Result<Self> {
        let files = files.iter().map(|file| Bytes::copy_from_slice(file)).collect();
        let schema = Schema::new(files, services).map_err(|error| Error::new(Status::InvalidArg, error.to_string()))?;
        Ok(Self { schema: Arc::new(schema) })
    }

    /// How many files there are.
    #[napi(getter, catch_unwind)]
    pub fn file_count(&self) -> u32 {
        u32::try_from(self.schema.file_count()).unwrap_or(u32::MAX)
    }

    /// Answers a serialized `grpc.reflection.v1.ServerReflectionRequest` with such a response.
    ///
    /// `sent` is a byte for each file, of the caller's: not 0 for files that were sent on the stream before. It is told of
    /// those that are in the answer.
    #[napi(catch_unwind)]
    pub fn answer<'env>(
        &self,
        env: &'env Env,
        request: Uint8ArraySlice<'_>,
        mut sent: Uint8ArraySlice<'_>,
    ) -> Result<Uint8ArraySlice<'env>> {
        let (given, needed) = (sent.len(), self.schema.file_count());
        if given != needed {
            let reason = format!("sent has {given} bytes, and must have {needed}: one for each file");
            return Err(Error::new(Status::InvalidArg, reason));
        }
        Uint8ArraySlice::copy_from(env, answer_bytes(&self.schema, &request, borrowed::bytes(&mut sent)))
    }
}
