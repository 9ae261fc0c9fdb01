//! The listening socket: binding it, and accepting from it for as long as the server takes calls.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use super::connection::Connections;
use super::options::ServerOptions;

/// Connections the kernel keeps for us until they are accepted; it cuts this down to its own maximum.
const BACKLOG: i32 = 1024;
/// How long accepting pauses when the process has no file descriptor left: only time can help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What failed on the way to a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syscall {
    /// Looking up the host.
    GetAddrInfo,
    /// Binding and listening; Node calls both `listen`.
    Listen,
}

/// Why a server cannot listen.
#[derive(Debug)]
pub struct ListenError {
    /// What failed.
    pub syscall: Syscall,
    /// The address that was to be listened on; of a failed lookup the host asked for.
    pub host: String,
    /// The port asked for.
    pub port: u16,
    /// What the system said.
    pub source: io::Error,
}

impl ListenError {
    pub(super) fn of_listen(source: io::Error, address: SocketAddr) -> Self {
        Self { syscall: Syscall::Listen, host: address.ip().to_string(), port: address.port(), source }
    }
}

/// The first address of the host.
pub(super) fn resolve(options: &ServerOptions) -> Result<SocketAddr, ListenError> {
    let failed =
        |source| ListenError { syscall: Syscall::GetAddrInfo, host: options.host.clone(), port: options.port, source };
    let mut addresses = (options.host.as_str(), options.port).to_socket_addrs().map_err(failed)?;
    addresses.next().ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))
}

/// A socket that listens.
pub(super) fn bind(address: SocketAddr, reuse_port: bool) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // `::` takes IPv4 as well, as in Node.
        socket.set_only_v6(false)?;
    }
    // Without it a restarted server waits for the old connections to time out. Windows means something else by it.
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
    Ok(socket.into())
}

/// Accepts until the server drains; the socket is closed then.
pub(super) async fn accept(listener: TcpListener, connections: Connections) {
    let mut draining = connections.draining();
    // Said once, not twenty times a second, as long as it lasts.
    let mut is_failing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            _ = draining.wait_for(|draining| *draining) => break,
            accepted = listener.accept() => accepted.and_then(|(stream, remote)| Ok((stream.into_std()?, remote))),
        };
        match accepted {
            Ok((stream, remote)) => {
                is_failing = false;
                connections.serve(stream, remote);
            }
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                if !is_failing {
                    tracing::warn!(%error, "cannot accept connections, trying again every {ACCEPT_PAUSE:?}");
                }
                is_failing = true;
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    if let Err(error) = accept_rest(listener, &connections) {
        tracing::warn!(%error, "connections that waited to be accepted were lost");
    }
}

/// Accepts what the kernel holds for a socket about to be closed. To their clients these connections stand, perhaps with a
/// call on its way already; closing the socket would reset them.
fn accept_rest(listener: TcpListener, connections: &Connections) -> io::Result<()> {
    // The kernel is asked itself: tokio knows only what it has been told of.
    let listener = listener.into_std()?;
    loop {
        match listener.accept() {
            Ok((stream, remote)) => {
                stream.set_nonblocking(true)?;
                connections.serve(stream, remote);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if is_of_connection(&error) || error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether the error is of the connection that was about to be accepted; the next one may be fine.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
