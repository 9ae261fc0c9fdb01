//! What the connections of one listener speak.

use std::net::IpAddr;
use std::sync::Arc;

use super::listen_address::ListenAddress;
use super::networks::Networks;
use super::options::ListenerOptions;
use super::reloadable_tls::ReloadableTls;

/// The address of a listener, and the protocols of its connections.
#[derive(Debug)]
pub struct Transport {
    /// Where it listens.
    pub address: ListenAddress,
    /// TLS, unless it is cleartext.
    pub tls: Option<Arc<ReloadableTls>>,
    /// Whether HTTP/1.1 is served.
    pub allow_http1: bool,
    /// Whether HTTP/2 is served.
    pub allow_http2: bool,
    /// The clients that begin with a PROXY header; `None` if nobody does.
    proxies: Option<Networks>,
}

impl Transport {
    /// Of a listener with these options.
    pub fn new(options: &ListenerOptions, address: ListenAddress) -> Self {
        Self {
            address,
            tls: options.tls.clone().map(ReloadableTls::new),
            allow_http1: options.allow_http1,
            // The option is about HTTP/2 in the clear; over TLS it is always served.
            allow_http2: options.allow_h2c || options.tls.is_some(),
            proxies: options.proxy_protocol.clone(),
        }
    }

    /// Whether a client with this address, or one of a Unix socket, must begin with a PROXY header.
    pub fn begins_with_proxy_header(&self, client: Option<IpAddr>) -> bool {
        self.proxies.as_ref().is_some_and(|proxies| proxies.contains(client))
    }
}
