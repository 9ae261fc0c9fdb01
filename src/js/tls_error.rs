//! A fault of the TLS configuration as JavaScript sees it: an `Error` with a `code`.

use napi::Env;
use napi::bindgen_prelude::*;

use crate::server::TlsError;

/// An `Error` with the text and the `code` of the fault.
pub fn tls_error(env: &Env, failure: &TlsError) -> Error {
    build(env, failure).unwrap_or_else(|error| error)
}

fn build(env: &Env, failure: &TlsError) -> Result<Error> {
    let mut error = env.create_error(Error::new(Status::GenericFailure, failure.to_string()))?;
    error.set("code", failure.fault.code())?;
    Ok(Error::from(error.to_unknown()))
}
