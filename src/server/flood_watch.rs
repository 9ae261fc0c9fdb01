//! An HTTP/2 connection of a client that is not to send too many PINGs, which hyper answers and does not count, and not
//! to reset too many calls.

use std::fmt::{self, Display, Formatter};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame_position::{FrameHead, FramePosition, Piece};
use super::ping_flood::{self, MAX_PINGS, PingFlood};
use super::reset_flood::{self, MAX_RESETS, ResetFlood};
use crate::call::Activity;

const PING: u8 = 6;
const ACK: u8 = 1;

/// GOAWAY with `ENHANCE_YOUR_CALM`. Its last stream is the largest there may be, as any may have been processed.
const GOAWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0x0b];

/// A transport of HTTP/2 that ends with an error at a flood.
#[derive(Debug)]
pub struct FloodWatch<S> {
    stream: S,
    activity: Activity,
    position: FramePosition,
    pings: PingFlood,
    resets: ResetFlood,
    /// Whether all that was written has left, so that a frame may follow.
    is_flushed: bool,
}

/// What a client does too often.
#[derive(Clone, Copy, Debug)]
enum Flood {
    Pings,
    Resets,
}

impl Display for Flood {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pings => write!(f, "sent more than {MAX_PINGS} PINGs in {:?} without a call", ping_flood::WINDOW),
            Self::Resets => {
                write!(f, "reset more than {MAX_RESETS} calls in {:?} before they had begun", reset_flood::WINDOW)
            }
        }
    }
}

impl<S> FloodWatch<S> {
    /// Watches a client whose preface has not been read yet. `activity` is that of its connection.
    pub fn new(stream: S, activity: Activity) -> Self {
        Self {
            stream,
            activity,
            position: FramePosition::default(),
            pings: PingFlood::default(),
            resets: ResetFlood::default(),
            is_flushed: true,
        }
    }

    /// Looks at bytes of the client. Returns what there is too much of.
    fn flood_in(&mut self, mut bytes: &[u8]) -> Option<Flood> {
        let mut flood = None;
        while !bytes.is_empty() {
            let taken = match self.position.advance(bytes) {
                Piece::Other(taken) => taken,
                Piece::Head(taken, FrameHead { kind, flags, .. }) => {
                    if kind == PING && flags & ACK == 0 {
                        let (calls, is_idle) = (self.activity.begun(), self.activity.is_idle());
                        if self.pings.is_flood(Instant::now(), calls, is_idle) {
                            flood = Some(Flood::Pings);
                        }
                    }
                    taken
                }
            };
            bytes = &bytes[taken..];
        }
        if self.resets.is_flood(self.activity.early_resets(), Instant::now) { Some(Flood::Resets) } else { flood }
    }
}

impl<S: AsyncWrite + Unpin> FloodWatch<S> {
    /// Tells the client why the connection ends, unless it does not even read.
    fn refuse(&mut self, flood: Flood, cx: &mut Context<'_>) -> io::Error {
        tracing::warn!("a connection was closed, as its client {flood}");
        // What the socket does not take at once is not worth waiting for.
        if self.is_flushed && matches!(Pin::new(&mut self.stream).poll_write(cx, &GOAWAY), Poll::Ready(Ok(_))) {
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
        io::Error::new(io::ErrorKind::ConnectionAborted, flood.to_string())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for FloodWatch<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, out))?;
        let flood = self.flood_in(&out.filled()[before..]);
        Poll::Ready(flood.map_or(Ok(()), |flood| Err(self.refuse(flood, cx))))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FloodWatch<S> {
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
