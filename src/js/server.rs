//! The server that JavaScript holds: its sockets, its lifecycle, and what all JavaScript threads share.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use napi::bindgen_prelude::*;
use napi::{Env, JsDeferred};
use napi_derive::napi;

use super::builtins::BuiltIns;
use super::call::bell::Bell;
use super::call::handler::JsHandler;
use super::call::inbox::Inbox;
use super::call::threads::{JsThread, JsThreads};
use super::certificate::{NativeServerCertificate, NativeTlsWarnings};
use super::listen_error::listen_error;
use super::options::cors::NativeCorsOptions;
use super::options::health::status;
use super::options::method::NativeMethod;
use super::options::server::NativeServerOptions;
use super::options::tls::NativeTlsOptions;
use super::schema::NativeSchema;
use super::tls_error::tls_error;
use crate::call::Budget;
use crate::rpc::{Handlers, Router, RpcService};
use crate::server::{DrainOptions, ListenAddress, Observer, Server, ServerOptions, TrustedProxies};
use crate::services::health::Health;
use crate::services::reflection::ReflectionService;

/// The address of a listener. That of TCP is as Node's `AddressInfo` has it.
#[napi(object, object_from_js = false)]
pub struct NativeAddress {
    /// The IP address, or the path of a Unix socket.
    pub address: String,
    /// `IPv4`, `IPv6` or `Unix`.
    pub family: String,
    /// The port; 0 for a Unix socket.
    pub port: u16,
}

impl From<&ListenAddress> for NativeAddress {
    fn from(address: &ListenAddress) -> Self {
        match address {
            ListenAddress::Tcp(address) => {
                let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
                Self { address: address.ip().to_string(), family: family.into(), port: address.port() }
            }
            ListenAddress::Unix(path) => Self { address: path.display().to_string(), family: "Unix".into(), port: 0 },
        }
    }
}

/// A server: sockets, protocols, limits and deadlines in Rust. Its calls are served by a `NativeCalls`. See
/// `docs/boundary.md`.
#[napi]
pub struct NativeServer {
    options: ServerOptions,
    service: Arc<RpcService>,
    closing: Arc<AtomicBool>,
    cleanup_registered: Cell<bool>,
    shared: Shared,
    reflection: Option<Arc<ReflectionService>>,
}

/// The part of a server that its JavaScript threads share.
#[derive(Clone)]
pub struct Shared {
    threads: Arc<JsThreads>,
    running: Arc<Running>,
    max_queued_calls: usize,
    /// Built-in health, if the server has it.
    pub health: Option<Arc<Health>>,
    /// The proxies that tell who the client is.
    pub trusted_proxies: Arc<TrustedProxies>,
}

impl Shared {
    /// Attaches a JavaScript thread that `bell` wakes; returns the queue of its calls.
    ///
    /// # Errors
    ///
    /// The server has a thread already.
    pub fn attach(&self, bell: &Arc<Bell>) -> Result<Arc<Inbox>> {
        let inbox = Inbox::new(Arc::clone(bell), self.max_queued_calls);
        let thread = JsThread { inbox: Arc::clone(&inbox), bell: Arc::clone(bell) };
        if self.threads.attach(thread) {
            Ok(inbox)
        } else {
            Err(Error::new(Status::GenericFailure, "the server's calls are served by another NativeCalls already"))
        }
    }

    /// Warns in the server's log, which limits how many warnings pass.
    pub fn warn(&self, text: String) {
        if let Some(server) = self.running.get() {
            // The subscriber of the log is on the server's threads.
            server.spawn(async move { tracing::warn!("{text}") });
        }
    }

    /// Wakes the tasks of connections that were pushed to the queues of the server's threads.
    pub fn wake(&self) {
        if let Some(server) = self.running.get() {
            server.wake();
        }
    }
}

/// The listening server, where the environment's cleanup hook finds it too.
#[derive(Default)]
struct Running(parking_lot::Mutex<Option<Arc<Server>>>);

impl Running {
    fn get(&self) -> Option<Arc<Server>> {
        self.0.lock().clone()
    }
}

