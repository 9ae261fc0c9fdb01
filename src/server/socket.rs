//! The socket of a connection, and a second handle of it: to see whether its client has gone, and to close it after
//! hyper has.
//!
//! hyper does not read while a response is pending and bytes are in its buffer, as those of a pipelined request. So it
//! does not notice that the client has closed the connection, and the call would last until it writes. The operating
//! system tells tokio all the same.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use super::stream::{ReadHalf, Stream, StreamRef, WriteHalf};
use super::turn::Turn;

/// A connection whose client has closed it ends when nothing was read from it for so long. Until then a response that
/// is about to be written reaches a client that has only closed its sending side.
const GRACE: Duration = Duration::from_millis(300);

/// The socket, as hyper and TLS use it.
#[derive(Debug)]
pub struct Socket {
    /// Bytes that were read before, to be read again.
    unread: Bytes,
    read: ReadHalf,
    turn: Turn,
    shared: Arc<Shared>,
}

/// What can be seen of a client: if nothing changes, it neither reads nor sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How often something was read.
    pub reads: usize,
    /// How often something was written.
    pub writes: usize,
    /// Bytes that the client has not acknowledged, with the end; 0 where the operating system does not tell.
    pub unacknowledged: usize,
}

/// Another handle of a [`Socket`], which keeps it open.
#[derive(Debug)]
pub struct SocketHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// There until it is dropped.
    write: Option<WriteHalf>,
    /// Polls of the connection's task.
    polls: AtomicUsize,
    /// How often something was read.
    reads: AtomicUsize,
    /// How often something was written.
    writes: AtomicUsize,
    /// Whether the kernel took less than what was to be written, as the client reads too slowly.
    is_full: AtomicBool,
    is_given_up: AtomicBool,
}

impl Socket {
    /// The socket of a connection, and another handle of it.
    pub fn new(stream: Stream) -> (Self, SocketHandle) {
        let (read, write) = stream.into_split();
        let shared = Arc::new(Shared {
            write: Some(write),
            polls: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            is_full: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
        });
        (Self { unread: Bytes::new(), read, turn: Turn::default(), shared: Arc::clone(&shared) }, SocketHandle(shared))
    }

    /// Puts back what was read, to be read before anything else.
    pub fn put_back(&mut self, bytes: Bytes) {
        debug_assert!(self.unread.is_empty(), "what was put back before comes first");
        self.unread = bytes;
    }

    /// Writes as soon as the socket takes something.
    fn poll_write_with(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(StreamRef<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let stream = self.read.stream();
        let result = loop {
            let Poll::Ready(ready) = stream.poll_write_ready(cx) else {
                self.shared.is_full.store(true, Ordering::Relaxed);
                return Poll::Pending;
            };
            ready?;
            match write(stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => break result,
            }
        };
        self.shared.is_full.store(false, Ordering::Relaxed);
        self.shared.writes.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(result)
    }
}

impl SocketHandle {
    /// The socket itself.
    pub fn stream(&self) -> StreamRef<'_> {
        self.0.write.as_ref().map(WriteHalf::stream).expect("it is taken by `drop` only")
    }

    /// To be called at each poll of the connection's task, before its work.
    pub fn begin_poll(&self) {
        self.0.polls.fetch_add(1, Ordering::Relaxed);
    }

    /// What can be seen of the client.
    pub fn progress(&self) -> Progress {
        Progress {
            reads: self.0.reads.load(Ordering::Relaxed),
            writes: self.0.writes.load(Ordering::Relaxed),
            unacknowledged: unacknowledged_bytes(self.stream()),
        }
    }

    /// The connection is reset when it is closed, with whatever is under way: nobody waits for the client any more.
    pub fn give_up(&self) {
        // An error means that the connection is over already. It has no effect on a Unix socket, for which the kernel
        // keeps nothing after it is closed.
        let _ = self.stream().socket().set_linger(Some(Duration::ZERO));
        self.0.is_given_up.store(true, Ordering::Relaxed);
    }

    /// Whether nobody waits for the client any more.
    pub fn is_given_up(&self) -> bool {
        self.0.is_given_up.load(Ordering::Relaxed)
    }

    /// Whether there is more to write than the kernel takes.
    pub fn is_full(&self) -> bool {
        self.0.is_full.load(Ordering::Relaxed)
    }

