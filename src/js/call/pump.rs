//! Reads a request stream for JavaScript, as fast as it asks for messages.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::guard::deliver;
use super::inbox::Inbox;
use super::state::CallState;
use crate::call::ReservedBytes;
use crate::rpc::Metered;

/// The most messages that are handed over in one batch.
const BATCH_MESSAGES: usize = 128;
/// And the most bytes, unless a single message has more.
const BATCH_BYTES: usize = 64 * 1024;

/// Reads a source in batches while JavaScript asks for them; ends with the body or the call.
///
/// What is not read stays with the client, held back by flow control.
pub async fn pump(call: Arc<CallState>, inbox: Arc<Inbox>, mut source: Metered) {
    poll_fn(|cx| poll_pump(&call, &inbox, &mut source, cx)).await;
}

/// Polled again when the source has something, and by [`CallState::poll_demand`] when JavaScript asks or the call ends.
fn poll_pump(call: &Arc<CallState>, inbox: &Arc<Inbox>, source: &mut Metered, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        match call.poll_demand(cx) {
            None => return Poll::Ready(()),
            Some(false) => {
                source.pause();
                return Poll::Pending;
            }
            Some(true) => {}
        }
        let mut batch: Vec<ReservedBytes> = Vec::new();
        let mut bytes = 0;
        let mut end = None;
        while batch.len() < BATCH_MESSAGES && bytes < BATCH_BYTES {
            match source.poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(message))) => {
                    bytes += message.len();
                    batch.push(message);
                }
                Poll::Ready(Some(Err(error))) => {
                    end = Some(Err(error));
                    break;
                }
                Poll::Ready(None) => {
                    end = Some(Ok(()));
                    break;
                }
            }
        }
        if batch.is_empty() && end.is_none() {
            return Poll::Pending;
        }
        let ended = end.is_some();
        deliver(call, inbox, batch, end);
        if ended {
            return Poll::Ready(());
        }
    }
}
