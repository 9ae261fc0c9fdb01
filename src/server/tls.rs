//! The TLS configuration of a server: certificates, keys, versions, sessions, and client verification.
//!
//! Everything that can be checked is checked here, before the server listens.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::UnixTime;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ProducesTickets, ServerConfig, ServerConnection};
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, SupportedProtocolVersion};

use super::certificate_choice::CertificateChoice;
use super::certificate_facts::CertificateFacts;
use super::cipher_suites::cipher_suite;
use super::client_certificates::{ClientCertificates, verification};
use super::identity::{Identity, IdentityOptions};
use super::pem::{Pem, TlsError, TlsFault};
use super::tickets::tickets;
use super::tls_warnings::TlsWarnings;

/// The options of TLS.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// The server's certificates, at least one. The first is the default.
    pub identities: Vec<IdentityOptions>,
    /// Whether clients present a certificate.
    pub clients: ClientCertificates,
    /// Whether TLS 1.2 is enabled.
    pub tls12: bool,
    /// Whether TLS 1.3 is enabled.
    pub tls13: bool,
    /// The cipher suites by OpenSSL's names, the preferred first; `None` for all. A version without one is disabled.
    pub ciphers: Option<Vec<String>>,
    /// How long a session can be resumed; `None` for not at all.
    pub session_timeout: Option<Duration>,
    /// The time limit for a handshake.
    pub handshake_timeout: Duration,
    /// Whether the files are watched, and read again when they change.
    pub watch: bool,
}

impl TlsOptions {
    /// For a certificate and its key, with the defaults: both versions, and no certificates of clients.
    #[must_use]
    pub fn new(cert: Pem, key: Pem) -> Self {
        Self {
            identities: vec![IdentityOptions::new(cert, key)],
            clients: ClientCertificates::None,
            tls12: true,
            tls13: true,
            ciphers: None,
            session_timeout: Some(Duration::from_secs(300)),
            handshake_timeout: Duration::from_secs(30),
            watch: false,
        }
    }

    /// The files among the sources.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let identities = self.identities.iter().flat_map(|identity| [&identity.cert, &identity.key]);
        identities.chain(self.clients.sources()).filter_map(|source| source.path.as_deref())
    }
}

/// A checked TLS configuration.
#[derive(Clone, Debug)]
pub struct Tls {
    pub(super) config: Arc<ServerConfig>,
    pub(super) options: Arc<TlsOptions>,
    certificates: Vec<CertificateFacts>,
    warnings: TlsWarnings,
    /// Why every certificate is refused by clients now, if they all are.
    not_valid: Option<(TlsFault, String)>,
    /// That of clients' certificates; `None` if none is requested.
    verifier: Option<Arc<dyn ClientCertVerifier>>,
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
    /// If a certificate or a key is missing or malformed, if they do not belong together, or if no certificate is valid
    /// at this time. One of several that is not valid is a warning.
    pub fn new(options: TlsOptions, allow_http1: bool) -> Result<Self, TlsError> {
        let tickets = options.session_timeout.map(tickets).transpose()?;
        let tls = Self::with_tickets(options, allow_http1, tickets)?;
        tls.assert_valid()?;
        Ok(tls)
    }

    /// The configuration for other options of the same listener. Sessions can be resumed if clients are verified as
    /// they were; the certificate of a client is verified again in any case.
    ///
    /// # Errors
    ///
    /// As for [`Tls::new`].
    pub(super) fn with_options(&self, options: TlsOptions) -> Result<Self, TlsError> {
        let next = self.with_read_options(options)?;
        next.assert_valid()?;
        Ok(next)
    }

    /// The same for files that were read again: a certificate that is in use may have expired meanwhile.
    fn with_read_options(&self, options: TlsOptions) -> Result<Self, TlsError> {
        let are_kept =
            options.clients == self.options.clients && options.session_timeout == self.options.session_timeout;
        let tickets = match options.session_timeout {
            Some(_) if are_kept => Some(Arc::clone(&self.config.ticketer)),
            other => other.map(tickets).transpose()?,
        };
        Self::with_tickets(options, self.allow_http1, tickets)
    }

