//! One certificate of a server, with its chain and its key, checked.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, SupportedCipherSuite};
use x509_parser::prelude::{ASN1Time, FromDer as _, X509Certificate, X509Version};

use super::certificate_facts::CertificateFacts;
use super::expiration::Expiration;
use super::pem::{Pem, TlsError, TlsFault, certificates};
use super::private_key::private_key;

/// The kinds of keys that can be used.
const SUPPORTED: &str = "RSA (2,048 to 8,192 bits), ECDSA (P-256, P-384, P-521) or Ed25519";

/// A certificate and its key.
#[derive(Clone, PartialEq)]
pub struct IdentityOptions {
    /// The server's certificate, then the intermediate certificates.
    pub cert: Pem,
    /// The key of the first certificate, in PKCS#1, PKCS#8 or SEC1; with a passphrase in PKCS#8.
    pub key: Pem,
    /// What opens an encrypted key.
    pub passphrase: Option<String>,
    /// The names in SNI (RFC 6066 section 3) for which it is used. Empty: those of the certificate.
    pub names: Vec<String>,
}

impl IdentityOptions {
    /// For the names of the certificate, with a key that is not encrypted.
    #[must_use]
    pub fn new(cert: Pem, key: Pem) -> Self {
        Self { cert, key, passphrase: None, names: Vec::new() }
    }

    /// The same with the files read again.
    pub(super) fn reread(&self) -> Result<Self, TlsError> {
        Ok(Self { cert: self.cert.reread()?, key: self.key.reread()?, ..self.clone() })
    }
}

impl fmt::Debug for IdentityOptions {
    /// Without the passphrase.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cert, key, names, .. } = self;
        out.debug_struct("IdentityOptions")
            .field("cert", cert)
            .field("key", key)
            .field("names", names)
            .finish_non_exhaustive()
    }
}

/// A checked certificate with its key.
pub struct Identity {
    pub certified: Arc<CertifiedKey>,
    /// The names for which it is used.
    pub names: Vec<String>,
    /// What the certificate says.
    pub facts: CertificateFacts,
    /// Why every client refuses it now: it has expired, or is not valid yet.
    pub not_valid: Option<TlsError>,
    /// What is wrong with its chain, though most clients accept it.
    pub warning: Option<String>,
    /// When it ends, and each certificate of its chain.
    pub expirations: Vec<Expiration>,
}

impl Identity {
    /// Whether the key can sign in a handshake with one of these suites; those of TLS 1.3 leave that to the key.
    pub fn can_use<'a>(&self, suites: impl IntoIterator<Item = &'a SupportedCipherSuite>) -> bool {
        suites.into_iter().any(|suite| match suite {
            SupportedCipherSuite::Tls12(suite) => self.certified.key.choose_scheme(suite.sign).is_some(),
            SupportedCipherSuite::Tls13(_) => true,
        })
    }
}

impl Identity {
    /// Reads and checks everything but the dates: those are the fault of nobody who changes an option.
    pub fn new(options: &IdentityOptions, provider: &CryptoProvider) -> Result<Self, TlsError> {
        let IdentityOptions { cert, key, passphrase, names } = options;
        let chain = certificates(cert)?;
        let parsed =
            chain.iter().zip(1..).map(|(one, place)| parse(one, place, cert)).collect::<Result<Vec<_>, _>>()?;
        let own = parsed.first().ok_or_else(|| not_x509(cert, 1))?;
        assert_version(own, 1, cert)?;
        let (facts, _) = CertificateFacts::of(own);
        let own_names: Vec<_> = facts.names().collect();
        assert_named(names, &own_names, cert)?;
        let private_key = private_key(key, passphrase.as_deref())?;
        let signing_key = provider.key_provider.load_private_key(private_key).map_err(|_| {
            TlsError::new(TlsFault::Key, format!("{}: the private key is not one of {SUPPORTED}", key.name))
        })?;
        let certified = CertifiedKey::new(chain.clone(), signing_key);
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => return Err(mismatch(&certified, cert, key)),
            Err(_) => return Err(not_x509(cert, 1)),
        }
        let names = if names.is_empty() { own_names } else { names.clone() };
        let role =
            |place: usize| if place == 0 { String::new() } else { format!(", in the chain of {}", facts.subject) };
        let expirations = parsed.iter().enumerate().map(|(place, one)| Expiration::of(one, &role(place))).collect();
        let not_valid = expired(own, cert).or_else(|| not_begun(own, cert));
        let warning = wrong_order(&parsed, cert);
        Ok(Self { certified: Arc::new(certified), names, facts, not_valid, warning, expirations })
    }
}

fn parse<'a>(certificate: &'a CertificateDer<'_>, place: usize, pem: &Pem) -> Result<X509Certificate<'a>, TlsError> {
    X509Certificate::from_der(certificate).map(|(_, parsed)| parsed).map_err(|_| not_x509(pem, place))
}

