//! The lingering close of a connection: nothing more is written, and what the client still sends is read and dropped
//! until it has everything.
//!
//! The kernel goes on sending what was written before a socket was closed. But if bytes of the client wait in it, or
//! come later, the kernel resets the connection instead, and what the client has not acknowledged by then is lost. Over
//! a Unix socket nothing is lost, but a client that is still sending gets an error before it has read its response.

use std::io;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use super::socket::{SocketHandle, unacknowledged_bytes};
use super::stream::StreamRef;

/// The time that a client has to close its side when it has acknowledged everything.
const LINGER_TIME: Duration = Duration::from_millis(500);
/// The most that is read in that time.
const LINGER_BYTES: usize = 1024 * 1024;
/// The pauses between two looks at what is acknowledged, of which nobody is told: the first one, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(100)];

/// Closes a connection so that its client can read what was written. Whoever reads and writes it has to be gone. A
/// client that acknowledges nothing for `limit` is given up; `None` is no limit.
pub async fn lingering_close(socket: &SocketHandle, limit: Option<Duration>) {
    if socket.is_given_up() {
        return;
    }
    let stream = socket.stream();
    // An error means that the connection is over already, here and below.
    if stream.socket().shutdown(Shutdown::Write).is_err() {
        return;
    }
    let [mut pause, longest_pause] = PAUSES;
    let (mut unacknowledged, mut since) = (bytes_at_risk(stream), Instant::now());
    let (mut dropped, mut is_open) = (0, true);
    loop {
        while is_open {
            match drop_bytes(stream) {
                Ok(0) => is_open = false,
                Ok(count) => dropped += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return,
            }
            tokio::task::yield_now().await;
        }
        let before = std::mem::replace(&mut unacknowledged, bytes_at_risk(stream));
        if unacknowledged != before {
            since = Instant::now();
        }
        let is_done = match unacknowledged {
            0 => !is_open || dropped > LINGER_BYTES || since.elapsed() >= LINGER_TIME,
            _ => limit.is_some_and(|limit| since.elapsed() >= limit) || !matches!(stream.take_error(), Ok(None)),
        };
        if is_done {
            return;
        }
        tokio::select! {
            _ = stream.readable(), if is_open => {}
            () = tokio::time::sleep(pause) => pause = longest_pause.min(pause * 2),
        }
    }
}

/// What the client would not get if the connection were reset now.
fn bytes_at_risk(stream: StreamRef<'_>) -> usize {
    match stream {
        StreamRef::Tcp(_) => unacknowledged_bytes(stream),
        // They are with the client already, whether it has read them or not.
        #[cfg(unix)]
        StreamRef::Unix(_) => 0,
    }
}

/// Reads some bytes that nobody needs. Returns their number, 0 at the end.
fn drop_bytes(stream: StreamRef<'_>) -> io::Result<usize> {
    stream.try_read(&mut [0; 16 * 1024])
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    use super::*;
    use crate::server::socket::Socket;
    use crate::server::stream::Stream;

    const SOON: Duration = Duration::from_secs(5);

    async fn pair() -> (TcpStream, Socket, SocketHandle) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("connects");
        let (socket, handle) = Socket::new(Stream::Tcp(listener.accept().await.expect("accepts").0));
        (client, socket, handle)
    }

    /// As much as the kernel takes at once.
    fn fill(handle: &SocketHandle) -> usize {
        let mut written = 0;
        while let Ok(count) = handle.stream().try_write(&[7; 16 * 1024]) {
            written += count;
        }
        written
    }

    #[tokio::test]
    async fn a_client_that_reads_late_and_sends_meanwhile_gets_everything() {
        let (mut client, socket, handle) = pair().await;
        handle.stream().ready(Interest::WRITABLE).await.expect("a new socket takes bytes");
        let written = fill(&handle);
        drop(socket);
        let closing = tokio::spawn(async move {
            lingering_close(&handle, None).await;
            drop(handle);
        });
        tokio::time::sleep(LINGER_TIME * 2).await;
        assert!(!closing.is_finished(), "{written} bytes wait for the client");
        let mut read = 0;
        let mut buffer = vec![0; 64 * 1024];
        while read < written {
            // As HTTP/2's WINDOW_UPDATE.
            client.write_all(b"more").await.expect("the server still reads");
            let count = client.read(&mut buffer).await.expect("reads");
            assert!(count > 0, "{read} of {written} bytes");
            read += count;
        }
        assert_eq!(client.read(&mut buffer).await.expect("the end"), 0);
        drop(client);
        timeout(SOON, closing).await.expect("it closes").expect("no panic");
    }

    #[tokio::test]
    async fn a_client_that_has_closed_its_side_gets_everything() {
        let (mut client, socket, handle) = pair().await;
        handle.stream().ready(Interest::WRITABLE).await.expect("a new socket takes bytes");
        let written = fill(&handle);
        drop(socket);
        client.shutdown().await.expect("its side");
        let closing = tokio::spawn(async move { lingering_close(&handle, None).await });
        tokio::time::sleep(LINGER_TIME * 2).await;
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.expect("reads");
        assert_eq!(all.len(), written);
        timeout(SOON, closing).await.expect("it closes").expect("no panic");
    }

    #[tokio::test]
    async fn a_client_that_resets_is_not_waited_for() {
        let (client, socket, handle) = pair().await;
        handle.stream().ready(Interest::WRITABLE).await.expect("a new socket takes bytes");
        assert!(fill(&handle) > 0);
        drop(socket);
        let closing = tokio::spawn(async move { lingering_close(&handle, None).await });
        // With bytes unread it is reset.
        drop(client);
        timeout(LINGER_TIME / 2, closing).await.expect("it closes at once").expect("no panic");
    }

    #[tokio::test]
    async fn a_client_that_has_everything_and_never_closes_is_not_waited_for() {
        let (_client, socket, handle) = pair().await;
        drop(socket);
        timeout(SOON, lingering_close(&handle, None)).await.expect("it closes");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_client_of_a_unix_socket_that_reads_late_is_not_waited_for_and_gets_everything() {
        let (mut client, stream) = tokio::net::UnixStream::pair().expect("a pair");
        let (socket, handle) = Socket::new(Stream::Unix(stream));
        handle.stream().ready(Interest::WRITABLE).await.expect("a new socket takes bytes");
        let written = fill(&handle);
        drop(socket);
        timeout(SOON, lingering_close(&handle, None)).await.expect("it closes");
        drop(handle);
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.expect("reads");
        assert_eq!(all.len(), written);
    }
}
