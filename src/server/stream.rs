//! The stream of bytes of a connection: TCP, or a Unix socket.
//!
//! An enum and not a type parameter, so that hyper, TLS and all between them are compiled once. A branch that always
//! goes the same way costs nothing beside a system call.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, Interest, ReadBuf, Ready};
use tokio::net::{TcpStream, tcp};
#[cfg(unix)]
use tokio::net::{UnixStream, unix};

/// A connected stream.
#[derive(Debug)]
pub enum Stream {
    /// TCP.
    Tcp(TcpStream),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(UnixStream),
}

/// The half that reads.
#[derive(Debug)]
pub enum ReadHalf {
    /// TCP.
    Tcp(tcp::OwnedReadHalf),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(unix::OwnedReadHalf),
}

/// The half that writes. The sending side is shut down when it is dropped, unless by [`WriteHalf::forget`].
#[derive(Debug)]
pub enum WriteHalf {
    /// TCP.
    Tcp(tcp::OwnedWriteHalf),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(unix::OwnedWriteHalf),
}

/// A stream, borrowed from one of its halves.
#[derive(Clone, Copy, Debug)]
pub enum StreamRef<'a> {
    /// TCP.
    Tcp(&'a TcpStream),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(&'a UnixStream),
}

/// The same for whichever stream it is: tokio has a method of the same name for both.
macro_rules! of_each {
    ($type:ident, $self:ident, $stream:ident => $work:expr) => {
        match $self {
            $type::Tcp($stream) => $work,
            #[cfg(unix)]
            $type::Unix($stream) => $work,
        }
    };
}

impl Stream {
    /// Both halves.
    pub fn into_split(self) -> (ReadHalf, WriteHalf) {
        match self {
            Self::Tcp(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Tcp(read), WriteHalf::Tcp(write))
            }
            #[cfg(unix)]
            Self::Unix(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Unix(read), WriteHalf::Unix(write))
            }
        }
    }
}

impl ReadHalf {
    /// The stream.
    #[inline]
    pub fn stream(&self) -> StreamRef<'_> {
        match self {
            Self::Tcp(half) => StreamRef::Tcp(half.as_ref()),
            #[cfg(unix)]
            Self::Unix(half) => StreamRef::Unix(half.as_ref()),
        }
    }
}

impl AsyncRead for ReadHalf {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        of_each!(Self, this, half => Pin::new(half).poll_read(cx, out))
    }
}

impl WriteHalf {
    /// The stream.
    #[inline]
    pub fn stream(&self) -> StreamRef<'_> {
        match self {
            Self::Tcp(half) => StreamRef::Tcp(half.as_ref()),
            #[cfg(unix)]
            Self::Unix(half) => StreamRef::Unix(half.as_ref()),
        }
    }

    /// Drops it without shutting down the sending side: what closing the socket does is up to its options.
    pub fn forget(self) {
        of_each!(Self, self, half => half.forget());
    }
}

impl<'a> StreamRef<'a> {
    /// Whether it takes something, or the task is woken when it does.
    #[inline]
    pub fn poll_write_ready(self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_each!(Self, self, stream => stream.poll_write_ready(cx))
    }

    /// Writes what it takes at once.
    #[inline]
    pub fn try_write(self, bytes: &[u8]) -> io::Result<usize> {
        of_each!(Self, self, stream => stream.try_write(bytes))
    }

    /// The same for several slices.
    #[inline]
    pub fn try_write_vectored(self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        of_each!(Self, self, stream => stream.try_write_vectored(slices))
    }

    /// Reads what there is; 0 at the end.
    pub fn try_read(self, out: &mut [u8]) -> io::Result<usize> {
        of_each!(Self, self, stream => stream.try_read(out))
    }

    /// Ends when there is something to read.
    pub async fn readable(self) -> io::Result<()> {
        of_each!(Self, self, stream => stream.readable().await)
    }

    /// Ends when it is ready in one of these ways.
    pub async fn ready(self, interest: Interest) -> io::Result<Ready> {
        of_each!(Self, self, stream => stream.ready(interest).await)
    }

    /// The error that the kernel has for it.
    pub fn take_error(self) -> io::Result<Option<io::Error>> {
        of_each!(Self, self, stream => stream.take_error())
    }

    /// The socket.
    pub fn socket(self) -> SockRef<'a> {
        of_each!(Self, self, stream => SockRef::from(stream))
    }
}
