//! The subject of a client certificate that was refused, on its way from the verifier to the log: the error of rustls,
//! which decides the alert, has no place for it.

use std::cell::RefCell;
use std::future::Future;

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::certificate_facts::CertificateFacts;
use crate::call::truncate;

/// The most of a subject that the log shows: a client chooses it.
const MAX_SUBJECT_BYTES: usize = 256;

tokio::task_local! {
    static REFUSED: RefCell<Option<String>>;
}

/// Remembers the subject of a certificate that is refused by the handshake around the caller.
pub fn remember(certificate: &CertificateDer<'_>) {
    let subject = match X509Certificate::from_der(certificate) {
        // Escaped: it may hold anything, line feeds too.
        Ok((_, parsed)) => {
            truncate(&CertificateFacts::of(&parsed).0.shown_name(), MAX_SUBJECT_BYTES).escape_debug().to_string()
        }
        Err(_) => "a certificate that is not X.509".to_owned(),
    };
    // Outside of a handshake, as in a test, nobody asks.
    let _ = REFUSED.try_with(|refused| refused.replace(Some(subject)));
}

/// Runs a handshake; returns what it returns, and the subject of the certificate that it has refused.
pub async fn with_refused<T>(handshake: impl Future<Output = T>) -> (T, Option<String>) {
    let both = async { (handshake.await, REFUSED.with(RefCell::take)) };
    REFUSED.scope(RefCell::default(), both).await
}
