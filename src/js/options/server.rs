//! The options of a server, as JavaScript gives them.

use napi_derive::napi;

use super::connection_limits::NativeConnectionLimits;
use super::cors::NativeCorsOptions;
use super::health::NativeHealthOptions;
use super::json::NativeJsonOptions;
use super::listener::NativeListener;
use crate::call::Limits;
use crate::rpc::STREAM_WINDOW_BYTES;
use crate::server::{Networks, ServerOptions, TlsError, TrustedProxies};

/// What each connection may hold whatever others hold: the window of a request stream, and 64 KiB for small calls.
const CONNECTION_OWN_BYTES: usize = STREAM_WINDOW_BYTES as usize + 64 * 1024;

/// Listeners and limits of a server. All are given: JavaScript has the defaults.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct NativeServerOptions {
    /// Where it listens, and what it speaks there; at least one.
    pub listeners: Vec<NativeListener>,
    /// Proxies whose word about their clients counts: addresses, networks in CIDR notation, `unix`.
    pub trusted_proxies: Vec<String>,
    /// Whether JavaScript serves plain HTTP requests, for paths that no method has.
    pub plain_http: bool,
    /// The most calls that may wait for a JavaScript thread; the next one fails with `unavailable`.
    pub max_queued_calls: u32,
    /// The most bytes that calls may hold; a call that would hold more fails with `unavailable`.
    pub max_buffered_bytes: f64,
    /// The most bytes that the calls of one connection may hold; a call that would hold more fails with
    /// `resource_exhausted`.
    pub max_connection_bytes: f64,
    /// The most streams that a client of HTTP/2 may have open at the same time on a connection.
    pub max_concurrent_streams: u32,
    /// The limits of connections.
    pub limits: NativeConnectionLimits,
    /// Threads that serve connections; 0 for the default.
    pub threads: u32,
    /// The JSON options of built-in services.
    pub json: NativeJsonOptions,
    /// Pages of other origins that may call the server; null for none.
    pub cors: Option<NativeCorsOptions>,
    /// Built-in health; null without it.
    pub health: Option<NativeHealthOptions>,
}

impl NativeServerOptions {
    /// The clients of each listener that begin with a PROXY header.
    ///
    /// # Errors
    ///
    /// A network that is none; the text says what is wrong.
    pub(in crate::js) fn proxies(&self) -> Result<Vec<Option<Networks>>, String> {
        self.listeners.iter().map(NativeListener::proxies).collect()
    }

    /// The proxies that are trusted.
    ///
    /// # Errors
    ///
    /// A network that is none; the text says what is wrong.
    pub(in crate::js) fn trusted_proxies(&self) -> Result<TrustedProxies, String> {
        let networks = Networks::parse(&self.trusted_proxies);
        networks.map(TrustedProxies::new).map_err(|name| format!("trustedProxies: {name:?} is no network"))
    }

    /// The options of the sockets, without [`Self::proxies`].
    ///
    /// # Errors
    ///
    /// If a certificate or key is invalid; the text says what is wrong.
    pub(in crate::js) fn into_server_options(self) -> Result<ServerOptions, TlsError> {
        let listeners = self.listeners.into_iter().map(NativeListener::into_listener).collect::<Result<_, _>>()?;
        Ok(ServerOptions {
            listeners,
            max_concurrent_streams: self.max_concurrent_streams,
            limits: self.limits.into_limits(),
            threads: self.threads as usize,
        })
    }

    /// The limits of what calls may hold.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from a float saturates, which is what a limit should do"
    )]
    pub(in crate::js) fn limits(&self) -> Limits {
        Limits {
            total: self.max_buffered_bytes as usize,
            connection: self.max_connection_bytes as usize,
            own: CONNECTION_OWN_BYTES,
        }
    }
}
