//! A request stream whose flow control window is charged while nobody reads it.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::lingering::lingering_close;
use crate::call::{ConnectionBudget, Error, ReservedBytes, Source, UnreadStream};

/// The flow control window of a stream: what its client may send before anybody reads.
pub(crate) const STREAM_WINDOW_BYTES: u32 = 256 * 1024;

/// A source that reserves the memory that its client may fill.
///
/// While nobody reads, that is a whole window: hyper and h2 hold what arrives before we see it. While somebody reads,
/// it is what has really arrived, and the source accounts for that itself.
///
/// When it is dropped, the rest of an HTTP/1.1 request is read to its end.
#[derive(Debug)]
pub struct Metered {
    /// There until it is dropped.
    source: Option<Box<dyn Source>>,
    /// The window of a stream that nobody reads.
    unread: Option<UnreadStream>,
    budget: Arc<ConnectionBudget>,
}

impl Metered {
    /// Meters a `source` that nobody reads yet.
    ///
    /// # Errors
    ///
    /// `unavailable` when the budget has no window left. The rest of the request is read as if this were dropped.
    pub fn new(source: Box<dyn Source>, budget: &Arc<ConnectionBudget>) -> Result<Self, Error> {
        let mut metered = Self { source: Some(source), unread: None, budget: Arc::clone(budget) };
        metered.unread = Some(budget.charge_window()?);
        Ok(metered)
    }

    /// The next piece, as [`Source::poll_next`]. From here on somebody reads, also while it is pending.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
        self.unread = None;
        self.source.as_mut().map_or(Poll::Ready(None), |source| source.poll_next(cx))
    }

    /// Nobody reads until the next [`Self::poll_next`].
    pub fn pause(&mut self) {
        self.unread.get_or_insert_with(|| self.budget.charge_window_unchecked());
        if let Some(source) = &mut self.source {
            source.pause();
        }
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            lingering_close(source.into_body());
        }
    }
}
