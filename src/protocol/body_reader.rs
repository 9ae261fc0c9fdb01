//! Reads a request body as it is, piece by piece and only when asked.

use std::task::{Context, Poll, ready};

use http_body::Body as _;

use super::message_reader::poll_data;
use super::request_body::RequestBody;
use super::source::Source;
use crate::rpc::{Error, Reservation, ReservedBytes};

/// The bytes of a request that is no RPC.
#[derive(Debug)]
pub struct BodyReader {
    body: RequestBody,
    hold: Reservation,
}

impl BodyReader {
    /// Reads `body`; `hold` accounts for what is taken out of it.
    #[must_use]
    pub fn new(body: RequestBody, hold: Reservation) -> Self {
        Self { body, hold }
    }
}

impl Source for BodyReader {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
        Poll::Ready(match ready!(poll_data(&mut self.body, cx)) {
            Ok(None) => None,
            Ok(Some(bytes)) => {
                let mut hold = self.hold.split(usize::MAX);
                Some(hold.grow(bytes.len()).map(|()| ReservedBytes::new(bytes, hold)))
            }
            Err(error) => Some(Err(error)),
        })
    }

    fn is_at_end(&self) -> bool {
        self.body.is_end_stream()
    }

    fn into_body(self) -> RequestBody {
        self.body
    }
}
