//! Sockets: listening, accepting, TLS, both HTTP versions on one port, draining and closing.

mod accept;
mod accepted;
mod admission;
mod authorities;
mod certificate_choice;
mod certificate_facts;
mod certificate_files;
mod certificate_watch;
mod cipher_suites;
mod client_certificates;
mod connection;
#[cfg(unix)]
mod descriptor_claim;
mod detect;
mod directory_watch;
mod expiration;
mod flood_watch;
mod frame_position;
mod handshake;
mod identity;
#[cfg(unix)]
mod inherited;
mod lifecycle;
mod lifetime;
mod limits;
mod lingering;
mod listen_address;
mod listen_error;
mod listener;
mod log;
mod memory;
mod networks;
mod observer;
mod options;
mod peer_tls;
mod pem;
mod ping_flood;
mod private_key;
mod proxy_header;
mod refused_certificate;
mod reloadable_tls;
mod request_line;
mod reset_flood;
mod revocation_lists;
mod rewind;
mod served_connection;
mod socket;
#[cfg(unix)]
mod socket_file;
mod stream;
mod tickets;
mod tls;
mod tls_warnings;
mod tracked_body;
mod transport;
mod trusted_proxies;
mod turn;
mod wake_queue;
mod workers;
mod wrong_version;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tracing::dispatcher::set_default;

use crate::rpc::RpcService;
use certificate_watch::CertificateWatch;
use connection::Connections;
use lifecycle::{ABORT_TIME, AbortedCalls, Lifecycle, Phase};
use listener::Listener;
use log::Log;
use reloadable_tls::ReloadableTls;
use transport::Transport;
use workers::Workers;

pub use certificate_facts::CertificateFacts;
pub use client_certificates::{ClientCertificates, Trusted};
pub use expiration::Expiration;
pub use identity::IdentityOptions;
pub use limits::ConnectionLimits;
pub use listen_address::ListenAddress;
pub use listen_error::ListenError;
pub use memory::give_back_memory;
pub use networks::Networks;
pub use observer::{LogLevel, Observer};
pub use options::{Endpoint, ListenerOptions, ServerOptions};
pub use pem::{Pem, TlsError, TlsFault};
#[cfg(any(test, fuzzing))]
pub(crate) use proxy_header::read_proxy_header;
pub use tls::{Tls, TlsOptions};
pub use tls_warnings::TlsWarnings;
pub use trusted_proxies::{Forwarded, TrustedProxies};
pub use wake_queue::{Deferred, WakeQueue};

/// A listening server, which owns its threads.
pub struct Server {
    addresses: Vec<ListenAddress>,
    inner: Arc<Inner>,
    /// The threads that wait for the end of a drain.
    drains: Mutex<Vec<JoinHandle<()>>>,
}

/// The part of a server that a drain shares.
struct Inner {
    workers: Mutex<Option<Workers>>,
    log: Arc<Log>,
    phase: watch::Sender<Phase>,
    aborted: Arc<AbortedCalls>,
    /// The TLS of each listener; `None` for one in the clear.
    tls: Vec<Option<Arc<ReloadableTls>>>,
    /// The watch over the files of certificates, if there are any.
    watch: Mutex<Option<CertificateWatch>>,
    observer: Arc<dyn Observer>,
    /// Closes when the last connection has ended: each holds a sender.
    ended: tokio::sync::Mutex<mpsc::Receiver<()>>,
}

/// How long a drain waits.
#[derive(Clone, Copy, Debug)]
pub struct DrainOptions {
    /// The longest that it waits for the connections to end.
    pub timeout: Duration,
    /// Whether calls that are left then are aborted, and the server is closed. Otherwise they go on.
    pub abort: bool,
}

