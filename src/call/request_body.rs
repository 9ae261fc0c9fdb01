//! The body of a request as it comes from hyper.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::request::Parts;
use http_body::{Body, Frame};
use hyper::body::Incoming;
use tokio::time::Sleep;

use super::activity::{ActiveCall, InFlight};
use super::error::{Code, Error};

/// A request body that fails when its client has gone, or sends nothing for too long.
///
/// hyper ends an HTTP/2 body quietly when the client resets with `CANCEL` or `NO_ERROR`. Such a body is not at its end
/// of stream, which tells a client that is done from one that is gone. HTTP/1 bodies that stop half-way fail by
/// themselves.
#[derive(Debug)]
pub struct RequestBody {
    incoming: Incoming,
    http2: bool,
    /// The client sends nothing before it gets `100 Continue`, which hyper sends when the body is first polled.
    awaits_continue: bool,
    ended: bool,
    read_timeout: ReadTimeout,
    /// Keeps the connection while the body is read, also for nobody.
    _in_flight: Option<InFlight>,
}

/// The end of a request body that is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenRequest {
    /// The client has gone.
    Gone,
    /// It does not follow the chunked coding (RFC 9112 section 7.1).
    Malformed,
    /// The client has sent nothing for so long.
    TimedOut(Duration),
}

impl From<BrokenRequest> for Error {
    fn from(broken: BrokenRequest) -> Self {
        match broken {
            BrokenRequest::Gone => Self::canceled(),
            BrokenRequest::Malformed => {
                Self::new(Code::InvalidArgument, "the request body is not in the chunked coding (RFC 9112 section 7.1)")
            }
            BrokenRequest::TimedOut(limit) => {
                let text = format!("the client sent nothing for requestTimeout ({} ms)", limit.as_millis());
                Self::new(Code::DeadlineExceeded, text)
            }
        }
    }
}

/// Whether hyper cannot decode a body, of which the client may hear. It has closed the connection in every other case.
fn is_malformed(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| matches!(cause.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
}

/// The longest that a read may wait for the client, where it is limited.
#[derive(Debug)]
struct ReadTimeout {
    limit: Option<Duration>,
    is_on: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

impl ReadTimeout {
    /// Ready when a read has waited too long.
    fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some(limit) = self.limit.filter(|_| self.is_on) else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        timer.as_mut().poll(cx).map(|()| limit)
    }
}

impl RequestBody {
    /// The body of the request with this head, whose client may send nothing for `timeout` while somebody reads.
    #[must_use]
    pub fn new(incoming: Incoming, parts: &Parts, timeout: Option<Duration>) -> Self {
        let http2 = parts.version == http::Version::HTTP_2;
        let awaits_continue = !http2 && parts.headers.contains_key(EXPECT);
        let read_timeout = ReadTimeout { limit: timeout, is_on: true, timer: None };
        Self { incoming, http2, awaits_continue, ended: false, read_timeout, _in_flight: None }
    }

    /// Whether a client of HTTP/1.x is still sending: its connection can only be used again, or closed without a reset,
    /// once somebody has read the rest. HTTP/2 ends the one stream instead.
    #[must_use]
    pub fn has_rest(&self) -> bool {
        !self.http2 && !self.awaits_continue && !self.is_end_stream()
    }

    /// Whether the client sends the body only after the first read.
    #[must_use]
    pub fn awaits_continue(&self) -> bool {
        self.awaits_continue
    }

    /// A body that keeps its connection if its rest may have to be read after the call.
    #[must_use]
    pub fn of_call(self, call: &ActiveCall) -> Self {
        if self.has_rest() { Self { _in_flight: Some(call.hold()), ..self } } else { self }
    }

    /// Whether a client of HTTP/2 has not ended its stream yet.
    #[must_use]
    pub fn is_open_stream(&self) -> bool {
        self.http2 && !self.is_end_stream()
    }
}

/// A body of which only some reads are limited in time.
pub trait TimedBody: Body {
    /// Turns the time limit of reads on or off.
    fn time_reads(&mut self, is_on: bool);
}

impl<B: TimedBody + Unpin> TimedBody for &mut B {
    fn time_reads(&mut self, is_on: bool) {
        (**self).time_reads(is_on);
    }
}

impl TimedBody for RequestBody {
    fn time_reads(&mut self, is_on: bool) {
        self.read_timeout.is_on = is_on;
        if !is_on {
            self.read_timeout.timer = None;
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BrokenRequest;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenRequest>>> {
        self.awaits_continue = false;
        let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) else {
            return self.read_timeout.poll_elapsed(cx).map(|limit| Some(Err(BrokenRequest::TimedOut(limit))));
        };
        self.read_timeout.timer = None;
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(Ok(frame)),
            Some(Err(error)) if is_malformed(&error) => Some(Err(BrokenRequest::Malformed)),
            Some(Err(_)) => Some(Err(BrokenRequest::Gone)),
            None if self.http2 && !self.incoming.is_end_stream() => Some(Err(BrokenRequest::Gone)),
            None => {
                self.ended = true;
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.incoming.is_end_stream()
    }
}
