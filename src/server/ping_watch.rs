//! An HTTP/2 connection of a client that is not to send too many PINGs. hyper answers each, and does not count them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame_position::{FrameHead, FramePosition, Piece};
use super::ping_flood::{MAX_PINGS, PingFlood, WINDOW};
use crate::call::Activity;

const PING: u8 = 6;
const ACK: u8 = 1;

/// GOAWAY with `ENHANCE_YOUR_CALM` that refuses no stream: the client has none.
const GOAWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0x0b];

/// A transport of HTTP/2 that ends with an error at a flood of PINGs.
#[derive(Debug)]
pub struct PingWatch<S> {
    stream: S,
    activity: Activity,
    position: FramePosition,
    pings: PingFlood,
    /// Whether all that was written has left, so that a frame may follow.
    is_flushed: bool,
}

impl<S> PingWatch<S> {
    /// Watches a client whose preface has not been read yet. `activity` is that of its connection.
    pub fn new(stream: S, activity: Activity) -> Self {
        let (position, pings) = (FramePosition::default(), PingFlood::default());
        Self { stream, activity, position, pings, is_flushed: true }
    }

    /// Looks at bytes of the client. Returns whether it sends too many PINGs.
    fn is_flood(&mut self, mut bytes: &[u8]) -> bool {
        let mut is_flood = false;
        while !bytes.is_empty() {
            let taken = match self.position.advance(bytes) {
                Piece::Other(taken) => taken,
                Piece::Head(taken, FrameHead { kind, flags, .. }) => {
                    if kind == PING && flags & ACK == 0 {
                        let (calls, is_idle) = (self.activity.begun(), self.activity.is_idle());
                        is_flood |= self.pings.is_flood(Instant::now(), calls, is_idle);
                    }
                    taken
                }
            };
            bytes = &bytes[taken..];
        }
        is_flood
    }
}

impl<S: AsyncWrite + Unpin> PingWatch<S> {
    /// Tells the client why the connection ends, unless it does not even read.
    fn refuse(&mut self, cx: &mut Context<'_>) -> io::Error {
        tracing::warn!(
            "a connection was closed, as its client sent more than {MAX_PINGS} PINGs in {WINDOW:?} without a call"
        );
        // What the socket does not take at once is not worth waiting for.
        if self.is_flushed && matches!(Pin::new(&mut self.stream).poll_write(cx, &GOAWAY), Poll::Ready(Ok(_))) {
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
        io::Error::new(io::ErrorKind::ConnectionAborted, "too many PINGs")
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for PingWatch<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, out))?;
        let is_flood = self.is_flood(&out.filled()[before..]);
        Poll::Ready(if is_flood { Err(self.refuse(cx)) } else { Ok(()) })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PingWatch<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_flushed = false;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_flushed = false;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        self.is_flushed = flushed.is_ok();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
