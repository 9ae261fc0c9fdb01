//! The options of a server as JavaScript gives them.

use napi_derive::napi;

use crate::server::ServerOptions;

/// Address, HTTP versions and bounds of a server. Defaults are JavaScript's.
#[napi(object, object_to_js = false)]
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
    /// Calls that may wait for JavaScript; the next one is `unavailable`.
    pub max_queued_calls: u32,
    /// Bytes that may be held for calls; what would be more is `unavailable`.
    pub max_buffered_bytes: f64,
    /// Threads that serve connections; 0 for the default.
    pub threads: u32,
}

impl NativeServerOptions {
    /// The part that is about sockets.
    pub fn server_options(&self) -> ServerOptions {
        ServerOptions {
            host: self.host.clone(),
            port: self.port,
            allow_http1: self.allow_http1,
            allow_h2c: self.allow_h2c,
            reuse_port: self.reuse_port,
            threads: self.threads as usize,
        }
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
