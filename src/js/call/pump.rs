//! Moves what a client sends to JavaScript.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::guard::deliver;
use super::inbox::Inbox;
use super::state::CallState;
use crate::protocol::Source;
use crate::rpc::{Budget, Reservation, ReservedBytes};
use crate::server::STREAM_WINDOW_BYTES;

/// The most messages that are handed over in one batch.
const BATCH_MESSAGES: usize = 128;
/// And the most bytes, unless a single message has more.
const BATCH_BYTES: usize = 64 * 1024;

/// Reads a source in batches while JavaScript asks for them; ends with the body or the call.
///
/// What is not read stays with the client, held back by flow control. The window that the client may fill meanwhile is
/// charged to the budget.
pub async fn pump<S: Source>(
    call: Arc<CallState>,
    inbox: Arc<Inbox>,
    budget: Arc<Budget>,
    mut source: S,
    unread: Reservation,
    http1: bool,
) {
    let mut unread = Some(unread);
    poll_fn(|cx| poll_pump(&call, &inbox, &budget, &mut source, &mut unread, cx)).await;
    drop(unread);
    if http1 && !source.is_at_end() {
        crate::rpc::read_away(source.into_body()).await;
    }
}

fn poll_pump<S: Source>(
    call: &Arc<CallState>,
    inbox: &Arc<Inbox>,
    budget: &Arc<Budget>,
    source: &mut S,
    unread: &mut Option<Reservation>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    loop {
        match call.poll_demand(cx) {
            None => return Poll::Ready(()),
            Some(false) => {
                unread.get_or_insert_with(|| budget.force(STREAM_WINDOW_BYTES));
                return Poll::Pending;
            }
            Some(true) => *unread = None,
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
