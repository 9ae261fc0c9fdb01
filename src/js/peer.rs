//! Who is at the other end of a connection, as JavaScript gets it.

use napi::Env;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::call::{Ends, Peer, PeerTls};
use crate::server::{Networks, TrustedProxies};

/// The facts about the connection of a call.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct NativePeer<'env> {
    /// Both ends, as a PROXY header tells them; without one those of the socket.
    pub ends: NativeEnds,
    /// The ends of the socket, if a PROXY header tells others.
    pub proxy: Option<NativeEnds>,
    /// TLS; null in the clear.
    pub tls: Option<NativePeerTls<'env>>,
    /// Whether it is a proxy whose word about its client counts: `NativeCalls.clientOf` reads it.
    pub is_trusted_proxy: bool,
}

/// Both ends of a connection: two addresses, or a Unix socket.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct NativeEnds {
    /// The path of a Unix socket; null for two addresses.
    pub path: Option<String>,
    /// The process id of the client of a Unix socket; null where the operating system does not tell.
    pub pid: Option<i32>,
    /// Its user.
    pub uid: Option<u32>,
    /// Its group.
    pub gid: Option<u32>,
    /// The IP address of the client; empty for a Unix socket.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The IP address that the client has connected to; empty for a Unix socket.
    pub local_address: String,
    /// Its port.
    pub local_port: u16,
}

/// What a TLS handshake has negotiated.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct NativePeerTls<'env> {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: String,
    /// The cipher suite by its name at IANA.
    pub cipher: String,
    /// The protocol of ALPN.
    pub alpn: Option<String>,
    /// The host name of SNI.
    pub server_name: Option<String>,
    /// The client's certificate in DER, if it was verified.
    pub certificate: Option<Uint8ArraySlice<'env>>,
}

/// Whether options of proxies may have this name: an address, a network in CIDR notation (RFC 4632), or `unix`.
#[napi(catch_unwind)]
pub fn is_network(name: String) -> bool {
    Networks::parse(&[name]).is_ok()
}

impl<'env> NativePeer<'env> {
    /// The same facts for JavaScript.
    pub(super) fn new(env: &'env Env, peer: &Peer, proxies: &TrustedProxies) -> Result<Self> {
        Ok(Self {
            ends: (&peer.ends).into(),
            proxy: peer.proxy.as_ref().map(NativeEnds::from),
            tls: peer.tls.as_ref().map(|tls| NativePeerTls::new(env, tls)).transpose()?,
            is_trusted_proxy: proxies.trusts(peer.remote().map(|remote| remote.ip())),
        })
    }
}

impl From<&Ends> for NativeEnds {
    fn from(ends: &Ends) -> Self {
        match ends {
            Ends::Tcp { remote, local } => Self {
                path: None,
                pid: None,
                uid: None,
                gid: None,
                // An IPv4 address is one, also where the listener is IPv6's.
                address: remote.ip().to_canonical().to_string(),
                port: remote.port(),
                local_address: local.ip().to_canonical().to_string(),
                local_port: local.port(),
            },
            Ends::Unix { path, credentials } => Self {
                path: Some(path.display().to_string()),
                pid: credentials.and_then(|credentials| credentials.pid),
                uid: credentials.map(|credentials| credentials.uid),
                gid: credentials.map(|credentials| credentials.gid),
                address: String::new(),
                port: 0,
                local_address: String::new(),
                local_port: 0,
            },
        }
    }
}

impl<'env> NativePeerTls<'env> {
    fn new(env: &'env Env, tls: &PeerTls) -> Result<Self> {
        let copied = |der: &Vec<u8>| Uint8ArraySlice::copy_from(env, der);
        Ok(Self {
            version: tls.version.to_owned(),
            cipher: tls.cipher.clone(),
            alpn: tls.alpn.clone(),
            server_name: tls.server_name.clone(),
            certificate: tls.certificate.as_ref().map(copied).transpose()?,
        })
    }
}
