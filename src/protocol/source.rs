//! What the readers of a request body have in common, for whoever hands on what they read.

use std::task::{Context, Poll};

use super::request_body::RequestBody;
use crate::rpc::{Error, ReservedBytes};

/// A request body, piece by piece and only when asked: the messages in it, or its bytes as they come.
pub trait Source: Send + 'static {
    /// The next piece; `None` at the end. After an error there is only the end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>>;

    /// Whether the body has ended cleanly.
    fn is_at_end(&self) -> bool;

    /// The body, for whoever has to read the rest of it away.
    fn into_body(self) -> RequestBody;
}
