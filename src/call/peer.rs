//! The two ends of a connection.

use std::net::SocketAddr;

/// The addresses of a connection, and whether it is encrypted.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Whether the connection uses TLS.
    pub secure: bool,
    /// The address of the listener.
    pub local: SocketAddr,
    /// The address of the client, or of the proxy in front of it.
    pub remote: SocketAddr,
}
