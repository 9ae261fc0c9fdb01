//! The listening socket: binding, and accepting until the server drains.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use super::connection::Connections;
use super::lifecycle::Phase;
use super::options::ServerOptions;

/// Connections that the kernel queues until they are accepted; its own maximum may be lower.
const BACKLOG: i32 = 1024;
/// The pause between attempts to accept while the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The step that failed on the way to a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syscall {
    /// Resolving the host.
    GetAddrInfo,
    /// Binding or listening; Node calls both `listen`.
    Listen,
}

/// A failure to listen.
#[derive(Debug)]
pub struct ListenError {
    /// The step that failed.
    pub syscall: Syscall,
    /// The address to listen on; the host as configured if it could not be resolved.
    pub host: String,
    /// The port as configured.
    pub port: u16,
    /// The error of the operating system.
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
    Ok(socket.into())
}

/// Accepts until the server drains; the socket is closed then.
pub(super) async fn accept(listener: TcpListener, connections: Connections) {
    // Logged once for each episode, not twenty times a second.
    let mut is_failing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = connections.lifecycle().until(Phase::Draining) => break,
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

/// Accepts the connections that the kernel still queues when the socket is about to be closed. For their clients they
/// are established, perhaps with a call on its way; closing the socket would reset them.
fn accept_rest(listener: TcpListener, connections: &Connections) -> io::Result<()> {
    // The socket is asked directly: tokio may not have seen the readiness event yet.
    let listener = listener.into_std()?;
    // No more than there can be: others may connect faster than they are accepted.
    for _ in 0..BACKLOG {
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
    Ok(())
}

/// Whether the error concerns only the connection that was about to be accepted.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
