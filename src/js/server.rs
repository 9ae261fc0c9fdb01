//! The server as JavaScript holds it.
#![allow(clippy::needless_pass_by_value, reason = "what napi makes of arguments is owned, used up or not")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use napi::bindgen_prelude::*;
use napi::{Env, JsDeferred};
use napi_derive::napi;
use rustc_hash::FxHashMap;

use super::bell::Bell;
use super::builtins::BuiltIns;
use super::call::{Call, ReadOutcome};
use super::delivery::{APART, InboundBatch, LARGE_BYTES, NONE, bounded};
use super::failure::NativeFailure;
use super::handler::JsHandler;
use super::health;
use super::inbox::{Event, Inbox};
use super::lent;
use super::listen_error::listen_error;
use super::metadata::metadata;
use super::method::NativeMethod;
use super::options::NativeServerOptions;
use super::reading::InboundMessages;
use super::schema::NativeSchema;
use super::settling::{OUTBOUND_RECORD, OutboundRecord};
use crate::rpc::{Budget, Handlers, Metadata, ReservedBytes, Router, RpcService};
use crate::server::{Observer, Server, ServerOptions};
use crate::services::health::Health;
use crate::services::reflection::ReflectionService;

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

/// What is told of a call by itself, as it is too large to be told with others.
#[napi(object, object_from_js = false)]
pub struct NativeOpening<'env> {
    /// URL and headers, a line each.
    pub head: napi::JsString<'env>,
    /// The message; null when requests are a stream.
    pub message: Option<Uint8ArraySlice<'env>>,
}

