//! The options of one listener, as JavaScript gives them.

use napi_derive::napi;

use super::tls::NativeTlsOptions;
use crate::server::{Endpoint, ListenerOptions, Networks, TlsError};

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
    /// The clients that begin with a PROXY header; null for none.
    pub proxy_protocol: Option<NativeProxyProtocol>,
}

/// Which clients begin with a PROXY header.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeProxyProtocol {
    /// Addresses, networks in CIDR notation, `unix`; null for all.
    pub networks: Option<Vec<String>>,
}

impl NativeListener {
    /// The clients that begin with a PROXY header.
    ///
    /// # Errors
    ///
    /// A network that is none; the text says what is wrong.
    pub(super) fn proxies(&self) -> Result<Option<Networks>, String> {
        let Some(NativeProxyProtocol { networks }) = &self.proxy_protocol else {
            return Ok(None);
        };
        let networks = networks.as_ref().map_or_else(|| Ok(Networks::all()), |names| Networks::parse(names));
        networks.map(Some).map_err(|name| format!("proxyProtocol: {name:?} is no network"))
    }

    /// The options of the socket, without [`Self::proxies`].
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
        Ok(ListenerOptions {
            endpoint,
            allow_http1: self.allow_http1,
            allow_h2c: self.allow_h2c,
            tls,
            proxy_protocol: None,
        })
    }
}
