//! Sockets: binding, accepting, the two HTTP versions on one port, and going away.

mod activity;
mod connection;
mod detect;
mod listener;
mod options;
mod prefixed;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use crate::rpc::RpcService;
use connection::Connections;

pub(crate) use connection::STREAM_WINDOW_BYTES;

pub use listener::{ListenError, Syscall};
pub use options::ServerOptions;

/// Compression is the only work that blocks; more threads than this would only compete for the same cores.
const MAX_BLOCKING_THREADS: usize = 4;
/// How long closing waits for threads. They stop between two steps of a task, so this is never used up.
const JOIN_TIME: Duration = Duration::from_secs(5);

/// A listening server, its threads its own.
pub struct Server {
    address: SocketAddr,
    runtime: Mutex<Option<Runtime>>,
    drain: watch::Sender<bool>,
    /// Ends when the last connection has ended: each holds a sender.
    ended: Arc<tokio::sync::Mutex<mpsc::Receiver<()>>>,
}

impl Server {
    /// Binds, and accepts from then on.
    ///
    /// # Errors
    ///
    /// What the operating system says against the address, or against new threads.
    pub fn listen(options: &ServerOptions, service: Arc<RpcService>) -> Result<Self, ListenError> {
        let wanted = listener::resolve(options)?;
        let failed = |source| ListenError::of_listen(source, wanted);
        let listener = listener::bind(wanted, options.reuse_port).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads())
            .max_blocking_threads(MAX_BLOCKING_THREADS)
            .thread_name("connectum")
            .enable_io()
            .enable_time()
            .build()
            .map_err(failed)?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener).map_err(failed)?
        };
        let (drain, draining) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        let connections = Connections::new(options, service, address, draining, alive);
        runtime.spawn(listener::accept(listener, connections));
        let ended = Arc::new(tokio::sync::Mutex::new(ended));
        Ok(Self { address, runtime: Mutex::new(Some(runtime)), drain, ended })
    }

    /// The address it listens on, with the port the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, tells every connection to go, and closes those without a call. `done` is called with true when
    /// the last one has ended, with false when `timeout` comes first; never when the server is closed before.
    pub fn drain(&self, timeout: Duration, done: impl FnOnce(bool) + Send + 'static) {
        self.drain.send_replace(true);
        let ended = Arc::clone(&self.ended);
        if let Some(runtime) = &*self.runtime.lock() {
            runtime.spawn(async move {
                let all_ended = async { ended.lock().await.recv().await };
                done(tokio::time::timeout(timeout, all_ended).await.is_ok());
            });
        }
    }

    /// Cuts every connection and joins the threads. Everything after the first time does nothing.
    ///
    /// Must not be called on a thread of the server itself.
    pub fn close(&self) {
        let runtime = self.runtime.lock().take();
        if let Some(runtime) = runtime {
            runtime.shutdown_timeout(JOIN_TIME);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}
