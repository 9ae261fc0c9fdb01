//! The failures of a server that cannot listen.

use std::io;
use std::path::PathBuf;

use super::listen_address::ListenAddress;

/// A failure to listen. `source` is the error of the operating system.
#[derive(Debug)]
pub enum ListenError {
    /// A host cannot be resolved.
    Lookup {
        /// As configured.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// An address cannot be bound.
    Tcp {
        /// The address to listen on.
        host: String,
        /// The port as configured.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// A Unix socket cannot be bound.
    Unix {
        /// As configured.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An inherited descriptor cannot be used.
    Inherited {
        /// The option that it comes from.
        name: String,
        /// Its number.
        fd: i32,
        /// What it is instead of a listening socket: `a pipe`.
        what: String,
        /// The error that the operating system has for that.
        source: io::Error,
    },
    /// The server's threads cannot be started.
    Threads(io::Error),
}

impl ListenError {
    /// Of a listener that has this address.
    pub(super) fn at(address: &ListenAddress, source: io::Error) -> Self {
        match address {
            ListenAddress::Tcp(address) => Self::Tcp { host: address.ip().to_string(), port: address.port(), source },
            ListenAddress::Unix(path) => Self::Unix { path: path.clone(), source },
        }
    }
}
