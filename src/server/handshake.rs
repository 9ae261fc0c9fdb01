//! The TLS handshake of a connection: its time limit, and a refusal that the client can read.

use std::fmt::Display;
use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::call::truncate;

use super::refused_certificate::with_refused;
use super::socket::Socket;
use super::tls::Tls;

/// The most of a reason that the log shows.
const MAX_REASON_BYTES: usize = 300;

/// Performs the handshake with `client`, as the log is to call it. `None` when the client was refused, or gave up; the
/// log says why.
pub async fn handshake(tls: &Tls, stream: Socket, client: impl Display) -> Option<TlsStream<Socket>> {
    let accept = TlsAcceptor::from(Arc::clone(&tls.config)).accept(stream).into_fallible();
    match tokio::time::timeout(tls.options.handshake_timeout, with_refused(accept)).await {
        Ok((Ok(stream), _)) => match with_refused(async { tls.verify_resumed(stream.get_ref().1) }).await {
            (Ok(()), _) => Some(stream),
            (Err(error), refused) => {
                let subject = refused.unwrap_or_default();
                tracing::warn!(
                    "a TLS session of {client} was not resumed: {error} (the client's certificate: {subject})"
                );
                None
            }
        },
        // rustls has written the alert that says why.
        Ok((Err((error, _)), refused)) => {
            // Port probes close the connection without a byte, which is not worth a line.
            if let Some(subject) = refused {
                let reason = shortened(&error);
                tracing::warn!("TLS handshake with {client} failed: {reason} (the client's certificate: {subject})");
            } else if !is_silence(&error) {
                tracing::warn!("TLS handshake with {client} failed: {}", shortened(&error));
            }
            None
        }
        Err(_) => {
            let limit = tls.options.handshake_timeout.as_millis();
            tracing::warn!("TLS handshake with {client} failed: not done within {limit} ms");
            None
        }
    }
}

/// Some reasons of rustls list all algorithms that there are.
fn shortened(error: &io::Error) -> String {
    truncate(&error.to_string(), MAX_REASON_BYTES).to_owned()
}

fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}
