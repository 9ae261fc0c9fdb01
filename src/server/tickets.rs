//! The tickets by which sessions are resumed (RFC 5077, RFC 8446 section 4.6.1). Their keys are made by the process.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{GetRandomFailed, aws_lc_rs};
use rustls::pki_types::UnixTime;
use rustls::server::ProducesTickets;
use rustls::ticketer::TicketRotator;

use super::pem::{TlsError, TlsFault};

/// Tickets that can be used for `lifetime`, at most twelve hours: their key is replaced at half of it, and forgotten by
/// the next ticket but one. As that may come late, each ticket has its time.
pub fn tickets(lifetime: Duration) -> Result<Arc<dyn ProducesTickets>, TlsError> {
    let half = u32::try_from(lifetime.as_secs().div_ceil(2)).unwrap_or(u32::MAX);
    let rotator = TicketRotator::new(half, one_key)
        .map_err(|error| TlsError::new(TlsFault::Options, format!("tls: {error}: the system has no random numbers")))?;
    Ok(Arc::new(Dated { tickets: rotator, lifetime }))
}

/// Tickets that begin with the time at which they were made.
#[derive(Debug)]
struct Dated {
    tickets: TicketRotator,
    lifetime: Duration,
}

impl ProducesTickets for Dated {
    fn enabled(&self) -> bool {
        self.tickets.enabled()
    }

    fn lifetime(&self) -> u32 {
        u32::try_from(self.lifetime.as_secs()).unwrap_or(u32::MAX)
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.tickets.encrypt(&[&UnixTime::now().as_secs().to_be_bytes()[..], plain].concat())
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let mut plain = self.tickets.decrypt(cipher)?;
        let (made, _) = plain.split_first_chunk::<8>()?;
        let age = UnixTime::now().as_secs().checked_sub(u64::from_be_bytes(*made))?;
        plain.drain(..8);
        (age <= self.lifetime.as_secs()).then_some(plain)
    }
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
