//! The two ends of a connection.

use std::net::SocketAddr;

/// Where a request came in, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Whether by TLS.
    pub secure: bool,
    /// The address of the listener.
    pub local: SocketAddr,
    /// The address of the client, or of the proxy before it.
    pub remote: SocketAddr,
}
