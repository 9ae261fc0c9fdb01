//! Serves methods by JavaScript: makes a call of a request, queues it, and waits for what JavaScript answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::call::{Call, CallHead};
use super::head::head;
use super::inbox::Inbox;
use super::open_call::CallGuard;
use super::pump::pump;
use crate::protocol::{Codec, Protocol, Source};
use crate::rpc::{
    Budget, Cardinality, Deadline, Error, Failure, Handler, HandlerFuture, Input, Output, Request, ReservedBytes,
    Response,
};
use crate::server::STREAM_WINDOW_BYTES;

const FLAG_JSON: u32 = 1;
const FLAG_PROTOCOL_SHIFT: u32 = 1;
const FLAG_GET: u32 = 1 << 3;

/// The handler of all that JavaScript serves.
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

    /// What is held for calls.
    pub(super) fn budget(&self) -> &Arc<Budget> {
        self.inbox.budget()
    }

    /// Queues a call that has all of its request.
    pub(super) fn open(
        &self,
        opening: CallHead,
        deadline: Deadline,
        message: Option<ReservedBytes>,
    ) -> Result<CallGuard, Error> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let call = Call::new(id, opening, deadline, message, Arc::clone(&self.inbox));
        self.inbox.push_call(Arc::clone(&call))?;
        Ok(CallGuard::new(call, Arc::clone(&self.closing)))
    }

    /// Queues a call whose request is read while JavaScript asks for it.
    pub(super) fn open_stream(
        &self,
        opening: CallHead,
        deadline: Deadline,
        source: impl Source,
        http1: bool,
    ) -> Result<CallGuard, Error> {
        // Nobody reads yet: what the client may send meanwhile counts.
        let mut unread = self.budget().open();
        unread.grow(STREAM_WINDOW_BYTES)?;
        let open = self.open(opening, deadline, None)?;
        tokio::spawn(pump(open.call(), source, unread, http1));
        Ok(open)
    }
}

impl Handler for JsHandler {
    fn call(&self, request: Request) -> HandlerFuture {
        let opening = opening(&request);
        let opened = match request.input {
            Input::One(message) => self.open(opening, request.deadline, Some(message)),
            Input::Stream(reader) => self.open_stream(opening, request.deadline, *reader, request.http1),
        };
        Box::pin(async move {
            let mut open = opened?;
            let begun = open.answer().await?;
            let output = match begun.only {
                Some((message, trailer)) => Output::One(message, trailer),
                None if open.streams_responses() => {
                    open.watch_deadline();
                    Output::Stream(Box::new(open))
                }
                None => return Err(Failure::from(Error::internal())),
            };
            Ok(Response { header: begun.header, output })
        })
    }
}

/// What JavaScript is told of a request.
fn opening(request: &Request) -> CallHead {
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
    CallHead {
        method: Some(request.method.index),
        flags,
        head: head(&request.url, &request.headers),
        streams_responses: request.method.response == Cardinality::Stream,
    }
}
