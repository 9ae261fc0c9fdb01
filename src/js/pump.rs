//! What a client sends, on its way to JavaScript.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::call::Call;
use crate::protocol::Source;
use crate::rpc::{Reservation, ReservedBytes};
use crate::server::STREAM_WINDOW_BYTES;

/// Messages handed over at one time, at most.
const BATCH_MESSAGES: usize = 128;
/// And their bytes, unless a single message has more.
const BATCH_BYTES: usize = 64 * 1024;

/// Reads a source while JavaScript asks for it, in batches; ends with the body or the call.
///
/// What is not read stays with the client, held back by flow control. The window that it may fill meanwhile is held
/// against the budget.
pub async fn pump<S: Source>(call: Arc<Call>, mut source: S, unread: Reservation, http1: bool) {
    let mut unread = Some(unread);
    poll_fn(|cx| poll_pump(&call, &mut source, &mut unread, cx)).await;
    drop(unread);
    if http1 && !source.is_at_end() {
        crate::rpc::read_away(source.into_body()).await;
    }
}

fn poll_pump<S: Source>(
    call: &Arc<Call>,
    source: &mut S,
    unread: &mut Option<Reservation>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    loop {
        match call.poll_wanted(cx) {
            None => return Poll::Ready(()),
            Some(false) => {
                unread.get_or_insert_with(|| call.budget().force(STREAM_WINDOW_BYTES));
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
        call.deliver(batch, end);
        if ended {
            return Poll::Ready(());
        }
    }
}
