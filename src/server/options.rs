//! The options of a server.

use std::num::NonZero;

use super::limits::ConnectionLimits;
use super::tls::Tls;

/// The most threads by default. More do not pay: JavaScript has one thread, which is saturated first.
const MOST_DEFAULT_THREADS: usize = 4;

/// Address and HTTP versions of a server.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// A name or an address of this machine; `::` is IPv4 as well.
    pub host: String,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// Whether HTTP/1.1 is served.
    pub allow_http1: bool,
    /// Whether HTTP/2 in the clear is served, to clients with prior knowledge. Has no effect with TLS.
    pub allow_h2c: bool,
    /// Whether other processes may listen on the same port (`SO_REUSEPORT`).
    pub reuse_port: bool,
    /// Streams that a client of HTTP/2 may have open at the same time on a connection.
    pub max_concurrent_streams: u32,
    /// The limits of connections.
    pub limits: ConnectionLimits,
    /// Threads that serve connections; 0 means half of the processors that the machine or its cgroup allows, 4 at most.
    pub threads: usize,
    /// TLS; without it connections are in the clear.
    pub tls: Option<Tls>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 0,
            allow_http1: true,
            allow_h2c: true,
            reuse_port: false,
            max_concurrent_streams: 250,
            limits: ConnectionLimits::default(),
            threads: 0,
            tls: None,
        }
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