/// Fails for a certificate of version 1, which cannot have names.
fn assert_version(parsed: &X509Certificate<'_>, place: usize, pem: &Pem) -> Result<(), TlsError> {
    if parsed.version() == X509Version::V3 {
        return Ok(());
    }
    let text = format!(
        "{}: certificate {place} ({}) is of version 1, and version 3 is needed (RFC 5280): `openssl x509 -req` makes \
         one with -extfile",
        pem.name,
        parsed.subject()
    );
    Err(TlsError::new(TlsFault::Certificate, text))
}

fn not_x509(pem: &Pem, place: usize) -> TlsError {
    let text = format!("{}: certificate {place} is not an X.509 certificate (RFC 5280)", pem.name);
    TlsError::new(TlsFault::Certificate, text)
}

/// The error for an expired certificate.
fn expired(parsed: &X509Certificate<'_>, pem: &Pem) -> Option<TlsError> {
    let until = parsed.validity().not_after;
    let text = format!("{}: certificate 1 ({}) expired at {until}", pem.name, parsed.subject());
    (until < ASN1Time::now()).then(|| TlsError::new(TlsFault::Expired, text))
}

/// The error for a certificate that is not valid yet.
fn not_begun(parsed: &X509Certificate<'_>, pem: &Pem) -> Option<TlsError> {
    let from = parsed.validity().not_before;
    let text = format!("{}: certificate 1 ({}) is not valid before {from}", pem.name, parsed.subject());
    (from > ASN1Time::now()).then(|| TlsError::new(TlsFault::NotYetValid, text))
}

/// Fails for a name that the certificate does not have: every client that asks for it would refuse the certificate.
fn assert_named(names: &[String], own: &[String], cert: &Pem) -> Result<(), TlsError> {
    let Some(strange) = names.iter().find(|name| !own.iter().any(|own| covers(own, name))) else {
        return Ok(());
    };
    let own = if own.is_empty() { "no names".to_owned() } else { own.join(", ") };
    let text = format!("{}: the certificate cannot be used for {strange:?}: it has {own}", cert.name);
    Err(TlsError::new(TlsFault::Options, text))
}

/// Whether a name of a certificate, perhaps with a wildcard (RFC 9525 section 6.3), is that name.
fn covers(own: &str, name: &str) -> bool {
    let parent = || name.split_once('.').map(|(_, parent)| parent);
    own.eq_ignore_ascii_case(name)
        || own.strip_prefix("*.").is_some_and(|own| parent().is_some_and(|parent| own.eq_ignore_ascii_case(parent)))
}

/// The text for a chain in which the issuer of a certificate comes, but not next, as RFC 5246 section 7.4.2 demands:
/// some clients refuse it.
fn wrong_order(chain: &[X509Certificate<'_>], pem: &Pem) -> Option<String> {
    let place_of_issuer =
        |one: &X509Certificate<'_>| chain.iter().position(|other| other.subject().as_raw() == one.issuer().as_raw());
    let (place, issuer) = chain.iter().enumerate().find_map(|(place, one)| {
        let is_own = one.subject().as_raw() == one.issuer().as_raw();
        let issuer = place_of_issuer(one).filter(|issuer| !is_own && *issuer != place + 1)?;
        Some((place, issuer))
    })?;
    let (subject, by) = (chain[place].subject(), chain[issuer].subject());
    Some(format!(
        "{}: the chain is in the wrong order, which some clients refuse: certificate {} ({subject}) is issued by \
         certificate {} ({by}), which must be the next one",
        pem.name,
        place + 1,
        issuer + 1,
    ))
}

fn mismatch(certified: &CertifiedKey, cert: &Pem, key: &Pem) -> TlsError {
    let belongs = |one: &&CertificateDer<'static>| {
        CertifiedKey::new(vec![(*one).clone()], Arc::clone(&certified.key)).keys_match().is_ok()
    };
    let place = certified.cert.iter().position(|one| belongs(&one));
    let right = place.map_or_else(String::new, |place| {
        format!(
            ", but to certificate {}: the server's own must be the first, then those that lead to its root",
            place + 1
        )
    });
    let text =
        format!("{}: the private key does not belong to the first certificate of {}{right}", key.name, cert.name);
    TlsError::new(TlsFault::KeyMismatch, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_one_label() {
        for (own, name, expected) in [
            ("a.example", "A.example", true),
            ("*.example", "a.example", true),
            ("*.example", "*.example", true),
            ("*.example", "a.b.example", false),
            ("*.example", "example", false),
            ("a.example", "b.example", false),
        ] {
            assert_eq!(covers(own, name), expected, "{own} {name}");
        }
    }
}
