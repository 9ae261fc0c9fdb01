//! Serves methods by JavaScript: makes a call of a request, queues it, and waits for what JavaScript answers.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use super::call::{Call, Opening};
use super::inbox::Inbox;
use crate::protocol::{Codec, MessageReader, Protocol};
use crate::rpc::{
    Cardinality, Error, Failure, Handler, HandlerFuture, Held, Hold, Input, Metadata, Output, OutputEvent,
    OutputStream, Request, Response,
};
use crate::server::STREAM_WINDOW_BYTES;

/// Messages handed over at one time, at most.
const BATCH_MESSAGES: usize = 128;
/// And their bytes, unless a single message has more.
const BATCH_BYTES: usize = 64 * 1024;

const FLAG_JSON: u32 = 1;
const FLAG_PROTOCOL_SHIFT: u32 = 1;
const FLAG_GET: u32 = 1 << 3;

/// The handler of all methods that JavaScript has registered.
pub struct JsHandler {
    inbox: Arc<Inbox>,
    next_id: AtomicU64,
    closing: Arc<AtomicBool>,
}

impl JsHandler {
    /// Hands calls to the thread behind `inbox`. Calls cut while `closing` is set are told so.
    pub fn new(inbox: Arc<Inbox>, closing: Arc<AtomicBool>) -> Self {
        Self { inbox, next_id: AtomicU64::new(1), closing }
    }

    /// Queues a call.
    fn open(&self, request: Request) -> Result<OpenCall, Error> {
        let opening = opening(&request);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let inbox = Arc::clone(&self.inbox);
        let (message, stream) = match request.input {
            Input::One(message) => (Some(message), None),
            Input::Stream(reader) => {
                // Nobody reads yet: what the client may send meanwhile counts.
                let mut unread = inbox.budget().open();
                unread.grow(STREAM_WINDOW_BYTES)?;
                (None, Some((reader, unread)))
            }
        };
        let call = Call::new(id, opening, request.deadline, message, Arc::clone(&inbox));
        inbox.push_call(Arc::clone(&call))?;
        let open = OpenCall { call, closing: Arc::clone(&self.closing), watch: None };
        if let Some((reader, unread)) = stream {
            let http1 = request.http1;
            tokio::spawn(pump(Arc::clone(&open.call), *reader, unread, http1));
        }
        Ok(open)
    }
}

impl Handler for JsHandler {
    fn call(&self, request: Request) -> HandlerFuture {
        let opened = self.open(request);
        Box::pin(async move {
            let mut open = opened?;
            let begun = poll_fn(|cx| open.call.poll_answer(cx)).await?;
            let output = match begun.only {
                Some((message, trailer)) => Output::One(message, trailer),
                None if open.call.opening.streams_responses => {
                    open.watch_deadline();
                    Output::Stream(Box::new(open))
                }
                None => return Err(Failure::from(Error::internal())),
            };
            Ok(Response { header: begun.header, output })
        })
    }
}

/// The connection's end of a call. Dropped when the answer is sent, or when nobody waits for it any more.
struct OpenCall {
    call: Arc<Call>,
    closing: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
}

impl OpenCall {
    /// Ends a stream at its deadline also while its client does not read: nothing asks for the next message then.
    fn watch_deadline(&mut self) {
        if let Some(timer) = self.call.deadline.timer() {
            let call = Arc::clone(&self.call);
            self.watch = Some(tokio::spawn(async move {
                timer.await;
                call.expire();
            }));
        }
    }
}

impl OutputStream for OpenCall {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<OutputEvent> {
        self.call.poll_response(cx)
    }

    fn known_trailers(&self) -> Metadata {
        self.call.known_trailers()
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
        self.call.leave(|| {
            if self.call.deadline.has_passed() {
                Error::deadline_exceeded()
            } else if self.closing.load(Ordering::Acquire) {
                Error::unavailable("the server is shutting down")
            } else {
                Error::canceled()
            }
        });
    }
}

/// Reads request messages while JavaScript asks for them, in batches; ends with the body or the call.
///
/// What is not read stays with the client, held back by flow control. The window that it may fill meanwhile is held
/// against the budget.
async fn pump(call: Arc<Call>, mut reader: MessageReader, unread: Hold, http1: bool) {
    let mut unread = Some(unread);
    poll_fn(|cx| poll_pump(&call, &mut reader, &mut unread, cx)).await;
    drop(unread);
    if http1 && !reader.is_at_end() {
        crate::rpc::read_away(reader.into_body()).await;
    }
}

fn poll_pump(
    call: &Arc<Call>,
    reader: &mut MessageReader,
    unread: &mut Option<Hold>,
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
        let mut batch: Vec<Held> = Vec::new();
        let mut bytes = 0;
        let mut end = None;
        while batch.len() < BATCH_MESSAGES && bytes < BATCH_BYTES {
            match reader.poll_next(cx) {
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

/// What JavaScript is told of a request.
fn opening(request: &Request) -> Opening {
    let protocol = match request.protocol {
        Protocol::Connect => 0,
        Protocol::Grpc => 1,
        Protocol::GrpcWeb => 2,
    };
    let mut flags = protocol << FLAG_PROTOCOL_SHIFT;
    if request.codec == Codec::Json {
        flags |= FLAG_JSON;
    }
    if request.get {
        flags |= FLAG_GET;
    }
    let size = request.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum::<usize>();
    let mut head = Vec::with_capacity(request.url.len() + size);
    head.extend_from_slice(request.url.as_bytes());
    for (name, value) in &request.headers {
        head.push(b'\n');
        head.extend_from_slice(name.as_str().as_bytes());
        head.push(b'\n');
        head.extend_from_slice(value.as_bytes());
    }
    Opening {
        method: request.method.index,
        flags,
        head,
        streams_responses: request.method.response == Cardinality::Stream,
    }
}
