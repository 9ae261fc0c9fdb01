//! The verification of client certificates.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use x509_parser::prelude::{ASN1Time, FromDer as _, X509Certificate};

use super::pem::{Pem, TlsError, TlsFault, certificates};

/// Whether clients present a certificate, and which authorities are trusted.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientCertificates {
    /// None is requested.
    None,
    /// One is requested and optional. If presented, it must chain to one of these.
    Requested(Vec<Pem>),
    /// One is required, and must chain to one of these.
    Required(Vec<Pem>),
    /// One is requested, and any is accepted, as is none. Only possession of its key is verified.
    Unverified,
}

impl ClientCertificates {
    /// Everything that was read for them.
    pub(super) fn sources(&self) -> &[Pem] {
        match self {
            Self::None | Self::Unverified => &[],
            Self::Requested(authorities) | Self::Required(authorities) => authorities,
        }
    }

    /// The same with the files read again.
    pub(super) fn reread(&self) -> Result<Self, TlsError> {
        let reread = |sources: &[Pem]| sources.iter().map(Pem::reread).collect::<Result<_, _>>();
        Ok(match self {
            Self::None | Self::Unverified => self.clone(),
            Self::Requested(authorities) => Self::Requested(reread(authorities)?),
            Self::Required(authorities) => Self::Required(reread(authorities)?),
        })
    }
}

/// The verifier for client certificates; `None` if none is requested.
pub(super) fn verifier(
    clients: &ClientCertificates,
    provider: Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let (authorities, required) = match clients {
        ClientCertificates::None => return Ok(None),
        ClientCertificates::Unverified => return Ok(Some(Arc::new(AnyClient(provider)))),
        ClientCertificates::Requested(authorities) => (authorities, false),
        ClientCertificates::Required(authorities) => (authorities, true),
    };
    let mut trusted = Vec::new();
    let mut roots = RootCertStore::empty();
    for source in authorities {
        for (certificate, place) in certificates(source)?.into_iter().zip(1..) {
            roots.add(certificate.clone()).map_err(|_| {
                let text = format!("{}: certificate {place} is not a valid X.509 certificate", source.name);
                TlsError::new(TlsFault::Certificate, text)
            })?;
            trusted.push(certificate);
        }
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = if required { builder } else { builder.allow_unauthenticated() };
    let by_authority = builder
        .build()
        .map_err(|error| TlsError::new(TlsFault::Certificate, format!("{}: {error}", names(authorities))))?;
    Ok(Some(Arc::new(TrustedClient { trusted, by_authority })))
}

/// The names of all sources.
fn names(sources: &[Pem]) -> String {
    sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Accepts certificates that chain to an authority, and the trusted certificates themselves, so that a self-signed
/// client can be trusted by its own certificate. webpki rejects those that may also sign others, as `openssl req -x509`
/// makes them.
#[derive(Debug)]
struct TrustedClient {
    trusted: Vec<CertificateDer<'static>>,
    by_authority: Arc<dyn ClientCertVerifier>,
}

impl ClientCertVerifier for TrustedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.by_authority.root_hint_subjects()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.by_authority.client_auth_mandatory()
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.trusted.contains(shown) && is_valid_at(shown, now) {
            return Ok(ClientCertVerified::assertion());
        }
        self.by_authority.verify_client_cert(shown, chain, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_authority.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_authority.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_authority.supported_verify_schemes()
    }
}

/// Whether the certificate is valid at the given time.
fn is_valid_at(certificate: &CertificateDer<'_>, now: UnixTime) -> bool {
    let now = i64::try_from(now.as_secs()).ok().and_then(|secs| ASN1Time::from_timestamp(secs).ok());
    match (X509Certificate::from_der(certificate), now) {
        (Ok((_, parsed)), Some(now)) => parsed.validity().is_valid_at(now),
        _ => false,
    }
}

/// Accepts every certificate.
#[derive(Debug)]
struct AnyClient(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