    /// Fails if no certificate is valid: every client would refuse it.
    fn assert_valid(&self) -> Result<(), TlsError> {
        self.not_valid.as_ref().map_or(Ok(()), |(fault, text)| Err(TlsError::new(*fault, text.clone())))
    }

    /// The facts about the server's own certificates, without those of authorities.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateFacts] {
        &self.certificates
    }

    /// What operators are to know, though it is no error.
    #[must_use]
    pub const fn warnings(&self) -> &TlsWarnings {
        &self.warnings
    }

    /// The same with the files read again; `None` if nothing is new that can be used. Each certificate, and what is
    /// trusted for clients, is judged by itself: what cannot be used stays as it was, with an error.
    pub(super) fn reread(&self) -> (Option<Self>, Vec<TlsError>) {
        let provider = self.config.crypto_provider();
        let mut errors = Vec::new();
        let mut parts = Vec::new();
        for (place, identity) in self.options.identities.iter().enumerate() {
            match reread_identity(identity, provider) {
                Ok(next) if next == *identity => {}
                Ok(next) => parts.push(Part::Identity(place, next)),
                Err(error) => errors.push(error),
            }
        }
        match reread_clients(&self.options.clients, provider) {
            Ok(next) if next == self.options.clients => {}
            Ok(next) => parts.push(Part::Clients(next)),
            Err(error) => errors.push(error),
        }
        let mut options = TlsOptions::clone(&self.options);
        for part in &parts {
            part.clone().put(&mut options);
        }
        match self.with_read_options(options) {
            _ if parts.is_empty() => (None, errors),
            Ok(next) => (Some(next), errors),
            // One by one, so that one that does not go with the options holds no other up.
            Err(_) => {
                let mut next = None;
                for part in parts {
                    let mut options = TlsOptions::clone(&next.as_ref().unwrap_or(self).options);
                    part.put(&mut options);
                    match self.with_read_options(options) {
                        Ok(tls) => next = Some(tls),
                        Err(error) => errors.push(error),
                    }
                }
                (next, errors)
            }
        }
    }

    /// Whether the certificate of a client says who it is.
    pub(super) fn verifies_clients(&self) -> bool {
        !matches!(self.options.clients, ClientCertificates::Unverified)
    }

    /// Verifies the client's certificate of a session that was resumed. rustls does not: it may have expired since, or
    /// been revoked, and each resumption gives a new ticket.
    ///
    /// # Errors
    ///
    /// As for a full handshake.
    pub(super) fn verify_resumed(&self, connection: &ServerConnection) -> Result<(), rustls::Error> {
        if connection.handshake_kind() != Some(HandshakeKind::Resumed) {
            return Ok(());
        }
        let (Some(verifier), Some([shown, chain @ ..])) = (&self.verifier, connection.peer_certificates()) else {
            return Ok(());
        };
        verifier.verify_client_cert(shown, chain, UnixTime::now()).map(|_| ())
    }

    /// The files that are watched.
    pub(super) fn watched_files(&self) -> impl Iterator<Item = &Path> {
        self.options.files().filter(|_| self.options.watch)
    }

    fn with_tickets(
        options: TlsOptions,
        allow_http1: bool,
        tickets: Option<Arc<dyn ProducesTickets>>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(provider(options.ciphers.as_deref())?);
        let versions = versions(&options, &provider);
        let mut identities =
            options.identities.iter().map(|one| Identity::new(one, &provider)).collect::<Result<Vec<_>, _>>()?;
        let are_all_not_valid = identities.iter().all(|one| one.not_valid.is_some());
        let first = identities.first().and_then(|one| one.not_valid.as_ref()).filter(|_| are_all_not_valid);
        let not_valid = first.map(|error| (error.fault, error.to_string()));
        let mut warnings = TlsWarnings::of_certificates(&mut identities);
        warnings.texts.extend(unusable(&options, &identities, &versions, &provider)?);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(|error| TlsError::new(TlsFault::Options, format!("tls: {error}")))?;
        let verification = verification(&options.clients, provider)?;
        let (verifier, ends) = verification.map(|one| (one.verifier, one.expirations)).unzip();
        warnings.expirations.extend(ends.into_iter().flatten());
        let builder = match &verifier {
            Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(CertificateChoice::new(&identities)));
        config.alpn_protocols = vec![b"h2".to_vec()];
        if allow_http1 {
            config.alpn_protocols.push(b"http/1.1".to_vec());
        }
        // As `honorCipherOrder` of Node.
        config.ignore_client_order = true;
        // The client keeps the ticket: a resumed session costs the server no memory.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        if let Some(tickets) = tickets {
            config.ticketer = tickets;
        } else {
            config.send_tls13_tickets = 0;
        }
        let certificates = identities.into_iter().map(|identity| identity.facts).collect();
        let (config, options) = (Arc::new(config), Arc::new(options));
        Ok(Self { config, options, certificates, warnings, not_valid, verifier, allow_http1 })
    }
}

