//! A socket that listens: opening it, by the kinds of endpoints, and registering it with an event loop.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::accepted::Accepted;
#[cfg(unix)]
use super::descriptor_claim::DescriptorClaim;
#[cfg(unix)]
use super::inherited::{Inherited, Unusable, adopt};
use super::listen_address::ListenAddress;
use super::listen_error::ListenError;
use super::options::{Endpoint, ListenerOptions};
#[cfg(unix)]
use super::socket_file::{self, SocketFile};

/// Connections that the kernel queues until they are accepted; its own maximum may be lower.
pub const BACKLOG: i32 = 1024;

/// Other systems have neither.
#[cfg(not(unix))]
mod absent {
    /// See the file of this name.
    #[derive(Debug)]
    pub enum DescriptorClaim {}
    /// See the file of this name.
    #[derive(Debug)]
    pub enum SocketFile {}
}
#[cfg(not(unix))]
use absent::{DescriptorClaim, SocketFile};

/// A socket that listens, before any event loop has it.
#[derive(Debug)]
pub struct Listener {
    /// Where it listens, with the port that the system chose.
    pub address: ListenAddress,
    // In this order they are dropped.
    file: Option<SocketFile>,
    socket: Socket,
    claim: Option<DescriptorClaim>,
}

/// A socket that listens, on an event loop.
#[derive(Debug)]
pub struct Accepting {
    /// The file of a Unix socket, to be removed before the socket is closed: the kernel keeps the inode for the socket,
    /// so that no other file has its number.
    pub file: Option<SocketFile>,
    /// The socket.
    pub listener: AnyListener,
    /// To be dropped when the socket is closed.
    pub claim: Option<DescriptorClaim>,
}

/// The listener of tokio.
#[derive(Debug)]
pub enum AnyListener {
    /// TCP.
    Tcp(TcpListener),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Listener {
    /// Opens the sockets of all listeners, in their order. Those that are inherited are taken last, and given back if
    /// one fails: they are left for the next attempt.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`].
    pub fn open_all(listeners: &[ListenerOptions]) -> Result<Vec<Self>, ListenError> {
        let is_inherited = |at: &usize| matches!(listeners[*at].endpoint, Endpoint::Inherited { .. });
        let mut order: Vec<_> = (0..listeners.len()).collect();
        order.sort_by_key(is_inherited);
        let mut opened: Vec<(usize, Self)> = Vec::new();
        for at in order {
            match Self::open(&listeners[at].endpoint) {
                Ok(listener) => opened.push((at, listener)),
                Err(error) => {
                    opened
                        .into_iter()
                        .filter(|(at, _)| is_inherited(at))
                        .for_each(|(_, listener)| listener.give_back());
                    return Err(error);
                }
            }
        }
        opened.sort_by_key(|(at, _)| *at);
        Ok(opened.into_iter().map(|(_, listener)| listener).collect())
    }

    /// Opens the socket.
    ///
    /// # Errors
    ///
    /// If the host cannot be resolved, the address cannot be bound, or the descriptor cannot be used.
    fn open(endpoint: &Endpoint) -> Result<Self, ListenError> {
        match endpoint {
            Endpoint::Tcp { host, port, reuse_port } => {
                let wanted = resolve(host, *port)?;
                let failed = |source| ListenError::at(&ListenAddress::Tcp(wanted), source);
                let socket = bind(wanted, *reuse_port).map_err(failed)?;
                let address = socket.local_addr().map_err(failed)?.as_socket().unwrap_or(wanted);
                Ok(Self::bound(ListenAddress::Tcp(address), None, socket))
            }
            #[cfg(unix)]
            Endpoint::Unix { path } => {
                let address = ListenAddress::Unix(path.clone());
                let bound = socket_file::bind(path, BACKLOG);
                let (file, socket) = bound.map_err(|source| ListenError::at(&address, source))?;
                Ok(Self::bound(address, Some(file), socket))
            }
            #[cfg(unix)]
            Endpoint::Inherited { fd, name } => {
                let failed = |Unusable { what, source }| {
                    let (fd, name) = (*fd, name.clone());
                    ListenError::Inherited { name, fd, what, source }
                };
                let Inherited { socket, address, claim } = adopt(*fd).map_err(failed)?;
                Ok(Self { address, file: None, socket, claim: Some(claim) })
            }
            #[cfg(not(unix))]
            Endpoint::Unix { path } => {
                Err(ListenError::Unix { path: path.clone(), source: io::ErrorKind::Unsupported.into() })
            }
            #[cfg(not(unix))]
            Endpoint::Inherited { fd, name } => {
                let (fd, name, what) = (*fd, name.clone(), "not supported on this system".to_owned());
                Err(ListenError::Inherited { name, fd, what, source: io::ErrorKind::Unsupported.into() })
            }
        }
    }

    /// Leaves an inherited socket open, for whoever takes it next.
    fn give_back(self) {
        #[cfg(unix)]
        let _ = std::os::fd::IntoRawFd::into_raw_fd(self.socket);
    }

    /// A socket that this server has bound.
    fn bound(address: ListenAddress, file: Option<SocketFile>, socket: Socket) -> Self {
        #[cfg(unix)]
        let claim = Some(DescriptorClaim::of_new(std::os::fd::AsRawFd::as_raw_fd(&socket)));
        #[cfg(not(unix))]
        let claim = None;
        Self { address, file, socket, claim }
    }

    /// Registers the socket with the event loop whose context this thread has entered.
    ///
    /// # Errors
    ///
    /// If the operating system refuses it.
    pub fn register(self) -> Result<Accepting, ListenError> {
        let Self { address, file, socket, claim } = self;
        let listener = match address {
            ListenAddress::Tcp(_) => TcpListener::from_std(socket.into()).map(AnyListener::Tcp),
            #[cfg(unix)]
            ListenAddress::Unix(_) => UnixListener::from_std(socket.into()).map(AnyListener::Unix),
            #[cfg(not(unix))]
            ListenAddress::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        };
        let listener = listener.map_err(|source| ListenError::at(&address, source))?;
        Ok(Accepting { file, listener, claim })
    }
}

impl AnyListener {
    /// The next connection.
    pub async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(listener) => {
                let (stream, remote) = listener.accept().await?;
                Ok(Accepted::Tcp(stream.into_std()?, remote))
            }
            #[cfg(unix)]
            Self::Unix(listener) => Ok(Accepted::Unix(listener.accept().await?.0.into_std()?)),
        }
    }
}

/// The first address of the host.
fn resolve(host: &str, port: u16) -> Result<SocketAddr, ListenError> {
    let failed = |source| ListenError::Lookup { host: host.to_owned(), source };
    let mut addresses = (host, port).to_socket_addrs().map_err(failed)?;
    addresses.next().ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))
}

/// A socket that listens on a port.
fn bind(address: SocketAddr, reuse_port: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // `::` accepts IPv4 as well, as in Node.
        socket.set_only_v6(false)?;
    }
    // Otherwise a restarted server cannot bind until its old connections have timed out. On Windows the option means
    // something else.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(reuse_port)?;
    #[cfg(not(unix))]
    if reuse_port {
        return Err(io::Error::from(io::ErrorKind::Unsupported));
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}
