//! Sockets: binding, accepting, TLS, both HTTP versions on one port, draining and closing.

mod activity;
mod client_certificates;
mod connection;
mod detect;
mod handshake;
mod lingering;
mod listener;
mod log;
mod memory;
mod observer;
mod options;
mod pem;
mod request_line;
mod rewind;
mod socket;
mod tls;
mod wake_queue;
mod workers;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::rpc::RpcService;
use connection::Connections;
use log::Log;
use workers::Workers;

pub use client_certificates::ClientCertificates;
pub use listener::{ListenError, Syscall};
pub use memory::give_back_memory;
pub use observer::{LogLevel, Observer};
pub use options::ServerOptions;
pub use pem::{Pem, TlsError};
pub use tls::{Tls, TlsOptions};
pub use wake_queue::{Deferred, WakeQueue};

/// A listening server, which owns its threads.
pub struct Server {
    address: SocketAddr,
    workers: Mutex<Option<Workers>>,
    log: Arc<Log>,
    drain: watch::Sender<bool>,
    /// Closes when the last connection has ended: each holds a sender.
    ended: Arc<tokio::sync::Mutex<mpsc::Receiver<()>>>,
}

impl Server {
    /// Binds, and starts to accept. `observer` receives the warnings and errors of the server's threads.
    ///
    /// # Errors
    ///
    /// If the host cannot be resolved, the address cannot be bound, or threads cannot be started.
    pub fn listen(
        options: &ServerOptions,
        service: Arc<RpcService>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, ListenError> {
        let wanted = listener::resolve(options)?;
        let failed = |source| ListenError::of_listen(source, wanted);
        let listener = listener::bind(wanted, options.reuse_port).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let log = Log::new(Arc::clone(&observer));
        let workers = Workers::start(options.threads(), &log.dispatch()).map_err(failed)?;
        let (drain, draining) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        let budget = Arc::clone(service.budget());
        let connections = Connections::new(options, service, address, draining, alive, Arc::clone(workers.loops()));
        let accepting = workers.loops().next();
        let listener = {
            let _context = accepting.enter();
            TcpListener::from_std(listener).map_err(failed)?
        };
        accepting.spawn(listener::accept(listener, connections));
        let reporting = Arc::clone(&log);
        workers.loops().next().spawn(async move { reporting.report_dropped_later().await });
        let giving_back = memory::give_back_when_quiet(budget, Arc::clone(workers.loops()), observer);
        workers.loops().next().spawn(giving_back);
        let ended = Arc::new(tokio::sync::Mutex::new(ended));
        Ok(Self { address, workers: Mutex::new(Some(workers)), log, drain, ended })
    }

    /// The address it listens on, with the port the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes each thread wake the tasks in its [`WakeQueue`].
    pub fn wake(&self) {
        if let Some(workers) = &*self.workers.lock() {
            workers.wake();
        }
    }

    /// Runs `work` on a thread of the server until the server is closed.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(workers) = &*self.workers.lock() {
            workers.loops().next().spawn(work);
        }
    }

    /// Stops accepting, asks every client to leave, and closes connections without a call. Calls `done` with true when
    /// the last connection has ended, with false after `timeout`, and never if the server is closed first.
    pub fn drain(&self, timeout: Duration, done: impl FnOnce(bool) + Send + 'static) {
        self.drain.send_replace(true);
        let ended = Arc::clone(&self.ended);
        if let Some(workers) = &*self.workers.lock() {
            workers.loops().next().spawn(async move {
                let all_ended = async { ended.lock().await.recv().await };
                done(tokio::time::timeout(timeout, all_ended).await.is_ok());
            });
        }
    }

    /// Aborts every connection and joins the threads. Later calls do nothing.
    ///
    /// Must not be called on a thread of the server itself.
    pub fn close(&self) {
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
