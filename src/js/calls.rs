//! The calls that one JavaScript thread serves.
#![expect(clippy::needless_pass_by_value, reason = "napi passes owned arguments, consumed or not")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use napi::Env;
use napi::bindgen_prelude::*;
use napi_derive::napi;
use rustc_hash::FxHashMap;

use super::call::bell::Bell;
use super::call::inbox::{Event, Inbox};
use super::call::state::{CallState, ReadOutcome};
use super::crossing::failure::NativeFailure;
use super::crossing::inbound_batch::{CallRecord, InboundBatch};
use super::crossing::inbound_messages::InboundMessages;
use super::crossing::layout::{LOG_ERROR, LOG_WARN, MAX_INLINE_BYTES, READ_NOTHING};
use super::crossing::metadata::metadata;
use super::crossing::outbound_record::{self, OutboundRecord};
use super::crossing::{borrowed, call_id, call_number};
use super::peer::NativePeer;
use super::server::{NativeServer, Shared};
use crate::call::{Code, Metadata, Peer, ReservedBytes, truncate};
use crate::server::{Forwarded, LogLevel};

/// The beginning of a field's name that the log shows.
const MAX_LOGGED_NAME_BYTES: usize = 64;

/// A call that is too large to cross with others.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct NativeOversizedCall<'env> {
    /// The request head: URL and headers, one line each.
    pub head: napi::JsString<'env>,
    /// The message; null when the client sends a stream.
    pub message: Option<Uint8ArraySlice<'env>>,
}

/// The calls of a server that one JavaScript thread serves: the thread takes what waits in Rust, and responds. A number
/// that is unknown, or whose call is over, is ignored everywhere. See `docs/boundary.md`.
#[napi]
pub struct NativeCalls {
    inbox: Arc<Inbox>,
    bell: Arc<Bell>,
    server: Shared,
    /// Calls that JavaScript has, by number.
    calls: RefCell<FxHashMap<u64, Arc<CallState>>>,
    /// The peers of calls that were aborted in the last batch: their handlers may still ask.
    aborted: RefCell<FxHashMap<u64, Arc<Peer>>>,
    /// Events that were taken out of the inbox and did not fit into the last batch.
    taken: RefCell<VecDeque<Event>>,
    /// Whether the inbox has more than was taken. It does not ring for that.
    inbox_has_more: Cell<bool>,
}

#[napi]
impl NativeCalls {
    /// Serves the calls of `server` on this thread; `doorbell` is called when something waits.
    ///
    /// Throws when another `NativeCalls` serves them already.
    #[napi(constructor, catch_unwind)]
    pub fn new(server: ClassInstance<'_, NativeServer>, doorbell: Function<'_, (), Unknown<'static>>) -> Result<Self> {
        let bell = Arc::new(Bell::new(&doorbell)?);
        let server = server.shared().clone();
        Ok(Self {
            inbox: server.attach(&bell)?,
            bell,
            server,
            calls: RefCell::default(),
            aborted: RefCell::default(),
            taken: RefCell::default(),
            inbox_has_more: Cell::new(false),
        })
    }

    /// Keeps the process alive from now on: the server listens.
    #[napi(catch_unwind)]
    pub fn open(&self, env: &Env) -> Result<()> {
        self.bell.keep_alive(env, true)?;
        // Hooks run in the reverse order: the doorbell is silent before the server of this environment closes.
        let bell = Arc::downgrade(&self.bell);
        env.add_env_cleanup_hook((), move |()| {
            if let Some(bell) = bell.upgrade() {
                bell.release();
            }
        })?;
        Ok(())
    }

