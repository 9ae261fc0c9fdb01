//! One certificate of a server, with its chain and its key, checked.

use std::fmt;
use std::sync::Arc;

use rustls::InconsistentKeys;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{ASN1Time, FromDer as _, X509Certificate};

use super::certificate_facts::CertificateFacts;
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

/// A certificate that a server shows to its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificate {
    /// What it says.
    pub facts: CertificateFacts,
    /// What is wrong with its chain, though most clients accept it.
    pub warning: Option<String>,
}

/// A checked certificate with its key.
pub struct Identity {
    pub certified: Arc<CertifiedKey>,
    /// The names for which it is used.
    pub names: Vec<String>,
    /// What operators are told.
    pub certificate: ServerCertificate,
}

impl Identity {
    /// Reads and checks everything.
    pub fn new(options: &IdentityOptions, provider: &CryptoProvider) -> Result<Self, TlsError> {
        let IdentityOptions { cert, key, passphrase, names } = options;
        let chain = certificates(cert)?;
        let parsed =
            chain.iter().zip(1..).map(|(one, place)| parse(one, place, cert)).collect::<Result<Vec<_>, _>>()?;
        if let Some(own) = parsed.first() {
            assert_not_expired(own, cert)?;
            assert_begun(own, cert)?;
        }
        let (facts, _) = parsed.first().map(CertificateFacts::of).ok_or_else(|| not_x509(cert, 1))?;
        let own_names: Vec<_> = facts.names().collect();
        let warning = wrong_order(&parsed, cert).or_else(|| expired_issuer(&parsed, cert));
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
        Ok(Self { certified: Arc::new(certified), names, certificate: ServerCertificate { facts, warning } })
    }
}

fn parse<'a>(certificate: &'a CertificateDer<'_>, place: usize, pem: &Pem) -> Result<X509Certificate<'a>, TlsError> {
    X509Certificate::from_der(certificate).map(|(_, parsed)| parsed).map_err(|_| not_x509(pem, place))
}

fn not_x509(pem: &Pem, place: usize) -> TlsError {
    let text = format!("{}: certificate {place} is not an X.509 certificate (RFC 5280)", pem.name);
    TlsError::new(TlsFault::Certificate, text)
}

/// Fails for an expired certificate, which every client would reject.
fn assert_not_expired(parsed: &X509Certificate<'_>, pem: &Pem) -> Result<(), TlsError> {
    let until = parsed.validity().not_after;
    if until < ASN1Time::now() {
        let text = format!("{}: certificate 1 ({}) expired at {until}", pem.name, parsed.subject());
        return Err(TlsError::new(TlsFault::Expired, text));
    }
    Ok(())
}

/// The text for a chain with an issuer that has expired. Clients that know a newer certificate of it, or another way to
/// a root, accept the chain all the same.
fn expired_issuer(chain: &[X509Certificate<'_>], pem: &Pem) -> Option<String> {
    let now = ASN1Time::now();
    let (place, issuer) = chain.iter().enumerate().skip(1).find(|(_, one)| one.validity().not_after < now)?;
    let (subject, until) = (issuer.subject(), issuer.validity().not_after);
    Some(format!("{}: certificate {} ({subject}), of the chain, expired at {until}", pem.name, place + 1))
}

/// Fails for a certificate that is not valid yet, which every client would reject too.
fn assert_begun(parsed: &X509Certificate<'_>, pem: &Pem) -> Result<(), TlsError> {
    let from = parsed.validity().not_before;
    if from > ASN1Time::now() {
        let text = format!("{}: certificate 1 ({}) is not valid before {from}", pem.name, parsed.subject());
        return Err(TlsError::new(TlsFault::NotYetValid, text));
    }
    Ok(())
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
