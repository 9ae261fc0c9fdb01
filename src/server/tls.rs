//! The TLS configuration of a server: certificate, key, versions, and client verification.
//!
//! Everything that can be checked is checked here, before the server listens.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ProducesTickets, ServerConfig};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{InconsistentKeys, SupportedProtocolVersion};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::certificate_facts::CertificateFacts;
use super::client_certificates::{ClientCertificates, verifier};
use super::pem::{Pem, TlsError, TlsFault, certificates};

/// The kinds of keys that can be used.
const SUPPORTED: &str = "RSA (2,048 to 8,192 bits), ECDSA (P-256, P-384, P-521) or Ed25519";

/// The options of TLS.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// The server's certificate, then the intermediate certificates.
    pub cert: Pem,
    /// The key of the first certificate, in PKCS#1, PKCS#8 or SEC1.
    pub key: Pem,
    /// Whether clients present a certificate.
    pub clients: ClientCertificates,
    /// Whether TLS 1.2 is enabled.
    pub tls12: bool,
    /// Whether TLS 1.3 is enabled.
    pub tls13: bool,
    /// The time limit for a handshake.
    pub handshake_timeout: Duration,
    /// Whether the files are watched, and read again when they change.
    pub watch: bool,
}

impl TlsOptions {
    /// For a certificate and its key, with the defaults: both versions, and no certificates of clients.
    #[must_use]
    pub fn new(cert: Pem, key: Pem) -> Self {
        let clients = ClientCertificates::None;
        Self { cert, key, clients, tls12: true, tls13: true, handshake_timeout: Duration::from_secs(30), watch: false }
    }

    /// The files among the sources.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let sources = [&self.cert, &self.key].into_iter().chain(self.clients.sources());
        sources.filter_map(|source| source.path.as_deref())
    }

    /// The same with the files read again.
    ///
    /// # Errors
    ///
    /// If one of them cannot be read.
    pub(super) fn reread(&self) -> Result<Self, TlsError> {
        let (cert, key, clients) = (self.cert.reread()?, self.key.reread()?, self.clients.reread()?);
        Ok(Self { cert, key, clients, ..self.clone() })
    }

    /// Whether all that was read for these and those is the same.
    pub(super) fn has_same_content(&self, other: &Self) -> bool {
        self.cert == other.cert && self.key == other.key && self.clients == other.clients
    }
}

/// A checked TLS configuration.
#[derive(Clone, Debug)]
pub struct Tls {
    pub(super) config: Arc<ServerConfig>,
    pub(super) options: Arc<TlsOptions>,
    certificates: Vec<CertificateFacts>,
    allow_http1: bool,
}

impl Tls {
    /// Reads and checks everything.
    ///
    /// HTTP/2 and, with `allow_http1`, HTTP/1.1 are offered by ALPN (RFC 7301). A client that offers other
    /// protocols only gets the alert `no_application_protocol`; for one without ALPN the version is detected.
    ///
    /// # Errors
    ///
    /// If the certificate or the key is missing, malformed or expired, or if they do not belong together.
    pub fn new(options: TlsOptions, allow_http1: bool) -> Result<Self, TlsError> {
        // The client keeps the ticket: a resumed session costs the server no memory.
        let ticketer =
            aws_lc_rs::Ticketer::new().map_err(|error| TlsError::new(TlsFault::Options, format!("tls: {error}")))?;
        Self::with_ticketer(options, allow_http1, ticketer)
    }

    /// The configuration for other options of the same listener. Sessions can be resumed if clients are verified as
    /// they were: a resumed session is not verified again.
    ///
    /// # Errors
    ///
    /// As for [`Tls::new`].
    pub(super) fn with_options(&self, options: TlsOptions) -> Result<Self, TlsError> {
        if options.clients == self.options.clients {
            Self::with_ticketer(options, self.allow_http1, Arc::clone(&self.config.ticketer))
        } else {
            Self::new(options, self.allow_http1)
        }
    }

    /// The facts about the server's own certificates, without those of authorities.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateFacts] {
        &self.certificates
    }

    /// Whether the certificate of a client says who it is.
    pub(super) fn verifies_clients(&self) -> bool {
        !matches!(self.options.clients, ClientCertificates::Unverified)
    }

    /// The files that are watched.
    pub(super) fn watched_files(&self) -> impl Iterator<Item = &Path> {
        self.options.files().filter(|_| self.options.watch)
    }

    fn with_ticketer(
        options: TlsOptions,
        allow_http1: bool,
        ticketer: Arc<dyn ProducesTickets>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let identity = Arc::new(identity(&options, &provider)?);
        let certificates =
            identity.cert.first().and_then(|certificate| CertificateFacts::read(certificate)).into_iter().collect();
        let mut versions: Vec<&SupportedProtocolVersion> = Vec::new();
        if options.tls13 {
            versions.push(&TLS13);
        }
        if options.tls12 {
            versions.push(&TLS12);
        }
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(|error| TlsError::new(TlsFault::Options, format!("tls: {error}")))?;
        let builder = match verifier(&options.clients, provider)? {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(identity)));
        config.alpn_protocols = vec![b"h2".to_vec()];
        if allow_http1 {
            config.alpn_protocols.push(b"http/1.1".to_vec());
        }
        config.ticketer = ticketer;
        Ok(Self { config: Arc::new(config), options: Arc::new(options), certificates, allow_http1 })
    }
}

/// The certificate and its key.
fn identity(options: &TlsOptions, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let TlsOptions { cert, key, .. } = options;
    let chain = certificates(cert)?;
    for (certificate, place) in chain.iter().zip(1..) {
        assert_not_expired(certificate, place, cert)?;
    }
    let private_key = private_key(key)?;
    let signing_key = provider.key_provider.load_private_key(private_key).map_err(|_| {
        TlsError::new(TlsFault::Key, format!("{}: the private key is not one of {SUPPORTED}", key.name))
    })?;
    let identity = CertifiedKey::new(chain, signing_key);
    match identity.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(identity),
        Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::new(
            TlsFault::KeyMismatch,
            format!("{}: the private key does not belong to the first certificate of {}", key.name, cert.name),
        )),
        Err(_) => Err(not_x509(cert, 1)),
    }
}

fn private_key(pem: &Pem) -> Result<PrivateKeyDer<'static>, TlsError> {
    let is_encrypted = ["BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"]
        .iter()
        .any(|sign| pem.text.windows(sign.len()).any(|window| window == sign.as_bytes()));
    if is_encrypted {
        let right = "give it decrypted (openssl pkey -in encrypted.key -out server.key)";
        let text = format!("{}: the private key is encrypted; {right}", pem.name);
        return Err(TlsError::new(TlsFault::KeyEncrypted, text));
    }
    PrivateKeyDer::from_pem_slice(&pem.text).map_err(|error| TlsError::of_pem(pem, "PRIVATE KEY", &error))
}

fn not_x509(pem: &Pem, place: usize) -> TlsError {
    let text = format!("{}: certificate {place} is not an X.509 certificate (RFC 5280)", pem.name);
    TlsError::new(TlsFault::Certificate, text)
}

/// Fails for an expired certificate, which every client would reject.
fn assert_not_expired(certificate: &CertificateDer<'_>, place: usize, pem: &Pem) -> Result<(), TlsError> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| not_x509(pem, place))?;
    let until = parsed.validity().not_after;
    if until < x509_parser::time::ASN1Time::now() {
        let text = format!("{}: certificate {place} ({}) expired at {until}", pem.name, parsed.subject());
        return Err(TlsError::new(TlsFault::Expired, text));
    }
    Ok(())
}
