//! The tickets of a client: collected first, then used, each of TLS 1.3 once (RFC 8446, C.4).

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rustls::NamedGroup;
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

/// The tickets of one server. rustls' own store keeps eight of TLS 1.3, and Node's server sends no other ones when a
/// session is resumed.
#[derive(Debug)]
pub struct Tickets {
    are_used: AtomicBool,
    tls13: Mutex<Vec<Tls13ClientSessionValue>>,
    others: ClientSessionMemoryCache,
}

impl Default for Tickets {
    fn default() -> Self {
        let others = ClientSessionMemoryCache::new(1);
        Self { are_used: AtomicBool::default(), tls13: Mutex::default(), others }
    }
}

impl Tickets {
    /// The number of handshakes that can be resumed. A ticket of TLS 1.2 can be used again and again.
    pub fn handshakes(&self, server: &ServerName<'_>) -> usize {
        if self.others.tls12_session(server).is_some() { usize::MAX } else { self.tls13.lock().len() }
    }

    /// From now on handshakes are resumed.
    pub fn use_them(&self) {
        self.are_used.store(true, Ordering::Relaxed);
    }

    fn are_used(&self) -> bool {
        self.are_used.load(Ordering::Relaxed)
    }
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.others.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.others.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.others.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.others.tls12_session(server).filter(|_| self.are_used())
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.others.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        if !self.are_used() {
            self.tls13.lock().push(ticket);
        }
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        if self.are_used() { self.tls13.lock().pop() } else { None }
    }
}
