//! Has JavaScript serve methods: makes a call of a request, queues it, and waits for the response.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use http::Version;

use super::guard::CallGuard;
use super::pump::pump;
use super::state::{CallHead, CallState, Opening};
use super::threads::JsThreads;
use crate::call::{
    Cardinality, Codec, ConnectionBudget, Deadline, Error, Failure, Handler, HandlerFuture, Protocol, Request,
    RequestMessages, Response, ResponseMessages, Source,
};
use crate::js::crossing::layout::{
    FLAG_GET, FLAG_HTTP10, FLAG_HTTP11, FLAG_JSON, PROTOCOL_CONNECT, PROTOCOL_GRPC, PROTOCOL_GRPC_WEB, PROTOCOL_SHIFT,
};
use crate::js::crossing::request_head::request_head;
use crate::rpc::Metered;

/// The handler of all that JavaScript serves.
pub struct JsHandler {
    threads: Arc<JsThreads>,
    next_id: AtomicU64,
    closing: Arc<AtomicBool>,
}

impl JsHandler {
    /// Hands calls to `threads`. Calls that are dropped while `closing` is set fail with `unavailable`.
    pub fn new(threads: Arc<JsThreads>, closing: Arc<AtomicBool>) -> Self {
        Self { threads, next_id: AtomicU64::new(1), closing }
    }

    /// Queues a call of the connection that `budget` is for. A request that is a stream has no message.
    ///
    /// # Errors
    ///
    /// `unavailable` when too many calls wait, or no JavaScript thread is attached.
    pub fn open(
        &self,
        head: CallHead,
        deadline: Deadline,
        opening: Opening,
        budget: Arc<ConnectionBudget>,
    ) -> Result<CallGuard, Error> {
        let thread = self.threads.choose().ok_or_else(|| Error::unavailable("no JavaScript thread serves calls"))?;
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let call = CallState::new(id, head, deadline, opening, budget);
        thread.inbox.push_call(Arc::clone(&call))?;
        Ok(CallGuard::new(call, Arc::clone(&thread.inbox), Arc::clone(&self.closing)))
    }

    /// Queues a call whose request is read while JavaScript asks for it.
    ///
    /// # Errors
    ///
    /// As [`Self::open`], and `unavailable` when the budget has no room for what the client may send meanwhile.
    pub fn open_stream(
        &self,
        head: CallHead,
        deadline: Deadline,
        text: Vec<u8>,
        source: Box<dyn Source>,
        budget: Arc<ConnectionBudget>,
    ) -> Result<CallGuard, Error> {
        let source = Metered::new(source, &budget)?;
        let guard = self.open(head, deadline, Opening { head: text, message: None }, budget)?;
        tokio::spawn(pump(Arc::clone(guard.call()), Arc::clone(guard.inbox()), source));
        Ok(guard)
    }
}

impl Handler for JsHandler {
    fn call(&self, request: Request) -> HandlerFuture {
        let flags = flags(&request);
        let text = request_head(&request.url, &request.headers);
        let Request { method, deadline, messages, budget, activity, peer, .. } = request;
        let streams_responses = method.response == Cardinality::Stream;
        let head = CallHead { method: Some(method.index), flags, streams_responses, reads_on_demand: false, peer };
        // The call is queued before the future is polled, as the future cannot borrow `self`.
        let opened = match messages {
            RequestMessages::One(message) => {
                self.open(head, deadline, Opening { head: text, message: Some(message) }, budget)
            }
            RequestMessages::Stream(source) => self.open_stream(head, deadline, text, source, budget),
        };
        Box::pin(async move {
            let mut guard = opened?;
            guard.set_activity(activity);
            let start = guard.response_start().await?;
            let messages = match start.only {
                Some((message, trailer)) => ResponseMessages::One(message, trailer),
                None if guard.call().head.streams_responses => {
                    guard.watch_deadline();
                    // The guard is the stream of responses, so dropping the response ends the call.
                    ResponseMessages::Stream(Box::new(guard))
                }
                None => return Err(Failure::from(Error::internal("JavaScript ended a unary call without a message"))),
            };
            Ok(Response { header: start.header, messages })
        })
    }
}

/// The facts of a request that JavaScript gets with the call.
fn flags(request: &Request) -> u32 {
    let protocol = match request.protocol {
        Protocol::Connect => PROTOCOL_CONNECT,
        Protocol::Grpc => PROTOCOL_GRPC,
        Protocol::GrpcWeb => PROTOCOL_GRPC_WEB,
    };
    let mut flags = protocol << PROTOCOL_SHIFT;
    if request.codec == Codec::Json {
        flags |= FLAG_JSON;
    }
    if request.get {
        flags |= FLAG_GET;
    }
    flags |= match request.version {
        Version::HTTP_11 => FLAG_HTTP11,
        Version::HTTP_10 => FLAG_HTTP10,
        _ => 0,
    };
    flags
}
