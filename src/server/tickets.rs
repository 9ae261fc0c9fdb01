//! The tickets by which sessions are resumed (RFC 5077, RFC 8446 section 4.6.1). Their keys are made by the process.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{GetRandomFailed, aws_lc_rs};
use rustls::server::ProducesTickets;
use rustls::ticketer::TicketRotator;

use super::pem::{TlsError, TlsFault};

/// Tickets that can be used for `lifetime`, at most twelve hours: their key is replaced at half of it, and forgotten at
/// the end.
pub fn tickets(lifetime: Duration) -> Result<Arc<dyn ProducesTickets>, TlsError> {
    let half = u32::try_from(lifetime.as_secs().div_ceil(2)).unwrap_or(u32::MAX);
    let rotator = TicketRotator::new(half, one_key)
        .map_err(|error| TlsError::new(TlsFault::Options, format!("tls: {error}: the system has no random numbers")))?;
    Ok(Arc::new(rotator))
}

/// Tickets with one key. That of rustls is replaced after six hours, and with it nothing here is changed.
fn one_key() -> Result<Box<dyn ProducesTickets>, GetRandomFailed> {
    let tickets = aws_lc_rs::Ticketer::new().map_err(|_| GetRandomFailed)?;
    Ok(Box::new(OneKey(tickets)))
}

/// An `Arc` of tickets as a `Box` of them.
#[derive(Debug)]
struct OneKey(Arc<dyn ProducesTickets>);

impl ProducesTickets for OneKey {
    fn enabled(&self) -> bool {
        self.0.enabled()
    }

    fn lifetime(&self) -> u32 {
        self.0.lifetime()
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(plain)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.0.decrypt(cipher)
    }
}
