//! The verification of client certificates.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::authorities::{Authorities, Authority};
use super::expiration::Expiration;
use super::pem::{Pem, TlsError, TlsFault, certificates};
use super::refused_certificate;
use super::revocation_lists::{RevocationLists, Revoked};

/// Whether clients present a certificate, and which authorities are trusted.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientCertificates {
    /// None is requested.
    None,
    /// One is requested and optional. If presented, it must be trusted.
    Requested(Trusted),
    /// One is required, which must be trusted.
    Required(Trusted),
    /// One is requested, and any is accepted, as is none. Only possession of its key is verified.
    Unverified,
}

/// The certificates that are trusted: these, and those that chain to one of these with `CA:TRUE`.
#[derive(Clone, Debug, PartialEq)]
pub struct Trusted {
    /// The certificates, at least one.
    pub certificates: Vec<Pem>,
    /// Certificate revocation lists (RFC 5280 section 5). If there are any, each issuer must have one that is current.
    pub crls: Vec<Pem>,
}

impl Trusted {
    fn reread(&self) -> Result<Self, TlsError> {
        let reread = |sources: &[Pem]| sources.iter().map(Pem::reread).collect::<Result<_, _>>();
        Ok(Self { certificates: reread(&self.certificates)?, crls: reread(&self.crls)? })
    }
}

impl ClientCertificates {
    /// Everything that was read for them.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Pem> {
        let trusted = match self {
            Self::None | Self::Unverified => None,
            Self::Requested(trusted) | Self::Required(trusted) => Some(trusted),
        };
        trusted.into_iter().flat_map(|Trusted { certificates, crls }| certificates.iter().chain(crls))
    }

    /// The same with the files read again.
    pub(super) fn reread(&self) -> Result<Self, TlsError> {
        Ok(match self {
            Self::None | Self::Unverified => self.clone(),
            Self::Requested(trusted) => Self::Requested(trusted.reread()?),
            Self::Required(trusted) => Self::Required(trusted.reread()?),
        })
    }
}

/// How client certificates are verified.
pub(super) struct Verification {
    pub verifier: Arc<dyn ClientCertVerifier>,
    /// When the authorities and the lists end.
    pub expirations: Vec<Expiration>,
}

/// A bundle with more authorities is that of the operating system, or of Mozilla: some of those end all the time, and
/// it is not the operator who renews them.
const MAX_OWN_AUTHORITIES: usize = 16;

