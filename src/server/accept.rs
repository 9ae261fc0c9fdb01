//! Accepting connections until the server drains.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::accepted::Accepted;
use super::connection::Connections;
use super::lifecycle::Phase;
use super::listener::{Accepting, AnyListener, BACKLOG};
use super::transport::Transport;

/// The pause between attempts to accept while the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts until the server drains; the socket is closed then.
pub async fn accept(accepting: Accepting, transport: Arc<Transport>, connections: Connections) {
    // The last one is dropped first, if the task is.
    let Accepting { claim: _claim, listener, file } = accepting;
    // Logged once for each episode, not twenty times a second.
    let mut is_failing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = connections.lifecycle().until(Phase::Draining) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(accepted) => {
                is_failing = false;
                connections.serve(accepted, &transport);
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
    // Before the rest is accepted, so that nobody comes after it.
    drop(file);
    if let Err(error) = accept_rest(listener, &transport, &connections) {
        tracing::warn!(%error, "connections that waited to be accepted were lost");
    }
}

/// Accepts the connections that the kernel still queues when the socket is about to be closed. For their clients they
/// are established, perhaps with a call on its way; closing the socket would reset them.
fn accept_rest(listener: AnyListener, transport: &Arc<Transport>, connections: &Connections) -> io::Result<()> {
    // The socket is asked directly: tokio may not have seen the readiness event yet.
    match listener {
        AnyListener::Tcp(listener) => {
            let listener = listener.into_std()?;
            let next = || listener.accept().map(|(stream, remote)| Accepted::Tcp(stream, remote));
            serve_all(next, transport, connections)
        }
        #[cfg(unix)]
        AnyListener::Unix(listener) => {
            let listener = listener.into_std()?;
            let next = || listener.accept().map(|(stream, _)| Accepted::Unix(stream));
            serve_all(next, transport, connections)
        }
    }
}

/// Serves what `next` returns until it would block.
fn serve_all(
    next: impl Fn() -> io::Result<Accepted>,
    transport: &Arc<Transport>,
    connections: &Connections,
) -> io::Result<()> {
    // No more than there can be: others may connect faster than they are accepted.
    for _ in 0..BACKLOG {
        match next() {
            Ok(accepted) => {
                accepted.set_nonblocking()?;
                connections.serve(accepted, transport);
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
