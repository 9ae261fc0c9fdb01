//! The options of one listener, as JavaScript gives them.

use napi_derive::napi;

use super::tls::NativeTlsOptions;
use crate::server::{Endpoint, ListenerOptions, TlsError};

/// One listener of a server: where it listens, and what it speaks there. All are given: JavaScript has the defaults.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeListener {
    /// The option that `fd` comes from, for errors.
    pub name: String,
    /// The path of a Unix socket; null for another listener.
    pub path: Option<String>,
    /// The descriptor of a socket that listens already, which the server takes; null for another listener.
    pub fd: Option<i32>,
    /// A host name or an IP address of this machine, if neither `path` nor `fd` is given.
    pub host: String,
    /// The port; 0 lets the operating system choose.
    pub port: u16,
    /// Whether other processes may listen on the same port.
    pub reuse_port: bool,
    /// Whether HTTP/1.1 is served.
    #[napi(js_name = "allowHTTP1")]
    pub allow_http1: bool,
    /// Whether HTTP/2 is served without TLS.
    #[napi(js_name = "allowH2C")]
    pub allow_h2c: bool,
    /// TLS; null for cleartext.
    pub tls: Option<NativeTlsOptions>,
}

impl NativeListener {
    /// The options of the socket.
    ///
    /// # Errors
    ///
    /// If a certificate or key is invalid; the text says what is wrong.
    pub(super) fn into_listener(self) -> Result<ListenerOptions, TlsError> {
        let endpoint = match (self.path, self.fd) {
            (Some(path), _) => Endpoint::Unix { path: path.into() },
            (None, Some(fd)) => Endpoint::Inherited { fd, name: self.name },
            (None, None) => Endpoint::Tcp { host: self.host, port: self.port, reuse_port: self.reuse_port },
        };
        let tls = self.tls.map(|tls| tls.into_tls(self.allow_http1)).transpose()?;
        Ok(ListenerOptions { endpoint, allow_http1: self.allow_http1, allow_h2c: self.allow_h2c, tls })
    }
}