/// How client certificates are verified; `None` if none is requested.
pub(super) fn verification(
    clients: &ClientCertificates,
    provider: Arc<CryptoProvider>,
) -> Result<Option<Verification>, TlsError> {
    let (Trusted { certificates: authorities, crls }, required) = match clients {
        ClientCertificates::None => return Ok(None),
        ClientCertificates::Unverified => {
            return Ok(Some(Verification { verifier: Arc::new(AnyClient(provider)), expirations: Vec::new() }));
        }
        ClientCertificates::Requested(trusted) => (trusted, false),
        ClientCertificates::Required(trusted) => (trusted, true),
    };
    let mut signing = Vec::new();
    let mut named = Vec::new();
    let mut hints = Vec::new();
    let mut expirations = Vec::new();
    for source in authorities {
        for (certificate, place) in certificates(source)?.into_iter().zip(1..) {
            let invalid = || {
                let text = format!("{}: certificate {place} is not a valid X.509 certificate", source.name);
                TlsError::new(TlsFault::Certificate, text)
            };
            let (_, parsed) = X509Certificate::from_der(&certificate).map_err(|_| invalid())?;
            if parsed.is_ca() {
                hints.push(DistinguishedName::from(parsed.subject().as_raw().to_vec()));
                RootCertStore::empty().add(certificate.clone()).map_err(|_| invalid())?;
                let (from, to) = (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
                signing.push(Authority { certificate: certificate.clone(), from, to });
            } else {
                // A client looks for a certificate that one of the hints has issued.
                hints.push(DistinguishedName::from(parsed.issuer().as_raw().to_vec()));
            }
            expirations.push(Expiration::of(&parsed, ", which is trusted for clients"));
            named.push(certificate);
        }
    }
    if expirations.len() > MAX_OWN_AUTHORITIES {
        expirations.clear();
    }
    let lists = RevocationLists::read(crls)?;
    expirations.extend(lists.expirations());
    let by_authority = if signing.is_empty() {
        None
    } else {
        let unlisted = Authorities::new(signing.clone(), Vec::new(), Arc::clone(&provider));
        let refused = |error: &dyn fmt::Display| {
            let sources: Vec<_> = authorities.iter().map(|source| source.name.as_str()).collect();
            TlsError::new(TlsFault::Certificate, format!("{}: {error}", sources.join(", ")))
        };
        let unlisted = unlisted.map_err(|error| refused(&error))?;
        if let Some(error) = lists.refused(|list| unlisted.check_list(list)) {
            return Err(error);
        }
        Some(Authorities::new(signing, lists.der(), Arc::clone(&provider)).map_err(|error| refused(&error))?)
    };
    let client = TrustedClient { named, hints, required, by_authority, revoked: lists.revoked(), provider };
    Ok(Some(Verification { verifier: Arc::new(client), expirations }))
}

/// Accepts certificates that chain to an authority, and those that are named themselves. Only a certificate with
/// `CA:TRUE` (RFC 5280 section 4.2.1.9) is an authority: the owner of any other must not be able to sign more.
#[derive(Debug)]
struct TrustedClient {
    /// All certificates that were given. webpki rejects a client with one of them that may sign others, as `openssl req
    /// -x509` makes them.
    named: Vec<CertificateDer<'static>>,
    hints: Vec<DistinguishedName>,
    required: bool,
    /// `None` without authorities.
    by_authority: Option<Authorities>,
    revoked: Revoked,
    provider: Arc<CryptoProvider>,
}

impl TrustedClient {
    fn verify(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.named.contains(shown) {
            let (_, parsed) = X509Certificate::from_der(shown).map_err(|_| CertificateError::BadEncoding)?;
            assert_valid_at(&parsed, now)?;
            return if self.revoked.has(&parsed) {
                Err(CertificateError::Revoked.into())
            } else {
                Ok(ClientCertVerified::assertion())
            };
        }
        let Some(by_authority) = &self.by_authority else {
            return Err(CertificateError::UnknownIssuer.into());
        };
        by_authority.verify(shown, chain, now).map_err(|error| about(shown, error))
    }
}

/// webpki has no name for a certificate of an authority that is used as a client's, so that client and log would be
/// told of an unknown fault. Mostly it is one that `openssl req -x509` has made: it has issued itself, and nobody
/// trusts it.
fn about(shown: &CertificateDer<'_>, error: Error) -> Error {
    let Error::InvalidCertificate(CertificateError::Other(_)) = &error else {
        return error;
    };
    match X509Certificate::from_der(shown) {
        Ok((_, parsed)) if parsed.is_ca() && parsed.subject().as_raw() == parsed.issuer().as_raw() => {
            CertificateError::UnknownIssuer.into()
        }
        Ok((_, parsed)) if parsed.is_ca() => CertificateError::InvalidPurpose.into(),
        _ => error,
    }
}

impl ClientCertVerifier for TrustedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.verify(shown, chain, now);
        if verified.is_err() {
            refused_certificate::remember(shown);
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, signature, algorithms)
            .inspect_err(|_| refused_certificate::remember(cert))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, signature, algorithms)
            .inspect_err(|_| refused_certificate::remember(cert))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Fails unless the certificate is valid at the given time.
fn assert_valid_at(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let now = seconds(now);
    let validity = certificate.validity();
    if now > validity.not_after.timestamp() {
        return Err(CertificateError::Expired);
    }
    if now < validity.not_before.timestamp() {
        return Err(CertificateError::NotValidYet);
    }
    Ok(())
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
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
