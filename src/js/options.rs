//! The options of a server as JavaScript gives them.

use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::health::{NativeHealthOptions, NativeJsonOptions};
use super::tls::NativeTlsOptions;
use crate::server::ServerOptions;

/// Address, HTTP versions and bounds of a server. Defaults are JavaScript's.
#[napi(object, object_to_js = false)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a server, as JavaScript says them by name")]
pub struct NativeServerOptions {
    /// A name or an address of this machine.
    pub host: String,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// Whether HTTP/1.1 is served.
    pub allow_http1: bool,
    /// Whether HTTP/2 in the clear is served.
    #[napi(js_name = "allowH2C")]
    pub allow_h2c: bool,
    /// Whether other processes may listen on the same port.
    pub reuse_port: bool,
    /// Whether JavaScript answers requests that are no RPCs.
    pub other_requests: bool,
    /// Calls that may wait for JavaScript; the next one is `unavailable`.
    pub max_queued_calls: u32,
    /// Bytes that may be held for calls; what would be more is `unavailable`.
    pub max_buffered_bytes: f64,
    /// Threads that serve connections; 0 for the default.
    pub threads: u32,
    /// TLS; null for the clear.
    pub tls: Option<NativeTlsOptions>,
    /// How the services that Rust answers read and write JSON.
    pub json: NativeJsonOptions,
    /// Health, when Rust answers for it; null without it.
    pub health: Option<NativeHealthOptions>,
}

impl NativeServerOptions {
    /// The part that is about sockets.
    ///
    /// # Errors
    ///
    /// What is wrong with a certificate or key.
    pub fn into_server_options(self) -> Result<ServerOptions> {
        let tls = self
            .tls
            .map(|tls| tls.into_tls(self.allow_http1))
            .transpose()
            .map_err(|error| Error::new(Status::GenericFailure, error.to_string()))?;
        Ok(ServerOptions {
            host: self.host,
            port: self.port,
            allow_http1: self.allow_http1,
            allow_h2c: self.allow_h2c,
            reuse_port: self.reuse_port,
            threads: self.threads as usize,
            tls,
        })
    }

    /// [`Self::max_buffered_bytes`] as a size.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from a float saturates, which is what a limit should do"
    )]
    pub fn max_buffered_bytes(&self) -> usize {
        self.max_buffered_bytes as usize
    }
}
