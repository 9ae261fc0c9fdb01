//! Reads a request body as it is, piece by piece and only on demand.

use std::task::{Context, Poll, ready};

use super::message_reader::poll_data;
use crate::call::{Error, RequestBody, Reservation, ReservedBytes, Source, TimedBody as _};

/// The bytes of a plain HTTP request.
#[derive(Debug)]
pub struct BodyReader {
    body: RequestBody,
    reservation: Reservation,
}

impl BodyReader {
    /// Reads `body`. Pieces that are taken out of it are added to `reservation`, and leave with their share.
    #[must_use]
    pub fn new(body: RequestBody, reservation: Reservation) -> Self {
        Self { body, reservation }
    }
}

impl Source for BodyReader {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
        self.body.time_reads(true);
        Poll::Ready(match ready!(poll_data(&mut self.body, cx)) {
            Ok(None) => None,
            Ok(Some(bytes)) => {
                let mut reservation = self.reservation.take_all();
                Some(reservation.grow(bytes.len()).map(|()| ReservedBytes::new(bytes, reservation)))
            }
            Err(error) => Some(Err(error)),
        })
    }

    fn pause(&mut self) {
        self.body.time_reads(false);
    }

    fn into_body(self: Box<Self>) -> RequestBody {
        self.body
    }
}
