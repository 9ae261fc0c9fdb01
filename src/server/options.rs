//! The options of a server.

use std::num::NonZero;
use std::path::PathBuf;

use super::limits::ConnectionLimits;
use super::networks::Networks;
use super::tls::Tls;

/// The most threads by default. More do not pay: JavaScript has one thread, which is saturated first.
const MOST_DEFAULT_THREADS: usize = 4;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// On a port.
    Tcp {
        /// A name or an address of this machine; `::` is IPv4 as well.
        host: String,
        /// The port; 0 lets the system choose.
        port: u16,
        /// Whether other processes may listen on the same port (`SO_REUSEPORT`).
        reuse_port: bool,
    },
    /// On a Unix socket, whose file is made, and removed at the end.
    Unix {
        /// The path of the file.
        path: PathBuf,
    },
    /// On a socket that listens already. The listener takes it: it is closed at the end.
    Inherited {
        /// Its descriptor.
        fd: i32,
        /// The option that it comes from, for errors.
        name: String,
    },
}

/// One listener: where it listens, and what is spoken there.
#[derive(Clone, Debug)]
pub struct ListenerOptions {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// Whether HTTP/1.1 is served.
    pub allow_http1: bool,
    /// Whether HTTP/2 in the clear is served, to clients with prior knowledge. Has no effect with TLS.
    pub allow_h2c: bool,
    /// TLS; without it connections are in the clear.
    pub tls: Option<Tls>,
    /// The clients that begin with a PROXY header, and no others do. `None` is nobody.
    pub proxy_protocol: Option<Networks>,
}

impl Default for ListenerOptions {
    fn default() -> Self {
        let endpoint = Endpoint::Tcp { host: "127.0.0.1".into(), port: 0, reuse_port: false };
        Self { endpoint, allow_http1: true, allow_h2c: true, tls: None, proxy_protocol: None }
    }
}

/// Listeners and limits of a server.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The listeners, in the order in which they are opened.
    pub listeners: Vec<ListenerOptions>,
    /// Streams that a client of HTTP/2 may have open at the same time on a connection.
    pub max_concurrent_streams: u32,
    /// The limits of connections, of all listeners together.
    pub limits: ConnectionLimits,
    /// Threads that serve connections; 0 means half of the processors that the machine or its cgroup allows, 4 at most.
    pub threads: usize,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listeners: vec![ListenerOptions::default()],
            max_concurrent_streams: 250,
            limits: ConnectionLimits::default(),
            threads: 0,
        }
    }
}

impl From<ListenerOptions> for ServerOptions {
    /// A server with one listener, and the defaults.
    fn from(listener: ListenerOptions) -> Self {
        Self { listeners: vec![listener], ..Self::default() }
    }
}

impl ServerOptions {
    /// The number of threads, with the default applied.
    pub(super) fn threads(&self) -> usize {
        match self.threads {
            0 => {
                let available = std::thread::available_parallelism().map_or(1, NonZero::get);
                (available / 2).clamp(1, MOST_DEFAULT_THREADS)
            }
            threads => threads,
        }
    }
}