impl Server {
    /// Opens all listeners, and starts to accept. `observer` receives the warnings and errors of the server's threads.
    ///
    /// # Errors
    ///
    /// If one of them cannot listen, or threads cannot be started. Then none of them is left; inherited sockets stay
    /// open if a listener failed.
    pub fn listen(
        options: &ServerOptions,
        service: Arc<RpcService>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, ListenError> {
        let listeners = Listener::open_all(&options.listeners)?;
        let addresses: Vec<_> = listeners.iter().map(|listener| listener.address.clone()).collect();
        memory::keep_free_memory();
        let log = Log::new(Arc::clone(&observer));
        let workers = Workers::start(options.threads(), &log.dispatch()).map_err(ListenError::Threads)?;
        let (phase, current_phase) = watch::channel(Phase::Serving);
        let (alive, ended) = mpsc::channel(1);
        let aborted = Arc::<AbortedCalls>::default();
        let budget = Arc::clone(service.budget());
        let loops = &Arc::clone(workers.loops());
        let lifecycle = Lifecycle::new(current_phase, Arc::clone(&aborted), alive);
        let connections = Connections::new(options, service, lifecycle, Arc::clone(loops));
        // All of them before the first one accepts: if one fails, no client has been served.
        let mut accepting = Vec::new();
        for (listener, options) in listeners.into_iter().zip(&options.listeners) {
            let transport = Arc::new(Transport::new(options, listener.address.clone()));
            let event_loop = loops.next();
            let _context = event_loop.enter();
            accepting.push((event_loop, listener.register()?, transport));
        }
        let tls = accepting.iter().map(|(.., transport)| transport.tls.clone()).collect();
        let ended = tokio::sync::Mutex::new(ended);
        let watch = Mutex::default();
        let inner = Inner {
            workers: Mutex::new(Some(workers)),
            log: Arc::clone(&log),
            phase,
            aborted,
            tls,
            watch,
            observer: Arc::clone(&observer),
            ended,
        };
        inner.watch_certificates().map_err(ListenError::Threads)?;
        for (event_loop, listener, transport) in accepting {
            event_loop.spawn(accept::accept(listener, transport, connections.clone()));
        }
        loops.next().spawn(async move { log.report_dropped_later().await });
        loops.next().spawn(memory::give_back_when_quiet(budget, Arc::clone(loops), observer));
        Ok(Self { addresses, inner: Arc::new(inner), drains: Mutex::default() })
    }

    /// The addresses of its listeners, in the order of the options, with the ports that the system chose.
    pub fn addresses(&self) -> &[ListenAddress] {
        &self.addresses
    }

    /// Makes each thread wake the tasks in its [`WakeQueue`].
    pub fn wake(&self) {
        if let Some(workers) = &*self.inner.workers.lock() {
            workers.wake();
        }
    }

    /// Runs `work` on a thread of the server until the server is closed.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(workers) = &*self.inner.workers.lock() {
            workers.loops().next().spawn(work);
        }
    }

    /// Replaces the TLS of the listener at this position: connections that are open keep theirs. Files among the
    /// options are watched from now on.
    ///
    /// # Errors
    ///
    /// As for [`Tls::new`], and for a listener without TLS; then nothing is replaced.
    pub fn reload_tls(&self, listener: usize, options: TlsOptions) -> Result<(), TlsError> {
        let Some(tls) = self.inner.tls.get(listener).and_then(Option::as_ref) else {
            return Err(TlsError::new(TlsFault::Options, format!("listener {listener} has no TLS to reload")));
        };
        tls.replace(options)?;
        if let Err(error) = self.inner.watch_certificates() {
            let text = format!("the files of certificates are not watched, as there is no thread for it: {error}");
            // The subscriber of the log is on the server's threads.
            self.inner.observer.log(LogLevel::Warn, text);
        }
        Ok(())
    }

    /// The certificates that each listener uses now; none for one in the clear.
    pub fn certificates(&self) -> Vec<Vec<CertificateFacts>> {
        let of = |tls: &Option<Arc<ReloadableTls>>| {
            tls.as_ref().map_or_else(Vec::new, |tls| tls.current().certificates().to_vec())
        };
        self.inner.tls.iter().map(of).collect()
    }

    /// The warnings about the TLS of each listener; none for one in the clear.
    pub fn tls_warnings(&self) -> Vec<TlsWarnings> {
        let of = |tls: &Option<Arc<ReloadableTls>>| {
            tls.as_ref().map_or_else(TlsWarnings::default, |tls| tls.current().warnings().clone())
        };
        self.inner.tls.iter().map(of).collect()
    }

    /// Stops accepting, asks every client to leave, and closes connections without a call. Calls `done` with true when
    /// the last connection has ended, after which the server is closed, and with false after the timeout. Calls
    /// `aborting` before calls are aborted.
    ///
    /// It waits on a thread of its own, so that nothing that a client does to the others can make it late. If there is
    /// none to be had, `done` is dropped.
    pub fn drain(
        &self,
        options: DrainOptions,
        aborting: impl FnOnce() + Send + 'static,
        done: impl FnOnce(bool) + Send + 'static,
    ) {
        self.inner.phase.send_if_modified(|phase| {
            let is_new = *phase < Phase::Draining;
            *phase = Phase::Draining.max(*phase);
            is_new
        });
        if let Some(watch) = &*self.inner.watch.lock() {
            watch.stop();
        }
        let inner = Arc::clone(&self.inner);
        let waiting = move || {
            let Ok(runtime) = Builder::new_current_thread().enable_time().build() else {
                return;
            };
            let _log = set_default(&inner.log.dispatch());
            let has_drained = runtime.block_on(inner.drained(options, aborting));
            if has_drained || options.abort {
                inner.close();
            }
            done(has_drained);
        };
        let thread = std::thread::Builder::new().name("connectum-drain".into()).spawn(waiting);
        self.drains.lock().extend(thread);
    }

    /// Aborts every connection and joins the threads. Later calls do nothing.
    ///
    /// Must not be called on a thread of the server itself.
    pub fn close(&self) {
        self.inner.close();
        for thread in std::mem::take(&mut *self.drains.lock()) {
            // The panic hook has reported a panic of the thread.
            let _ = thread.join();
        }
    }
}

impl Inner {
    /// Whether the last connection has ended in time.
    async fn drained(&self, DrainOptions { timeout, abort }: DrainOptions, aborting: impl FnOnce()) -> bool {
        let ended = async || {
            // Nothing is ever sent: the channel closes.
            self.ended.lock().await.recv().await;
        };
        if tokio::time::timeout(timeout, ended()).await.is_ok() {
            return true;
        }
        if abort {
            aborting();
            self.phase.send_replace(Phase::Aborting);
            // Each connection takes that time, from when its thread hears of it.
            let _ = tokio::time::timeout(ABORT_TIME * 2, ended()).await;
            self.aborted.log();
        }
        false
    }

    /// Watches the files of certificates, unless there are none, or the server is about to stop.
    fn watch_certificates(&self) -> io::Result<()> {
        if *self.phase.borrow() > Phase::Serving {
            return Ok(());
        }
        let mut watch = self.watch.lock();
        if let Some(watch) = &*watch {
            watch.look();
        } else if self.tls.iter().flatten().any(|tls| tls.current().watched_files().next().is_some()) {
            *watch = Some(CertificateWatch::start(&self.tls, Arc::clone(&self.observer), self.log.dispatch())?);
        }
        Ok(())
    }

    /// Aborts every connection and joins the threads.
    fn close(&self) {
        drop(self.watch.lock().take());
        let workers = self.workers.lock().take();
        drop(workers);
        self.log.report_dropped();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}
