//! A connection that was accepted, and is not served yet.

use std::io;
use std::net::{SocketAddr, TcpStream as StdTcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream as StdUnixStream;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::listen_address::ListenAddress;
use super::stream::Stream;
#[cfg(unix)]
use crate::call::Credentials;
use crate::call::Ends;

/// The kernel asks a client that has sent nothing for so long whether it is still there, again after each interval. As
/// often as it does by itself, on Linux nine times, before it gives the client up.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(10));

/// A connection, which any event loop may serve.
#[derive(Debug)]
pub enum Accepted {
    /// Of a client with this address.
    Tcp(StdTcpStream, SocketAddr),
    /// Of a client of this machine.
    #[cfg(unix)]
    Unix(StdUnixStream),
}

impl Accepted {
    /// The address of the client; `None` for a Unix socket.
    pub fn remote(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(_, remote) => Some(*remote),
            #[cfg(unix)]
            Self::Unix(_) => None,
        }
    }

    /// Must be called for a connection that tokio has not accepted.
    pub fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream, _) => stream.set_nonblocking(true),
            #[cfg(unix)]
            Self::Unix(stream) => stream.set_nonblocking(true),
        }
    }

    /// Registers the connection of the listener at `address` with the event loop of this thread. Returns its ends, too.
    ///
    /// # Errors
    ///
    /// If the client has closed it already.
    pub fn register(self, address: &ListenAddress) -> io::Result<(Stream, Ends)> {
        match self {
            Self::Tcp(stream, remote) => {
                // Otherwise a small response waits until the client has acknowledged the one before.
                stream.set_nodelay(true)?;
                SockRef::from(&stream).set_tcp_keepalive(&KEEPALIVE)?;
                let ends = Ends::Tcp { remote, local: stream.local_addr()? };
                Ok((Stream::Tcp(TcpStream::from_std(stream)?), ends))
            }
            // Nothing is delayed there, and the kernel tells at once when a client is gone.
            #[cfg(unix)]
            Self::Unix(stream) => {
                let stream = UnixStream::from_std(stream)?;
                let credentials = stream.peer_cred().ok();
                let credentials = credentials.map(|of| Credentials { pid: of.pid(), uid: of.uid(), gid: of.gid() });
                let path = address.path().map(Path::to_owned).unwrap_or_default();
                Ok((Stream::Unix(stream), Ends::Unix { path, credentials }))
            }
        }
    }
}