    /// Takes what waits: records in `records`, their bytes in `bytes` from `offset` on, with at most `maxCalls` new
    /// calls. Returns the number of records. Behind the last one stand `INBOUND_END` numbers. If they say that nothing
    /// more waits, the doorbell rings for the next event.
    #[napi(catch_unwind)]
    pub fn take(
        &self,
        max_calls: u32,
        mut records: Float64ArraySlice<'_>,
        mut bytes: Uint8ArraySlice<'_>,
        offset: u32,
    ) -> u32 {
        if let Some(health) = &self.server.health {
            health.event_loop().acknowledge();
        }
        self.aborted.borrow_mut().clear();
        let mut taken = self.taken.borrow_mut();
        if taken.is_empty() {
            self.inbox_has_more.set(self.inbox.take(max_calls.max(1) as usize, &mut taken));
        }
        let mut batch =
            InboundBatch::new(borrowed::numbers(&mut records), borrowed::bytes(&mut bytes), offset as usize);
        while let Some(event) = taken.front() {
            if !batch.has_room(event.bytes().min(MAX_INLINE_BYTES as usize)) {
                break;
            }
            self.push(event, &mut batch);
            taken.pop_front();
        }
        batch.finish(self.inbox_has_more.get() || !taken.is_empty())
    }

    /// Adds an event to a batch that has room for it.
    fn push(&self, event: &Event, batch: &mut InboundBatch<'_>) {
        let mut calls = self.calls.borrow_mut();
        match event {
            Event::Call(call) => {
                let record = CallRecord {
                    id: call_number(call.id),
                    method: call.head.method,
                    flags: call.head.flags,
                    timeout_ms: call.deadline.remaining().map(|left| left.as_secs_f64() * 1e3),
                };
                if event.bytes() > MAX_INLINE_BYTES as usize {
                    batch.push_oversized_call(&record);
                } else {
                    let (head, message) = call.take_opening();
                    batch.push_call(&record, &head, message.as_deref());
                }
                calls.insert(call.id, Arc::clone(call));
            }
            Event::Readable(call) if calls.contains_key(&call.id) => batch.push_readable(call_number(call.id)),
            Event::Writable(call) if calls.contains_key(&call.id) => batch.push_writable(call_number(call.id)),
            Event::Aborted(call, error) if calls.remove(&call.id).is_some() => {
                self.aborted.borrow_mut().insert(call.id, Arc::clone(&call.head.peer));
                batch.push_aborted(call_number(call.id), error.code, &error.message);
            }
            Event::Log(level, message) => {
                let level = match level {
                    LogLevel::Warn => LOG_WARN,
                    LogLevel::Error => LOG_ERROR,
                };
                batch.push_log(level, message);
            }
            Event::Tls(listener, failure) => batch.push_tls(*listener, failure.as_deref()),
            // JavaScript has ended the call meanwhile.
            Event::Readable(_) | Event::Writable(_) | Event::Aborted(..) => {}
        }
    }

