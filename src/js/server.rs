//! The server as JavaScript holds it.
#![allow(clippy::needless_pass_by_value, reason = "what napi makes of arguments is owned, used up or not")]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use napi::bindgen_prelude::*;
use napi::{Env, JsDeferred};
use napi_derive::napi;

use super::bell::Bell;
use super::call::Call;
use super::failure::NativeFailure;
use super::handler::JsHandler;
use super::inbox::{Event, Inbox};
use super::listen_error::listen_error;
use super::metadata::metadata;
use super::methods::NativeMethod;
use super::options::NativeServerOptions;
use crate::rpc::{Budget, Held, Metadata, Router, RpcService};
use crate::server::{Observer, Server, ServerOptions};

/// The address a server listens on, as Node's `AddressInfo` has it.
#[napi(object, object_from_js = false)]
pub struct NativeAddress {
    /// The IP address.
    pub address: String,
    /// `IPv4` or `IPv6`.
    pub family: String,
    /// The port.
    pub port: u16,
}

/// Request messages that have arrived.
#[napi(object, object_from_js = false)]
pub struct NativeInbound<'env> {
    /// The messages in order.
    pub messages: Vec<Uint8ArraySlice<'env>>,
    /// Whether these were the last ones.
    pub end: bool,
    /// The status code if the request stream failed after these messages, else null.
    pub code: Option<u32>,
    /// What was wrong with it, else null.
    pub message: Option<String>,
}

/// Kinds of events in the list that `take` gives.
mod kind {
    pub const CALL: u32 = 0;
    pub const READABLE: u32 = 1;
    pub const WRITABLE: u32 = 2;
    pub const ABORTED: u32 = 3;
    pub const REFUSED: u32 = 4;
    pub const REQUEST: u32 = 5;
}

/// A server: sockets, protocols, limits and deadlines in Rust, handlers in JavaScript. See `docs/boundary.md`.
#[napi]
pub struct NativeServer {
    options: ServerOptions,
    service: Arc<RpcService>,
    inbox: Arc<Inbox>,
    closing: Arc<AtomicBool>,
    running: Arc<Running>,
    /// Calls that JavaScript has, by number. Only its thread looks.
    calls: RefCell<HashMap<u64, Arc<Call>>>,
    cleanup_registered: Cell<bool>,
}

/// The listening server, where the environment's cleanup finds it too.
#[derive(Default)]
struct Running(parking_lot::Mutex<Option<Arc<Server>>>);

impl Running {
    fn get(&self) -> Option<Arc<Server>> {
        self.0.lock().clone()
    }
}