    /// Ends when the client has closed the connection, and nothing that it sent before is being read.
    pub async fn gone(&self) {
        self.closed().await;
        loop {
            let before = self.0.reads.load(Ordering::Relaxed);
            tokio::time::sleep(GRACE).await;
            if self.0.reads.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }

    /// Ends when the client has closed its sending side, or reset the connection.
    #[cfg(target_os = "linux")]
    async fn closed(&self) {
        // Readiness for PRIORITY includes that the other side has closed, and not that there are bytes to read.
        while let Ok(ready) = self.stream().ready(Interest::PRIORITY).await {
            if ready.is_read_closed() {
                return;
            }
        }
    }

    /// Ends when the client has closed its sending side, or reset the connection.
    #[cfg(not(target_os = "linux"))]
    async fn closed(&self) {
        // Readiness to read is not consumed by looking at it, so it is looked at now and then.
        while let Ok(ready) = self.stream().ready(Interest::READABLE).await {
            if ready.is_read_closed() {
                return;
            }
            tokio::time::sleep(GRACE).await;
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Its own drop would end the connection in order, and a client takes an end for that of a response.
        if *self.is_given_up.get_mut()
            && let Some(write) = self.write.take()
        {
            write.forget();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let count = self.unread.len().min(out.remaining());
            out.put_slice(&self.unread.split_to(count));
            return Poll::Ready(Ok(()));
        }
        let poll = self.shared.polls.load(Ordering::Relaxed);
        ready!(self.turn.poll_read(poll, cx));
        let Poll::Ready(result) = Pin::new(&mut self.read).poll_read(cx, out) else {
            self.turn.end();
            return Poll::Pending;
        };
        self.shared.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(result)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.read.stream().socket().shutdown(Shutdown::Write))
    }
}

/// The bytes, with the end, that the client has not acknowledged, or not read from a Unix socket; 0 where the operating
/// system does not tell.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(unsafe_code, reason = "the operating system's interface is C")]
pub fn unacknowledged_bytes(stream: StreamRef<'_>) -> usize {
    use std::os::fd::AsRawFd as _;

    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open as long as `stream` is borrowed, and SIOCOUTQ, which has the number of TIOCOUTQ,
    // writes one int.
    let result = unsafe { libc::ioctl(stream.socket().as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    if result == 0 { usize::try_from(bytes).unwrap_or(0) } else { 0 }
}

/// The bytes, with the end, that the client has not acknowledged; 0 where the operating system does not tell.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn unacknowledged_bytes(_: StreamRef<'_>) -> usize {
    0
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    use super::*;
    use crate::server::turn::TURN;

    const SOON: Duration = Duration::from_secs(1);

    async fn pair() -> (TcpStream, Socket, SocketHandle) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("connects");
        let (socket, handle) = Socket::new(Stream::Tcp(listener.accept().await.expect("accepts").0));
        (client, socket, handle)
    }

    #[tokio::test]
    async fn a_client_that_closes_is_noticed_although_its_bytes_are_unread() {
        let (mut client, _socket, handle) = pair().await;
        client.write_all(b"X").await.expect("sends");
        assert!(timeout(GRACE, handle.gone()).await.is_err(), "it is there");
        drop(client);
        timeout(SOON, handle.gone()).await.expect("it has gone");
    }

    #[tokio::test]
    async fn a_client_that_resets_is_noticed() {
        let (mut client, mut socket, handle) = pair().await;
        client.write_all(b"X").await.expect("sends");
        socket.write_all(b"Y").await.expect("sends");
        client.readable().await.expect("arrives");
        // A socket that is closed with bytes unread is reset.
        drop(client);
        timeout(SOON, handle.gone()).await.expect("it has gone");
    }

    #[tokio::test]
    async fn a_connection_that_works_on_what_it_reads_lets_others_have_a_turn() {
        const READS: u32 = 20;
        let (mut client, mut socket, _handle) = pair().await;
        let (mut other, mut its_socket, _its_handle) = pair().await;
        client.write_all(&[0; READS as usize]).await.expect("sends");
        let reading = async {
            for _ in 0..READS {
                socket.read_exact(&mut [0]).await.expect("reads");
                std::thread::sleep(TURN); // The work.
            }
        };
        let mut echoes = 0;
        let echoing = async {
            loop {
                other.write_all(&[0]).await.expect("sends");
                // It has arrived when the event loop looks at the sockets.
                its_socket.read_exact(&mut [0]).await.expect("reads");
                echoes += 1;
            }
        };
        tokio::select! {
            () = reading => {}
            () = echoing => {}
        }
        assert!(echoes >= READS / 2, "{echoes} echoes");
    }

    #[tokio::test]
    async fn what_a_client_sent_before_it_closed_is_read_first() {
        let (mut client, mut socket, handle) = pair().await;
        client.write_all(b"abc").await.expect("sends");
        drop(client);
        let reading = async {
            let mut byte = [0];
            for expected in b"abc" {
                tokio::time::sleep(GRACE * 2 / 3).await;
                socket.read_exact(&mut byte).await.expect("reads");
                assert_eq!(byte, [*expected]);
            }
        };
        tokio::select! {
            biased;
            () = reading => {}
            () = handle.gone() => panic!("ended before all was read"),
        }
    }
}