/// The algorithms, with these suites only.
fn provider(ciphers: Option<&[String]>) -> Result<CryptoProvider, TlsError> {
    let mut provider = aws_lc_rs::default_provider();
    if let Some(names) = ciphers {
        let suite = |name: &String| {
            let unknown =
                || TlsError::new(TlsFault::Options, format!("tls.ciphers: there is no cipher suite {name:?}"));
            cipher_suite(name).ok_or_else(unknown)
        };
        provider.cipher_suites = names.iter().map(suite).collect::<Result<_, _>>()?;
    }
    Ok(provider)
}

/// The versions that are enabled and have a suite, as in Node.
fn versions(options: &TlsOptions, provider: &CryptoProvider) -> Vec<&'static SupportedProtocolVersion> {
    let is_enabled = |version: &SupportedProtocolVersion| {
        let is_wanted = if *version == TLS13 { options.tls13 } else { options.tls12 };
        is_wanted && provider.cipher_suites.iter().any(|suite| suite.version() == version)
    };
    [&TLS13, &TLS12].into_iter().filter(|version| is_enabled(version)).collect()
}

/// A part of the options that was read again.
#[derive(Clone)]
enum Part {
    /// The certificate at this place.
    Identity(usize, IdentityOptions),
    Clients(ClientCertificates),
}

impl Part {
    fn put(self, options: &mut TlsOptions) {
        match self {
            Self::Identity(place, next) => options.identities[place] = next,
            Self::Clients(next) => options.clients = next,
        }
    }
}

/// The certificate with its files read again, if it can be used.
fn reread_identity(before: &IdentityOptions, provider: &CryptoProvider) -> Result<IdentityOptions, TlsError> {
    let next = before.reread()?;
    if next == *before {
        return Ok(next);
    }
    match Identity::new(&next, provider)?.not_valid {
        Some(error) => Err(error),
        None => Ok(next),
    }
}

/// What is trusted for clients with its files read again, if it can be used.
fn reread_clients(before: &ClientCertificates, provider: &Arc<CryptoProvider>) -> Result<ClientCertificates, TlsError> {
    let next = before.reread()?;
    if next != *before {
        verification(&next, Arc::clone(provider))?;
    }
    Ok(next)
}

/// A text for each certificate that cannot be used with a version: TLS 1.2 has suites for each kind of key.
fn unusable(
    options: &TlsOptions,
    identities: &[Identity],
    versions: &[&'static SupportedProtocolVersion],
    provider: &CryptoProvider,
) -> Result<Vec<String>, TlsError> {
    if !versions.contains(&&TLS12) {
        return Ok(Vec::new());
    }
    let suites = || provider.cipher_suites.iter().filter(|suite| suite.version() == &TLS12);
    let strange: Vec<_> =
        identities.iter().zip(&options.identities).filter(|(identity, _)| !identity.can_use(suites())).collect();
    let text = |(identity, options): &(&Identity, &IdentityOptions)| {
        let (key, name) = (identity.certified.key.algorithm(), &options.cert.name);
        format!("{name}: none of the cipher suites of TLS 1.2 that are enabled can be used with its key ({key:?})")
    };
    match strange.first() {
        Some(first) if strange.len() == identities.len() && !versions.contains(&&TLS13) => {
            Err(TlsError::new(TlsFault::Options, text(first)))
        }
        _ => Ok(strange.iter().map(text).collect()),
    }
}