#[napi]
impl NativeServer {
    /// A server for `methods` that rings `doorbell` when something waits. Opens nothing yet.
    ///
    /// Throws when a method names a compression that is not there, or TLS cannot be spoken with what is given.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        options: NativeServerOptions,
        methods: Vec<NativeMethod>,
        doorbell: Function<'_, (), Unknown<'static>>,
    ) -> Result<Self> {
        let methods = methods
            .into_iter()
            .zip(0..)
            .map(|(method, index)| method.into_method(index))
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|reason| Error::new(Status::InvalidArg, reason))?;
        let budget = Budget::new(options.max_buffered_bytes());
        let inbox = Inbox::new(Bell::new(&doorbell)?, options.max_queued_calls as usize, Arc::clone(&budget));
        let closing = Arc::new(AtomicBool::new(false));
        let handler = Arc::new(JsHandler::new(Arc::clone(&inbox), Arc::clone(&closing)));
        let service = RpcService::new(Router::new(methods), Arc::clone(&handler) as _, budget);
        let service = Arc::new(if options.other_requests { service.with_fallback(handler) } else { service });
        Ok(Self {
            options: options.into_server_options()?,
            service,
            inbox,
            closing,
            running: Arc::default(),
            calls: RefCell::default(),
            cleanup_registered: Cell::new(false),
        })
    }

    /// Binds and accepts. Once only.
    ///
    /// Throws what Node throws when a server cannot listen: an error with `code`, `errno`, `syscall`, `address`, `port`.
    #[napi(catch_unwind)]
    pub fn listen(&self, env: &Env) -> Result<NativeAddress> {
        if self.running.0.lock().is_some() || self.closing.load(Ordering::Acquire) {
            return Err(Error::new(Status::GenericFailure, "the server has been started before"));
        }
        let observer: Arc<dyn Observer> = Arc::clone(&self.inbox) as _;
        let server = Server::listen(&self.options, Arc::clone(&self.service), observer)
            .map_err(|failure| listen_error(env, &failure))?;
        let address = server.address();
        *self.running.0.lock() = Some(Arc::new(server));
        self.inbox.bell().keep_alive(env, true)?;
        if !self.cleanup_registered.replace(true) {
            // A worker may be terminated, and a process may exit, at any time: no thread of ours may outlive them.
            let (running, inbox) = (Arc::downgrade(&self.running), Arc::downgrade(&self.inbox));
            env.add_env_cleanup_hook((), move |()| {
                if let Some(inbox) = inbox.upgrade() {
                    inbox.bell().remove();
                }
                if let Some(server) = running.upgrade().and_then(|running| running.get()) {
                    server.close();
                }
            })?;
        }
        let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
        Ok(NativeAddress { address: address.ip().to_string(), family: family.into(), port: address.port() })
    }

    /// What waits for JavaScript, flat: kind, call, and the fields of that kind. At most `limit` new calls; with fewer,
    /// nothing is left and the bell will ring again.
    #[napi(ts_return_type = "Array<unknown>", catch_unwind)]
    pub fn take<'env>(&self, env: &'env Env, limit: u32) -> Result<Array<'env>> {
        let mut list = env.create_array(0)?;
        let mut calls = self.calls.borrow_mut();
        for event in self.inbox.take(limit.max(1) as usize) {
            match event {
                Event::Call(call) => {
                    let Some(method) = call.opening.method else {
                        list.insert(kind::REQUEST)?;
                        list.insert(number(call.id))?;
                        list.insert(env.create_string_latin1(&call.opening.head)?)?;
                        calls.insert(call.id, call);
                        continue;
                    };
                    list.insert(kind::CALL)?;
                    list.insert(number(call.id))?;
                    list.insert(method)?;
                    list.insert(call.opening.flags)?;
                    list.insert(call.deadline.remaining().map_or(-1.0, |left| left.as_secs_f64() * 1e3))?;
                    list.insert(env.create_string_latin1(&call.opening.head)?)?;
                    match call.take_message() {
                        Some(message) => list.insert(Uint8ArraySlice::copy_from(env, &message[..])?)?,
                        None => list.insert(Null)?,
                    }
                    calls.insert(call.id, call);
                }
                Event::Readable(call) if calls.contains_key(&call.id) => {
                    list.insert(kind::READABLE)?;
                    list.insert(number(call.id))?;
                }
                Event::Writable(call) if calls.contains_key(&call.id) => {
                    list.insert(kind::WRITABLE)?;
                    list.insert(number(call.id))?;
                }
                Event::Aborted(call, error) if calls.remove(&call.id).is_some() => {
                    list.insert(kind::ABORTED)?;
                    list.insert(number(call.id))?;
                    list.insert(error.code.number())?;
                    list.insert(error.message)?;
                }
                Event::Refused(reason) => {
                    list.insert(kind::REFUSED)?;
                    list.insert(reason)?;
                }
                // JavaScript has ended the call meanwhile.
                Event::Readable(_) | Event::Writable(_) | Event::Aborted(..) => {}
            }
        }
        Ok(list)
    }

    /// Whether anybody still waits for the answer of a call that `take` gave.
    #[napi(catch_unwind)]
    pub fn is_awaited(&self, call: f64) -> bool {
        self.find(call).is_some_and(|call| !call.has_ended())
    }

    /// The request messages of a call that have arrived; null when there are none yet, then `Readable` follows.
    #[napi(catch_unwind)]
    pub fn read<'env>(&self, env: &'env Env, call: f64) -> Result<Option<NativeInbound<'env>>> {
        let Some(call) = self.find(call) else {
            return Ok(Some(NativeInbound {
                messages: Vec::new(),
                end: true,
                code: Some(crate::rpc::Code::Canceled.number()),
                message: Some("the call is over".into()),
            }));
        };
        let Some(arrived) = call.read() else {
            return Ok(None);
        };
        let messages = arrived
            .messages
            .iter()
            .map(|message| Uint8ArraySlice::copy_from(env, &message[..]))
            .collect::<Result<_>>()?;
        let (code, message) = match &arrived.end {
            Some(Err(error)) => (Some(error.code.number()), Some(error.message.clone())),
            _ => (None, None),
        };
        Ok(Some(NativeInbound { messages, end: arrived.end.is_some(), code, message }))
    }

    /// Begins the answer to a request that is no RPC: status and headers leave at once. The first time counts.
    ///
    /// `write` then sends bytes of the body, `finish` ends it, and `fail` breaks it off. Without `respond`, `fail` answers:
    /// `unimplemented` as if nobody were there to answer, any other code with 500.
    #[napi(catch_unwind)]
    pub fn respond(&self, call: f64, status: u16, header: Vec<String>) {
        if let Some(call) = self.find(call) {
            call.respond(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), metadata(header));
        }
    }

    /// Sends one message of a response stream; false asks to wait for `Writable`, or for the news that the call is over.
    #[napi(catch_unwind)]
    pub fn write(&self, call: f64, message: &[u8], header: Option<Vec<String>>) -> bool {
        match self.find(call) {
            Some(call) => {
                let message = self.hold(message);
                call.write(message, header.map(metadata))
            }
            None => false,
        }
    }

    /// Ends a call well: with its message, or with null at the end of a stream.
    #[napi(catch_unwind)]
    pub fn finish(&self, call: f64, message: Option<&[u8]>, header: Option<Vec<String>>, trailer: Option<Vec<String>>) {
        if let Some(call) = self.remove(call) {
            let message = message.map(|message| self.hold(message));
            let trailer = trailer.map(metadata).unwrap_or_default();
            call.end(message, header.map(metadata), trailer, None);
        }
    }

    /// Ends a call with an error.
    #[napi(catch_unwind)]
    pub fn fail(&self, call: f64, failure: NativeFailure) {
        if let Some(call) = self.remove(call) {
            let (error, header, trailer): (_, _, Metadata) = failure.into_parts();
            call.end(None, header, trailer, Some(error));
        }
    }

    /// Wakes the connections whose calls were read, written or ended since the last flush.
    #[napi(catch_unwind)]
    pub fn flush(&self) {
        if let Some(server) = self.running.get() {
            server.wake();
        }
    }

    /// Stops accepting, sends GOAWAY and `connection: close`, closes idle connections. Resolves to true when all have
    /// ended, to false after `timeoutMs`, or when the server is closed before.
    #[napi(ts_return_type = "Promise<boolean>", catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env, timeout_ms: f64) -> Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred()?;
        let drained = Drained(Some(deferred));
        match self.running.get() {
            Some(server) => {
                let timeout = Duration::try_from_secs_f64(timeout_ms / 1e3).unwrap_or(Duration::MAX);
                server.drain(timeout, move |all| drained.resolve(all));
            }
            None => drained.resolve(true),
        }
        Ok(promise)
    }

    /// Cuts what is left and ends the threads. Calls that were cut wait in `take`, which still answers.
    #[napi(catch_unwind)]
    pub fn close(&self, env: &Env) -> Result<()> {
        self.closing.store(true, Ordering::Release);
        if let Some(server) = self.running.get() {
            server.close();
        }
        self.inbox.bell().keep_alive(env, false)
    }

    fn hold(&self, message: &[u8]) -> Held {
        Held::new(Bytes::copy_from_slice(message), self.inbox.budget().force(message.len()))
    }

    fn find(&self, call: f64) -> Option<Arc<Call>> {
        self.calls.borrow().get(&id(call)).cloned()
    }

    fn remove(&self, call: f64) -> Option<Arc<Call>> {
        self.calls.borrow_mut().remove(&id(call))
    }
}

/// Tells JavaScript how draining ended, whatever becomes of the task that waits for it.
struct Drained(Option<JsDeferred<bool, Answer>>);

/// What a settled promise is made of.
type Answer = Box<dyn FnOnce(Env) -> Result<bool> + Send>;

impl Drained {
    fn resolve(mut self, all_ended: bool) {
        self.settle(all_ended);
    }

    fn settle(&mut self, all_ended: bool) {
        if let Some(deferred) = self.0.take() {
            deferred.resolve(Box::new(move |_| Ok(all_ended)));
        }
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        self.settle(false);
    }
}

/// A call's number as JavaScript has it: below 2^53 for the lifetime of any process.
#[allow(clippy::cast_precision_loss, reason = "numbers count up from one, a million a second for three centuries")]
fn number(id: u64) -> f64 {
    id as f64
}

/// The other way; what is no number of ours finds no call.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
fn id(number: f64) -> u64 {
    number as u64
}
