//! A response body that keeps its call in flight until hyper has written it.
//!
//! hyper drops a body when it has queued its last piece, which HTTP/2's flow control may hold back for long. So each
//! piece counts by itself.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use crate::call::{ActiveCall, Unwritten};
use crate::protocol::{BrokenBody, ResponseBody};

/// The body of a response whose call is in flight.
#[derive(Debug)]
pub struct TrackedBody {
    body: ResponseBody,
    call: ActiveCall,
}

/// A piece of a body that is not written yet.
#[derive(Debug)]
pub struct Piece {
    bytes: Bytes,
    _unwritten: Unwritten,
}

impl TrackedBody {
    /// The `body` of the response to `call`.
    pub fn new(body: ResponseBody, mut call: ActiveCall) -> Self {
        call.has_response();
        Self { body, call }
    }
}

impl Body for TrackedBody {
    type Data = Piece;
    type Error = BrokenBody;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Piece>, BrokenBody>>> {
        let this = &mut *self;
        if let Some(error) = this.call.aborted() {
            this.body.abort(&error);
        }
        let mut frame = Pin::new(&mut this.body).poll_frame(cx);
        if frame.is_pending() {
            let error = ready!(this.call.poll_aborted(cx));
            this.body.abort(&error);
            frame = Pin::new(&mut this.body).poll_frame(cx);
        }
        let frame = ready!(frame);
        let piece = |bytes| Piece { bytes, _unwritten: this.call.piece() };
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}
