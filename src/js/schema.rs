//! The schema of reflection, as JavaScript makes and uses it.
#![expect(clippy::needless_pass_by_value, reason = "napi passes owned arguments, consumed or not")]

use std::sync::Arc;

use bytes::Bytes;
use napi::Env;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::crossing::borrowed;
use crate::schema::Schema;
use crate::services::reflection::respond_bytes;

/// The files of a server, indexed, and the names of its services.
#[napi]
pub struct NativeSchema {
    /// For the server whose built-in reflection serves it.
    pub(super) schema: Arc<Schema>,
}

#[napi]
impl NativeSchema {
    /// Indexes `files`, serialized `google.protobuf.FileDescriptorProto`s with all that they import. `services` are the
    /// names to list.
    ///
    /// Throws for bytes that are not a file, and for an import that is missing.
    #[napi(constructor, catch_unwind)]
    pub fn new(files: Vec<Uint8Array>, services: Vec<String>) -> Result<Self> {
        let files = files.iter().map(|file| Bytes::copy_from_slice(file)).collect();
        let schema = Schema::new(files, services).map_err(|error| Error::new(Status::InvalidArg, error.to_string()))?;
        Ok(Self { schema: Arc::new(schema) })
    }

    /// The number of files.
    #[napi(getter, catch_unwind)]
    pub fn file_count(&self) -> u32 {
        u32::try_from(self.schema.file_count()).unwrap_or(u32::MAX)
    }

    /// Takes a serialized `grpc.reflection.v1.ServerReflectionRequest`, and returns the serialized response.
    ///
    /// `sent` has a byte for each file: 0 until the file was sent on the stream. Those in the response are marked.
    #[napi(catch_unwind)]
    pub fn respond<'env>(
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
        // Both may be the same memory, of which one half is read while the other is written.
        let request = request.to_vec();
        Uint8ArraySlice::copy_from(env, respond_bytes(&self.schema, &request, borrowed::bytes(&mut sent)))
    }
}
