//! The authorities that sign certificates of clients, each while it is valid: webpki does not look at its dates.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{CertificateError, Error, RootCertStore};

/// A certificate with `CA:TRUE`.
#[derive(Clone, Debug)]
pub struct Authority {
    pub certificate: CertificateDer<'static>,
    /// From when it is valid, in seconds since 1970.
    pub from: i64,
    /// Until when it is valid, in seconds since 1970.
    pub to: i64,
}

impl Authority {
    const fn is_valid_at(&self, now: i64) -> bool {
        self.from <= now && now <= self.to
    }
}

/// Verifies certificates of clients by their chains.
#[derive(Debug)]
pub struct Authorities {
    all: Vec<Authority>,
    lists: Vec<CertificateRevocationListDer<'static>>,
    provider: Arc<CryptoProvider>,
    /// Trusts all of them.
    every: Arc<dyn ClientCertVerifier>,
    /// Trusts those that are valid, which were these when one was not. `None` if there are none.
    valid: Mutex<(Vec<bool>, Option<Arc<dyn ClientCertVerifier>>)>,
}

impl Authorities {
    /// Of at least one. If there are lists, each issuer must have one that is current, as in Node.
    ///
    /// # Errors
    ///
    /// If a certificate or a list is malformed.
    pub fn new(
        all: Vec<Authority>,
        lists: Vec<CertificateRevocationListDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let every = verifier(&all, lists.clone(), &provider)?;
        Ok(Self { all, lists, provider, every, valid: Mutex::default() })
    }

    /// Whether webpki can read a list.
    pub fn check_list(&self, list: &CertificateRevocationListDer<'static>) -> Result<(), VerifierBuilderError> {
        verifier(&self.all, vec![list.clone()], &self.provider).map(|_| ())
    }

    /// Verifies a certificate whose chain must end with an authority that is valid.
    ///
    /// # Errors
    ///
    /// As rustls has them.
    pub fn verify(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let valid: Vec<_> = self.all.iter().map(|one| one.is_valid_at(seconds)).collect();
        if valid.iter().all(|is_valid| *is_valid) {
            return self.every.verify_client_cert(shown, chain, now);
        }
        let verified = match self.of(valid) {
            Some(verifier) => verifier.verify_client_cert(shown, chain, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        verified.map_err(|error| match self.every.verify_client_cert(shown, chain, now) {
            // Only its authority is to blame.
            Ok(_) if self.all.iter().any(|one| one.to < seconds) => CertificateError::Expired.into(),
            Ok(_) => CertificateError::NotValidYet.into(),
            Err(_) => error,
        })
    }

    /// The verifier that trusts those alone that are valid, made when they change.
    fn of(&self, valid: Vec<bool>) -> Option<Arc<dyn ClientCertVerifier>> {
        let mut made = self.valid.lock();
        if made.0 != valid {
            let all = self.all.iter().zip(&valid).filter(|(_, is_valid)| **is_valid).map(|(one, _)| one.clone());
            // Without a root there is no verifier; all of them could be read before.
            let verifier = verifier(&all.collect::<Vec<_>>(), self.lists.clone(), &self.provider).ok();
            *made = (valid, verifier);
        }
        made.1.clone()
    }
}

fn verifier(
    authorities: &[Authority],
    lists: Vec<CertificateRevocationListDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, VerifierBuilderError> {
    let mut roots = RootCertStore::empty();
    // One that webpki cannot read is found when the options are read.
    roots.add_parsable_certificates(authorities.iter().map(|one| one.certificate.clone()));
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .with_crls(lists)
        .enforce_revocation_expiration()
        .build()
}
