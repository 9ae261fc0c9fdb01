//! The two ends of a connection.

use std::net::SocketAddr;

/// The addresses of a connection, and whether it is encrypted. A Unix socket has no addresses.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Whether the connection uses TLS.
    pub secure: bool,
    /// The address of the listener.
    pub local: Option<SocketAddr>,
    /// The address of the client, or of the proxy in front of it.
    pub remote: Option<SocketAddr>,
}

impl Peer {
    /// The listener as the host of a URL: its address and port, or `localhost` for a Unix socket.
    #[must_use]
    pub fn host(&self) -> String {
        self.local.map_or_else(|| "localhost".to_owned(), |local| local.to_string())
    }
}