#[napi]
impl NativeServer {
    /// Makes a server for `methods`. Built-in reflection serves `schema`. Opens nothing yet.
    ///
    /// Throws when a method names a compression or a built-in service that does not exist, or when the options of TLS,
    /// CORS or proxies are invalid.
    #[napi(
        constructor,
        ts_args_type = "options: NativeServerOptions, methods: Array<NativeMethod>, schema: NativeSchema | null",
        catch_unwind
    )]
    pub fn new(
        env: &Env,
        options: NativeServerOptions,
        methods: Vec<NativeMethod>,
        schema: Option<ClassInstance<'_, NativeSchema>>,
    ) -> Result<Self> {
        let invalid = |reason| Error::new(Status::InvalidArg, reason);
        let budget = Budget::new(options.limits());
        let builtins = BuiltIns::new(&options, schema.map(|schema| Arc::clone(&schema.schema)));
        let threads = Arc::new(JsThreads::default());
        let closing = Arc::new(AtomicBool::new(false));
        let javascript = Arc::new(JsHandler::new(Arc::clone(&threads), Arc::clone(&closing)));
        let handlers = methods
            .iter()
            .map(|method| builtins.handler(method.built_in.as_deref(), &javascript))
            .collect::<std::result::Result<_, _>>()
            .map_err(invalid)?;
        let methods = methods
            .into_iter()
            .zip(0..)
            .map(|(method, index)| {
                let max_request_bytes = BuiltIns::max_request_bytes(method.built_in.as_deref());
                method.into_method(index, max_request_bytes)
            })
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(invalid)?;
        let service = RpcService::new(Router::new(methods), Arc::new(Handlers::new(handlers)), budget);
        let http_handler = builtins.http_handler(options.plain_http.then_some(javascript as _));
        let service = match http_handler {
            Some(http_handler) => service.with_http_handler(http_handler),
            None => service,
        };
        let cors = options.cors.clone().map(NativeCorsOptions::into_cors).transpose().map_err(invalid)?;
        let service = Arc::new(match cors {
            Some(cors) => service.with_cors(cors),
            None => service,
        });
        let max_queued_calls = options.max_queued_calls as usize;
        let trusted_proxies = Arc::new(options.trusted_proxies().map_err(invalid)?);
        let proxies = options.proxies().map_err(invalid)?;
        let mut options = options.into_server_options().map_err(|error| tls_error(env, &error))?;
        for (listener, proxies) in options.listeners.iter_mut().zip(proxies) {
            listener.proxy_protocol = proxies;
        }
        Ok(Self {
            options,
            service,
            closing,
            cleanup_registered: Cell::new(false),
            shared: Shared {
                threads,
                running: Arc::default(),
                max_queued_calls,
                health: builtins.health,
                trusted_proxies,
            },
            reflection: builtins.reflection,
        })
    }

    /// The part that `NativeCalls` shares.
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Opens all listeners, and accepts. Can be called once, when a `NativeCalls` serves the calls. Returns the address
    /// of each.
    ///
    /// Throws what Node throws when a server cannot listen: an error with `code`, `errno`, `syscall`, and `address` and
    /// `port`, or `path` for a Unix socket, or `fd`. Then none of them is open.
    #[napi(catch_unwind)]
    pub fn listen(&self, env: &Env) -> Result<Vec<NativeAddress>> {
        let Shared { threads, running, health, .. } = &self.shared;
        if running.get().is_some() || self.closing.load(Ordering::Acquire) {
            return Err(Error::new(Status::GenericFailure, "the server has been started before"));
        }
        let Some(thread) = threads.choose() else {
            return Err(Error::new(
                Status::GenericFailure,
                "nothing serves calls: make a NativeCalls of the server first",
            ));
        };
        let observer: Arc<dyn Observer> = Arc::clone(&thread.inbox) as _;
        let server = Server::listen(&self.options, Arc::clone(&self.service), observer)
            .map_err(|failure| listen_error(env, &failure))?;
        let addresses = server.addresses().iter().map(NativeAddress::from).collect();
        if let Some(health) = health {
            server.spawn(watch_event_loop(Arc::clone(health), Arc::clone(&thread.bell)));
        }
        *running.0.lock() = Some(Arc::new(server));
        if !self.cleanup_registered.replace(true) {
            // A worker may be terminated, and a process may exit, at any time: no thread of ours may outlive them.
            let (running, threads) = (Arc::downgrade(running), Arc::downgrade(threads));
            env.add_env_cleanup_hook((), move |()| {
                if let Some(server) = running.upgrade().and_then(|running| running.get()) {
                    server.close();
                }
                // Nobody will take the calls that were aborted by that.
                if let Some(threads) = threads.upgrade() {
                    threads.close();
                }
            })?;
        }
        Ok(addresses)
    }

    /// Replaces the TLS of the listener at this position; connections that are open keep theirs. `listen` was called.
    ///
    /// Throws for options, certificates and keys that cannot be used, and for a listener without TLS. Then nothing is
    /// replaced.
    #[napi(catch_unwind)]
    pub fn reload_tls(&self, env: &Env, listener: u32, tls: NativeTlsOptions) -> Result<()> {
        let Some(server) = self.shared.running.get() else {
            return Err(Error::new(Status::GenericFailure, "the server does not listen"));
        };
        server.reload_tls(listener as usize, tls.into_options()).map_err(|error| tls_error(env, &error))
    }

    /// The certificates that the server uses now, listener by listener. Empty before `listen`.
    #[napi(catch_unwind)]
    pub fn certificates(&self) -> Vec<NativeServerCertificate> {
        let listeners = self.shared.running.get().map_or_else(Vec::new, |server| server.certificates());
        let of = |(facts, listener)| NativeServerCertificate::new(facts, listener);
        listeners
            .iter()
            .zip(0..)
            .flat_map(|(all, listener)| all.iter().map(move |one| (one, listener)))
            .map(of)
            .collect()
    }

    /// The warnings about the TLS of each listener; none for one in the clear. Empty before `listen`.
    #[napi(catch_unwind)]
    pub fn tls_warnings(&self) -> Vec<NativeTlsWarnings> {
        let listeners = self.shared.running.get().map_or_else(Vec::new, |server| server.tls_warnings());
        listeners.into_iter().map(NativeTlsWarnings::from).collect()
    }

    /// Reports status changes to built-in health: a name and a status for each entry, `HEALTH_REMOVED` for one that was
    /// removed. Watchers see all of them at once.
    #[napi(catch_unwind)]
    pub fn report_health(&self, names: Vec<String>, statuses: Vec<i32>) {
        if let Some(health) = &self.shared.health {
            health.report(names.into_iter().zip(statuses.into_iter().map(status)));
        }
    }

    /// The delay of the event loop, now or when it last acknowledged a ping, in milliseconds. 0 without built-in
    /// health, which sends the pings.
    #[napi(catch_unwind)]
    pub fn event_loop_lag(&self) -> f64 {
        self.shared.health.as_ref().map_or(0.0, |health| health.event_loop().lag().as_secs_f64() * 1e3)
    }

    /// Has built-in health say that nothing is serving, as the server is about to stop. Everything else goes on.
    #[napi(catch_unwind)]
    pub fn stop_serving(&self) {
        if let Some(health) = &self.shared.health {
            health.stop_serving();
        }
    }

    /// Stops accepting, sends GOAWAY and `connection: close`, and closes idle connections. Resolves to true when all
    /// have ended, to false after `timeoutMs` or when the server is closed before. With `abort` the calls that are left
    /// by then fail with `unavailable`, and the server is closed when it resolves.
    #[napi(ts_return_type = "Promise<boolean>", catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env, timeout_ms: f64, abort: bool) -> Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred()?;
        let drained = Drained(Some(deferred));
        if let Some(health) = &self.shared.health {
            health.drain();
        }
        match self.shared.running.get() {
            Some(server) => {
                let timeout = Duration::try_from_secs_f64(timeout_ms / 1e3).unwrap_or(Duration::MAX);
                let closing = Arc::clone(&self.closing);
                let aborting = move || closing.store(true, Ordering::Release);
                server.drain(DrainOptions { timeout, abort }, aborting, move |all| drained.resolve(all));
            }
            None => drained.resolve(true),
        }
        Ok(promise)
    }

    /// Ends the streams of built-in services whose clients are not waiting for a response.
    #[napi(catch_unwind)]
    pub fn end_idle_streams(&self) {
        if let Some(reflection) = &self.reflection {
            reflection.end();
        }
    }

    /// Closes all connections and joins the threads. `NativeCalls.take` still returns the calls that were aborted.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        if let Some(server) = self.shared.running.get() {
            server.close();
        }
    }
}

/// Pings the event loop behind `bell`, again and again. `NativeCalls.take` acknowledges a ping.
async fn watch_event_loop(health: Arc<Health>, bell: Arc<Bell>) {
    let mut ticks = tokio::time::interval(health.ping_interval());
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if health.event_loop().ping() {
            bell.ring();
        }
        health.look();
    }
}

/// Resolves the promise of `drain`, also when the task that waits for the connections is dropped.
struct Drained(Option<JsDeferred<bool, Resolver>>);

/// Makes the value of a promise, on the JavaScript thread.
type Resolver = Box<dyn FnOnce(Env) -> Result<bool> + Send>;

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
