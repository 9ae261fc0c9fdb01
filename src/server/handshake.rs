//! The TLS handshake of one connection: in time, and refused so that the client learns why.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::lingering::lingering_close;
use super::observer::Observer;
use super::tls::Tls;

/// Shakes hands. `None` when the client was refused, or gave up; the observer is told why.
pub async fn handshake(
    tls: &Tls,
    stream: TcpStream,
    remote: SocketAddr,
    observer: &dyn Observer,
) -> Option<TlsStream<TcpStream>> {
    let accept = TlsAcceptor::from(Arc::clone(&tls.config)).accept(stream).into_fallible();
    match tokio::time::timeout(tls.handshake_timeout, accept).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err((error, stream))) => {
            // A client that goes away without a word, as port probes do, is no news.
            if !is_silence(&error) {
                observer.refused(format!("TLS handshake with {remote} failed: {error}"));
            }
            // rustls has written the alert that says why.
            lingering_close(stream).await;
            None
        }
        Err(_) => {
            let limit = tls.handshake_timeout.as_millis();
            observer.refused(format!("TLS handshake with {remote} failed: not done within {limit} ms"));
            None
        }
    }
}

fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}
