//! The body of a response: empty, complete, or a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

use super::chunks::Chunks;
use super::raw_body::{BrokenBody, RawBody};
use super::stream_body::StreamBody;
use crate::call::{Error, Reservation, ResponseStream};

/// The body that hyper sends after the headers.
pub struct ResponseBody {
    kind: Kind,
    /// The memory of the call, until the body is dropped.
    _reservation: Option<Reservation>,
}

enum Kind {
    /// All of it, its length known.
    Full(Bytes),
    /// Pieces, then trailers.
    Framed { chunks: Chunks, trailers: Option<HeaderMap> },
    /// Messages as the handler writes them.
    Stream(Box<StreamBody>),
    /// Bytes as the handler writes them.
    Raw(RawBody),
}

impl ResponseBody {
    fn of(kind: Kind) -> Self {
        Self { kind, _reservation: None }
    }

    /// Keeps the reservation of a call until the body is dropped.
    #[must_use]
    pub fn holding(self, reservation: Reservation) -> Self {
        Self { _reservation: Some(reservation), ..self }
    }

    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self::of(Kind::Full(Bytes::new()))
    }

    /// A body whose length is sent in the headers.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        Self::of(Kind::Full(bytes.into()))
    }

    /// Prepared pieces and trailers.
    pub(super) fn framed(chunks: Chunks, trailers: Option<HeaderMap>) -> Self {
        Self::of(Kind::Framed { chunks, trailers })
    }

    /// A stream of messages.
    pub(super) fn stream(body: StreamBody) -> Self {
        Self::of(Kind::Stream(Box::new(body)))
    }

    /// Ends a body whose handler is still writing it, with `error` where its protocol has room for one.
    pub fn abort(&mut self, error: &Error) {
        match &mut self.kind {
            Kind::Full(_) | Kind::Framed { .. } => {}
            Kind::Stream(stream) => stream.abort(error),
            Kind::Raw(raw) => raw.abort(),
        }
    }

    /// The bytes of `source`, in no protocol.
    #[must_use]
    pub fn raw(source: Box<dyn ResponseStream>) -> Self {
        Self::of(Kind::Raw(RawBody::new(source)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        match &mut self.kind {
            Kind::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Framed { chunks, trailers } => Poll::Ready(match chunks.pop() {
                Some(chunk) => Some(Ok(Frame::data(chunk))),
                None => trailers.take().map(|trailers| Ok(Frame::trailers(trailers))),
            }),
            Kind::Stream(stream) => stream.poll_frame(cx).map(|frame| frame.map(Ok)),
            Kind::Raw(raw) => raw.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Framed { chunks, trailers } => chunks.is_empty() && trailers.is_none(),
            Kind::Stream(stream) => stream.is_over(),
            Kind::Raw(raw) => raw.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            // Over HTTP/1.1 a known length would leave no room for trailers.
            Kind::Framed { chunks, trailers: None } => SizeHint::with_exact(chunks.len() as u64),
            Kind::Framed { .. } | Kind::Stream(_) | Kind::Raw(_) => SizeHint::default(),
        }
    }
}

impl std::fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseBody").field("over", &self.is_end_stream()).finish()
    }
}