    /// Head and message of a call that was oversized in `take`; null when the call is over.
    #[napi(catch_unwind)]
    pub fn oversized_call<'env>(&self, env: &'env Env, call: f64) -> Result<Option<NativeOversizedCall<'env>>> {
        let Some(call) = self.find(call) else {
            return Ok(None);
        };
        let (head, message) = call.take_opening();
        let head = env.create_string_latin1(&head)?;
        let message = message.map(|message| Uint8ArraySlice::copy_from(env, &message[..])).transpose()?;
        Ok(Some(NativeOversizedCall { head, message }))
    }

    /// Whether anybody still waits for the response to a call that `take` gave.
    #[napi(catch_unwind)]
    pub fn is_awaited(&self, call: f64) -> bool {
        self.find(call).is_some_and(|call| !call.is_abandoned())
    }

    /// The number of the connection of a call, which is never used again; 0 when the call is over. One that was aborted
    /// in the last batch is not over for this.
    #[napi(catch_unwind)]
    pub fn connection(&self, call: f64) -> f64 {
        self.peer_of(call).map_or(0.0, |peer| call_number(peer.connection))
    }

    /// The facts about the connection of a call; null when the call is over.
    #[napi(catch_unwind)]
    pub fn peer<'env>(&self, env: &'env Env, call: f64) -> Result<Option<NativePeer<'env>>> {
        let proxies = &self.server.trusted_proxies;
        self.peer_of(call).map(|peer| NativePeer::new(env, &peer, proxies)).transpose()
    }

    /// The client that trusted proxies tell, for a connection from `address`; null there is a Unix socket. `forwarded`
    /// and `forwardedFor` are the values of `forwarded` and `x-forwarded-for`. Null if nobody who is trusted tells it.
    #[napi(
        ts_args_type = "address: string | null, forwarded: Array<string>, forwardedFor: Array<string>",
        catch_unwind
    )]
    pub fn client_of(
        &self,
        address: Option<String>,
        forwarded: Vec<String>,
        forwarded_for: Vec<String>,
    ) -> Option<String> {
        let address = address.map(|address| address.parse()).transpose().ok()?;
        let forwarded = Forwarded { standard: &forwarded, legacy: &forwarded_for };
        self.server.trusted_proxies.client(address, forwarded).map(|client| client.to_string())
    }

    /// Reads the request messages of a call that have arrived: their bytes into `bytes` from `offset` on, their lengths
    /// into `numbers` from `READ_LENGTHS` on, behind the state of the stream.
    ///
    /// Returns the number of messages, or `READ_NOTHING` when none has arrived: then `KIND_READABLE` follows. An
    /// oversized message comes alone, its length `LENGTH_OVERSIZED`: `oversizedMessage` gives it.
    #[napi(catch_unwind)]
    pub fn read(
        &self,
        call: f64,
        mut numbers: Float64ArraySlice<'_>,
        mut bytes: Uint8ArraySlice<'_>,
        offset: u32,
    ) -> i32 {
        let mut messages =
            InboundMessages::new(borrowed::numbers(&mut numbers), borrowed::bytes(&mut bytes), offset as usize);
        let Some(call) = self.find(call) else {
            messages.end(&Err(crate::call::Error::new(Code::Canceled, "the call is over")));
            return 0;
        };
        match call.read(|message| messages.put(message)) {
            ReadOutcome::Nothing => return READ_NOTHING,
            ReadOutcome::Open => {}
            ReadOutcome::Ended(end) => messages.end(&end),
        }
        messages.count()
    }

    /// The next request message of a call, which was oversized in `read`; null when the call is over.
    #[napi(catch_unwind)]
    pub fn oversized_message<'env>(&self, env: &'env Env, call: f64) -> Result<Option<Uint8ArraySlice<'env>>> {
        let message = self.find(call).and_then(|call| call.read_one());
        message.map(|message| Uint8ArraySlice::copy_from(env, &message[..])).transpose()
    }

    /// Drops the request messages of a call, also those that are still to come: nobody will read them.
    #[napi(catch_unwind)]
    pub fn discard(&self, call: f64) {
        if let Some(call) = self.find(call) {
            call.discard();
        }
    }

    /// Starts the response to a plain HTTP request: status and headers leave at once. Later calls are ignored.
    ///
    /// `write` then sends bytes of the body, `finish` ends it, and `fail` aborts it. Without `respond`, `fail`
    /// responds: for `unimplemented` as if JavaScript did not handle plain HTTP, for any other code with 500.
    #[napi(catch_unwind)]
    pub fn respond(&self, call: f64, status: u16, header: Vec<String>) {
        if let Some(call) = self.find(call) {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            call.respond(status, self.metadata(header));
        }
    }

    /// Sends one message of a response stream. Returns false when the next one has to wait for `KIND_WRITABLE`, or the
    /// call is over.
    #[napi(ts_args_type = "call: number, message: Uint8Array, header: Array<string> | null", catch_unwind)]
    pub fn write(&self, call: f64, message: &[u8], header: Option<Vec<String>>) -> bool {
        let Some(call) = self.find(call) else {
            return false;
        };
        self.write_one(&call, message, header.map(|header| self.metadata(header)))
    }

    /// Ends a call without error: with its only message, or with null at the end of a stream.
    #[napi(
        ts_args_type = "call: number, message: Uint8Array | null, header: Array<string> | null, trailer: Array<string> | null",
        catch_unwind
    )]
    pub fn finish(&self, call: f64, message: Option<&[u8]>, header: Option<Vec<String>>, trailer: Option<Vec<String>>) {
        if let Some(call) = self.remove(call) {
            let header = header.map(|header| self.metadata(header));
            let trailer = trailer.map(|trailer| self.metadata(trailer)).unwrap_or_default();
            finish(&call, message, header, trailer);
        }
    }

    /// Ends a call with an error.
    #[napi(catch_unwind)]
    pub fn fail(&self, call: f64, failure: NativeFailure) {
        if let Some(call) = self.remove(call) {
            let (error, header, trailer) = failure.into_parts(&|fields| self.metadata(fields));
            call.finish(None, header, trailer, Some(error));
        }
    }

    /// Sends responses of many calls at once: `count` records in `records`, their messages one behind the other in
    /// `bytes`. Says in each record of a stream whether the stream is full.
    #[napi(catch_unwind)]
    pub fn submit(&self, mut records: Float64ArraySlice<'_>, bytes: Uint8ArraySlice<'_>, count: u32) {
        let mut rest = &bytes[..];
        let records = borrowed::numbers(&mut records).chunks_exact_mut(outbound_record::RECORD);
        for record in records.take(count as usize) {
            let Some(response) = OutboundRecord::read(record, &mut rest) else {
                return;
            };
            let is_full = match response {
                OutboundRecord::OnlyMessage(call, message) => self.finish_one(call, Some(message)),
                OutboundRecord::Message(call, message) => {
                    self.find(call).is_some_and(|call| !self.write_one(&call, message, None))
                }
                OutboundRecord::End(call) => self.finish_one(call, None),
            };
            OutboundRecord::write_full(record, is_full);
        }
    }

    /// Wakes the connections of calls that were read, written or ended since the last flush.
    #[napi(catch_unwind)]
    pub fn flush(&self) {
        self.server.wake();
    }

    /// Stops keeping the process alive, and releases the doorbell with all that JavaScript reaches from it. Call it
    /// when the server is closed; `take` still returns what waits.
    #[napi(catch_unwind)]
    pub fn close(&self, env: &Env) -> Result<()> {
        self.bell.keep_alive(env, false)?;
        self.bell.release();
        Ok(())
    }

    /// Ends a call without headers and trailers. Returns whether its stream is full: never, as it has ended.
    fn finish_one(&self, call: f64, message: Option<&[u8]>) -> bool {
        if let Some(call) = self.remove(call) {
            finish(&call, message, None, Metadata::new());
        }
        false
    }

    /// Sends a message of a response stream. A stream whose connection or server holds too much is aborted. Returns
    /// whether it has room for the next message.
    fn write_one(&self, call: &Arc<CallState>, message: &[u8], header: Option<Metadata>) -> bool {
        match reserve(call, message) {
            Ok(message) => call.write(message, header),
            Err(error) => {
                call.finish(None, header, Metadata::new(), Some(error.clone()));
                self.inbox.push(Event::Aborted(Arc::clone(call), error));
                false
            }
        }
    }

    /// Headers or trailers. Those that HTTP cannot carry are left out, and the log says which.
    fn metadata(&self, list: Vec<String>) -> Metadata {
        metadata(list, |name| {
            let name = truncate(name, MAX_LOGGED_NAME_BYTES).escape_debug();
            self.server.warn(format!(
                "a response field has characters that HTTP does not allow, and is left out (name: {name})"
            ));
        })
    }

    fn peer_of(&self, call: f64) -> Option<Arc<Peer>> {
        let calls = self.calls.borrow();
        let running = calls.get(&call_id(call)).map(|call| Arc::clone(&call.head.peer));
        running.or_else(|| self.aborted.borrow().get(&call_id(call)).cloned())
    }

    fn find(&self, call: f64) -> Option<Arc<CallState>> {
        self.calls.borrow().get(&call_id(call)).cloned()
    }

    fn remove(&self, call: f64) -> Option<Arc<CallState>> {
        self.calls.borrow_mut().remove(&call_id(call))
    }
}

impl Drop for NativeCalls {
    /// Nothing can take any more what waits, or comes later.
    fn drop(&mut self) {
        self.inbox.close();
    }
}

/// Ends a call without error, unless its connection or the server holds too much for the message.
fn finish(call: &CallState, message: Option<&[u8]>, header: Option<Metadata>, trailer: Metadata) {
    match message.map(|message| reserve(call, message)).transpose() {
        Ok(message) => call.finish(message, header, trailer, None),
        Err(error) => call.finish(None, header, trailer, Some(error)),
    }
}

/// Copies a message out of JavaScript's memory.
fn reserve(call: &CallState, message: &[u8]) -> std::result::Result<ReservedBytes, crate::call::Error> {
    let reservation = call.reserve_response(message.len())?;
    Ok(ReservedBytes::new(Bytes::copy_from_slice(message), reservation))
}
