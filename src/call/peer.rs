//! Who is at the other end of a connection.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The facts about a connection, the same for all its requests.
#[derive(Debug)]
pub struct Peer {
    /// The number of the connection, which its server never uses again.
    pub connection: u64,
    /// The address of the listener; `None` for a Unix socket.
    pub listener: Option<SocketAddr>,
    /// Both ends, as a PROXY header tells them; without one those of the socket.
    pub ends: Ends,
    /// The ends of the socket, if a PROXY header tells others.
    pub proxy: Option<Ends>,
    /// TLS; `None` in the clear.
    pub tls: Option<PeerTls>,
}

/// Both ends of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Two addresses.
    Tcp {
        /// That of the client.
        remote: SocketAddr,
        /// That which the client has connected to.
        local: SocketAddr,
    },
    /// A Unix socket, whose clients have no address.
    Unix {
        /// The path of the listener.
        path: PathBuf,
        /// The client's process as it connected, where the operating system tells.
        credentials: Option<Credentials>,
    },
}

/// A process, as the kernel knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Its id, where the operating system tells.
    pub pid: Option<i32>,
    /// Its effective user.
    pub uid: u32,
    /// Its effective group.
    pub gid: u32,
}

/// What a TLS handshake has negotiated.
#[derive(Clone, Debug)]
pub struct PeerTls {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// The cipher suite by its name at IANA.
    pub cipher: String,
    /// The protocol of ALPN.
    pub alpn: Option<String>,
    /// The host name that the client has asked for by SNI.
    pub server_name: Option<String>,
    /// The client's certificate in DER, if it was verified.
    pub certificate: Option<Vec<u8>>,
}

impl Peer {
    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// The address of the client; `None` for a Unix socket.
    #[must_use]
    pub fn remote(&self) -> Option<SocketAddr> {
        self.ends.remote()
    }

    /// The listener as the host of a URL: its address and port, or `localhost` for a Unix socket.
    #[must_use]
    pub fn host(&self) -> String {
        self.listener.map_or_else(|| "localhost".to_owned(), |local| local.to_string())
    }

    /// A client of this machine, in the clear.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of_test() -> Self {
        let local = ([127, 0, 0, 1], 80).into();
        let ends = Ends::Tcp { remote: ([127, 0, 0, 1], 50_000).into(), local };
        Self { connection: 1, listener: Some(local), ends, proxy: None, tls: None }
    }
}

impl Ends {
    /// The address of the client; `None` for a Unix socket.
    #[must_use]
    pub fn remote(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp { remote, .. } => Some(*remote),
            Self::Unix { .. } => None,
        }
    }
}
