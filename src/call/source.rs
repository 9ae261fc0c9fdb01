//! The interface that `MessageReader` and `BodyReader` share, so that a handler reads either.

use std::fmt::Debug;
use std::future::poll_fn;
use std::task::{Context, Poll};

use super::error::Error;
use super::request_body::RequestBody;
use super::reservation::ReservedBytes;

/// A request body that is read piece by piece and only on demand: the messages in it, or its bytes as they arrive.
pub trait Source: Debug + Send + 'static {
    /// The next piece; `None` at the end. After an error there is only the end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>>;

    /// Nobody reads until the next [`Self::poll_next`], so the client need not send anything.
    fn pause(&mut self);

    /// The body, to read the rest of it without using it.
    fn into_body(self: Box<Self>) -> RequestBody;
}

impl dyn Source {
    /// [`Self::poll_next`] as a future. Cancel safe: nothing is lost when it is dropped.
    pub async fn next(&mut self) -> Option<Result<ReservedBytes, Error>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }
}
