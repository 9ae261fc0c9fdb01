//! The options of a server, as JavaScript gives them.

use napi_derive::napi;

use super::connection_limits::NativeConnectionLimits;
use super::health::NativeHealthOptions;
use super::json::NativeJsonOptions;
use super::tls::NativeTlsOptions;
use crate::call::Limits;
use crate::rpc::STREAM_WINDOW_BYTES;
use crate::server::{ServerOptions, TlsError};

/// What each connection may hold whatever others hold: the window of a request stream, and 64 KiB for small calls.
const CONNECTION_OWN_BYTES: usize = STREAM_WINDOW_BYTES as usize + 64 * 1024;

/// Address, HTTP versions and limits of a server. All are given: JavaScript has the defaults.
#[napi(object, object_to_js = false, use_nullable = true)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a server, as JavaScript says them by name")]
pub struct NativeServerOptions {
    /// A host name or an IP address of this machine.
    pub host: String,
    /// The port; 0 lets the operating system choose.
    pub port: u16,
    /// Whether HTTP/1.1 is served.
    #[napi(js_name = "allowHTTP1")]
    pub allow_http1: bool,
    /// Whether HTTP/2 is served without TLS.
    #[napi(js_name = "allowH2C")]
    pub allow_h2c: bool,
    /// Whether other processes may listen on the same port.
    pub reuse_port: bool,
    /// Whether JavaScript serves plain HTTP requests, for paths that no method has.
    pub plain_http: bool,
    /// The most calls that may wait for a JavaScript thread; the next one fails with `unavailable`.
    pub max_queued_calls: u32,
    /// The most bytes that calls may hold; a call that would hold more fails with `unavailable`.
    pub max_buffered_bytes: f64,
    /// The most bytes that the calls of one connection may hold; a call that would hold more fails with
    /// `resource_exhausted`.
    pub max_connection_bytes: f64,
    /// The most streams that a client of HTTP/2 may have open at the same time on a connection.
    pub max_concurrent_streams: u32,
    /// The limits of connections.
    pub limits: NativeConnectionLimits,
    /// Threads that serve connections; 0 for the default.
    pub threads: u32,
    /// TLS; null for cleartext.
    pub tls: Option<NativeTlsOptions>,
    /// The JSON options of built-in services.
    pub json: NativeJsonOptions,
    /// Built-in health; null without it.
    pub health: Option<NativeHealthOptions>,
}

impl NativeServerOptions {
    /// The options of the sockets.
    ///
    /// # Errors
    ///
    /// If a certificate or key is invalid; the text says what is wrong.
    pub(in crate::js) fn into_server_options(self) -> std::result::Result<ServerOptions, TlsError> {
        let tls = self.tls.map(|tls| tls.into_tls(self.allow_http1)).transpose()?;
        Ok(ServerOptions {
            host: self.host,
            port: self.port,
            allow_http1: self.allow_http1,
            allow_h2c: self.allow_h2c,
            reuse_port: self.reuse_port,
            max_concurrent_streams: self.max_concurrent_streams,
            limits: self.limits.into_limits(),
            threads: self.threads as usize,
            tls,
        })
    }

    /// The limits of what calls may hold.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from a float saturates, which is what a limit should do"
    )]
    pub(in crate::js) fn limits(&self) -> Limits {
        Limits {
            total: self.max_buffered_bytes as usize,
            connection: self.max_connection_bytes as usize,
            own: CONNECTION_OWN_BYTES,
        }
    }
}