/// Kinds of records that `take` gives.
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
    /// The health that is answered here.
    health: Option<Arc<Health>>,
    /// The reflection that is answered here.
    reflection: Option<Arc<ReflectionService>>,
    /// Calls that JavaScript has, by number. Only its thread looks.
    calls: RefCell<FxHashMap<u64, Arc<Call>>>,
    /// Taken out of the inbox, and not told yet for want of room.
    taken: RefCell<VecDeque<Event>>,
    /// The inbox has more than was taken out of it, and will not ring for that.
    more: Cell<bool>,
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
    /// A server for `methods` that rings `doorbell` when something waits. Reflection that is answered here tells of
    /// `schema`. Opens nothing yet.
    ///
    /// Throws when a method names a compression that is not there, or TLS cannot be spoken with what is given.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        options: NativeServerOptions,
        methods: Vec<NativeMethod>,
        doorbell: Function<'_, (), Unknown<'static>>,
        schema: Option<ClassInstance<'_, NativeSchema>>,
    ) -> Result<Self> {
        let answered_by: Vec<_> = methods.iter().map(|method| method.answered_by.clone()).collect();
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
        let schema = schema.map(|schema| Arc::clone(&schema.schema));
        let builtins = BuiltIns::new(&options, schema, &budget);
        let handlers = answered_by
            .iter()
            .map(|name| builtins.handler(name.as_deref(), &handler))
            .collect::<std::result::Result<_, _>>()
            .map_err(|reason| Error::new(Status::InvalidArg, reason))?;
        let service = RpcService::new(Router::new(methods), Arc::new(Handlers::new(handlers)), budget);
        let fallback = builtins.fallback(options.other_requests.then_some(handler as _));
        let service = Arc::new(match fallback {
            Some(fallback) => service.with_http_handler(fallback),
            None => service,
        });
        Ok(Self {
            health: builtins.health,
            reflection: builtins.reflection,
            options: options.into_server_options()?,
            service,
            inbox,
            closing,
            running: Arc::default(),
            calls: RefCell::default(),
            taken: RefCell::default(),
            more: Cell::new(false),
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
        if let Some(health) = &self.health {
            server.spawn(watch_event_loop(Arc::clone(health), Arc::clone(&self.inbox)));
        }
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

    /// What waits for JavaScript: records in `records`, their bytes in `bytes` from `offset` on. Gives how many records; the
    /// number behind them is 1 when there is more. At most `limit` are new calls. With nothing more the bell will ring again.
    #[napi(catch_unwind)]
    pub fn take(
        &self,
        limit: u32,
        mut records: Float64ArraySlice<'_>,
        mut bytes: Uint8ArraySlice<'_>,
        offset: u32,
    ) -> u32 {
        if let Some(health) = &self.health {
            health.event_loop().answer();
        }
        let mut taken = self.taken.borrow_mut();
        if taken.is_empty() {
            self.more.set(self.inbox.take(limit.max(1) as usize, &mut taken));
        }
        let mut delivery = InboundBatch::new(lent::numbers(&mut records), lent::bytes(&mut bytes), offset as usize);
        while let Some(event) = taken.front() {
            if !self.deliver(event, &mut delivery) {
                break;
            }
            taken.pop_front();
        }
        delivery.finish(self.more.get() || !taken.is_empty())
    }

    /// Puts an event into a delivery; false when there is no room for it.
    fn deliver(&self, event: &Event, delivery: &mut InboundBatch<'_>) -> bool {
        if !delivery.has_room(event.bytes().min(LARGE_BYTES)) {
            return false;
        }
        let mut calls = self.calls.borrow_mut();
        match event {
            Event::Call(call) => {
                let is_large = event.bytes() > LARGE_BYTES;
                let head = if is_large { APART } else { delivery.put(&call.opening.head) };
                let message = if is_large { None } else { call.take_message() };
                let message = message.map_or(NONE, |message| delivery.put(&message));
                let timeout = call.deadline.remaining().map_or(-1.0, |left| left.as_secs_f64() * 1e3);
                let (kind, method) =
                    call.opening.method.map_or((kind::REQUEST, 0.0), |method| (kind::CALL, f64::from(method)));
                let flags = f64::from(call.opening.flags);
                delivery.push(kind, number(call.id), [method, flags, timeout, head, message]);
                calls.insert(call.id, Arc::clone(call));
            }
            Event::Readable(call) if calls.contains_key(&call.id) => {
                delivery.push(kind::READABLE, number(call.id), [0.0, 0.0, 0.0, NONE, NONE]);
            }
            Event::Writable(call) if calls.contains_key(&call.id) => {
                delivery.push(kind::WRITABLE, number(call.id), [0.0, 0.0, 0.0, NONE, NONE]);
            }
            Event::Aborted(call, error) if calls.remove(&call.id).is_some() => {
                let text = delivery.put(bounded(&error.message));
                let code = f64::from(error.code.number());
                delivery.push(kind::ABORTED, number(call.id), [code, 0.0, 0.0, text, NONE]);
            }
            Event::Refused(reason) => {
                let text = delivery.put(bounded(reason));
                delivery.push(kind::REFUSED, 0.0, [0.0, 0.0, 0.0, text, NONE]);
            }
            // JavaScript has ended the call meanwhile.
            Event::Readable(_) | Event::Writable(_) | Event::Aborted(..) => {}
        }
        true
    }

    /// Head and message of a call that were too large for a delivery.
    #[napi(catch_unwind)]
    pub fn opening<'env>(&self, env: &'env Env, call: f64) -> Result<Option<NativeOpening<'env>>> {
        let Some(call) = self.find(call) else {
            return Ok(None);
        };
        let head = env.create_string_latin1(&call.opening.head)?;
        let message = call.take_message().map(|message| Uint8ArraySlice::copy_from(env, &message[..])).transpose()?;
        Ok(Some(NativeOpening { head, message }))
    }

    /// Whether anybody still waits for the answer of a call that `take` gave.
    #[napi(catch_unwind)]
    pub fn is_awaited(&self, call: f64) -> bool {
        self.find(call).is_some_and(|call| !call.has_ended())
    }

    /// The request messages of a call that have arrived: in `bytes` from `offset` on, their lengths in `lengths` behind three
    /// numbers: how the stream stands (0 open, 1 at its end, 2 failed), and with a failure its code and the length of its text,
    /// which stands behind the messages. Gives how many messages; -1 when there is nothing yet, then `Readable` follows. One
    /// that is too large is alone, its length -2: `message` gives it.
    #[napi(catch_unwind)]
    pub fn read(
        &self,
        call: f64,
        mut lengths: Float64ArraySlice<'_>,
        mut bytes: Uint8ArraySlice<'_>,
        offset: u32,
    ) -> i32 {
        let mut reading = InboundMessages::new(lent::numbers(&mut lengths), lent::bytes(&mut bytes), offset as usize);
        let Some(call) = self.find(call) else {
            reading.end(&Err(crate::rpc::Error::new(crate::rpc::Code::Canceled, "the call is over")));
            return 0;
        };
        match call.read(|message| reading.put(message)) {
            ReadOutcome::Nothing => return -1,
            ReadOutcome::Open => {}
            ReadOutcome::Over(end) => reading.end(&end),
        }
        reading.count()
    }

    /// The next request message of a call, which was too large for `read`.
    #[napi(catch_unwind)]
    pub fn message<'env>(&self, env: &'env Env, call: f64) -> Result<Option<Uint8ArraySlice<'env>>> {
        let message = self.find(call).and_then(|call| call.read_one());
        message.map(|message| Uint8ArraySlice::copy_from(env, &message[..])).transpose()
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

    /// Answers many calls at once: `count` records in `records`, their messages behind each other in `bytes`. Each record is
    /// what is answered (0 the only message, 1 a message of a stream, 2 the end of a stream), the call, and the length of the
    /// message. The first number of a message of a stream becomes 1 if it is time to wait for `Writable`, else 0.
    #[napi(catch_unwind)]
    pub fn settle(&self, mut records: Float64ArraySlice<'_>, bytes: Uint8ArraySlice<'_>, count: u32) {
        let mut rest = &bytes[..];
        for record in lent::numbers(&mut records).chunks_exact_mut(OUTBOUND_RECORD).take(count as usize) {
            let Some(settling) = OutboundRecord::of(record, &mut rest) else {
                return;
            };
            let full = match settling {
                OutboundRecord::Only(call, message) => self.finish_one(call, Some(message)),
                OutboundRecord::Message(call, message) => {
                    self.find(call).is_some_and(|call| !call.write(self.hold(message), None))
                }
                OutboundRecord::End(call) => self.finish_one(call, None),
            };
            record[0] = f64::from(u8::from(full));
        }
    }

    /// Wakes the connections whose calls were read, written or ended since the last flush.
    #[napi(catch_unwind)]
    pub fn flush(&self) {
        if let Some(server) = self.running.get() {
            server.wake();
        }
    }

    /// Tells the health that is answered here of changes: entries by name, and for each the number of its status, or one below
    /// zero when it is gone. Who watches is told of all at once.
    #[napi(catch_unwind)]
    pub fn report_health(&self, names: Vec<String>, statuses: Vec<i32>) {
        if let Some(health) = &self.health {
            health.report(names.into_iter().zip(statuses.into_iter().map(health::status)));
        }
    }

    /// How late the event loop is, or was when it last gave a sign of life, in milliseconds. It is asked only when health is
    /// answered here.
    #[napi(catch_unwind)]
    pub fn event_loop_lag(&self) -> f64 {
        self.health.as_ref().map_or(0.0, |health| health.event_loop().lag().as_secs_f64() * 1e3)
    }

    /// Stops accepting, sends GOAWAY and `connection: close`, closes idle connections. Resolves to true when all have
    /// ended, to false after `timeoutMs`, or when the server is closed before.
    #[napi(ts_return_type = "Promise<boolean>", catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env, timeout_ms: f64) -> Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred()?;
        let drained = Drained(Some(deferred));
        if let Some(health) = &self.health {
            health.drain();
        }
        match self.running.get() {
            Some(server) => {
                let timeout = Duration::try_from_secs_f64(timeout_ms / 1e3).unwrap_or(Duration::MAX);
                server.drain(timeout, move |all| drained.resolve(all));
            }
            None => drained.resolve(true),
        }
        Ok(promise)
    }

    /// Ends the streams that are answered here, and that their clients keep open while they ask nothing.
    #[napi(catch_unwind)]
    pub fn end_idle_streams(&self) {
        if let Some(reflection) = &self.reflection {
            reflection.end();
        }
    }

    /// Cuts what is left, ends the threads and takes the bell down. Calls that were cut wait in `take`, which still answers.
    #[napi(catch_unwind)]
    pub fn close(&self, env: &Env) -> Result<()> {
        self.closing.store(true, Ordering::Release);
        if let Some(server) = self.running.get() {
            server.close();
        }
        let bell = self.inbox.bell();
        bell.keep_alive(env, false)?;
        // As long as it hangs its function lives, and with that all that JavaScript has of this server.
        bell.remove();
        Ok(())
    }

    fn finish_one(&self, call: f64, message: Option<&[u8]>) -> bool {
        if let Some(call) = self.remove(call) {
            call.end(message.map(|message| self.hold(message)), None, Metadata::new(), None);
        }
        false
    }

    fn hold(&self, message: &[u8]) -> ReservedBytes {
        ReservedBytes::new(Bytes::copy_from_slice(message), self.inbox.budget().force(message.len()))
    }

    fn find(&self, call: f64) -> Option<Arc<Call>> {
        self.calls.borrow().get(&id(call)).cloned()
    }

    fn remove(&self, call: f64) -> Option<Arc<Call>> {
        self.calls.borrow_mut().remove(&id(call))
    }
}

/// Asks the event loop behind `inbox` for a sign of life, again and again. `take` gives it.
async fn watch_event_loop(health: Arc<Health>, inbox: Arc<Inbox>) {
    let mut ticks = tokio::time::interval(health.ask_every());
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if health.event_loop().ask() {
            inbox.bell().ring();
        }
        health.look();
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
