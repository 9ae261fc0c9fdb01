//! A connection that was accepted, and is not served yet.

use std::io;
use std::net::{SocketAddr, TcpStream as StdTcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream as StdUnixStream;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::stream::Stream;

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

    /// Registers the connection with the event loop of this thread.
    ///
    /// # Errors
    ///
    /// If the client has closed it already.
    pub fn register(self) -> io::Result<Stream> {
        match self {
            Self::Tcp(stream, _) => {
                // Otherwise a small response waits until the client has acknowledged the one before.
                stream.set_nodelay(true)?;
                SockRef::from(&stream).set_tcp_keepalive(&KEEPALIVE)?;
                Ok(Stream::Tcp(TcpStream::from_std(stream)?))
            }
            // Nothing is delayed there, and the kernel tells at once when a client is gone.
            #[cfg(unix)]
            Self::Unix(stream) => Ok(Stream::Unix(UnixStream::from_std(stream)?)),
        }
    }
}
