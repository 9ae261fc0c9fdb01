//! Which of several certificates a client gets: by the name that it asks for (SNI), and by what it can verify.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::identity::Identity;

/// Several certificates can have one name, RSA and ECDSA for example: a client gets the first that it can verify.
type Candidates = Vec<Arc<CertifiedKey>>;

/// The certificates of a listener.
#[derive(Debug)]
pub struct CertificateChoice {
    /// For clients that ask for no name, or for another one.
    default: Candidates,
    /// By names in lower case; with a wildcard, as in `*.example.com`.
    by_name: HashMap<String, Candidates>,
}

impl CertificateChoice {
    /// The first is the default, with those that have the same names.
    pub fn new(identities: &[Identity]) -> Self {
        let mut by_name: HashMap<_, Candidates> = HashMap::new();
        for identity in identities {
            for name in &identity.names {
                by_name.entry(name.to_ascii_lowercase()).or_default().push(Arc::clone(&identity.certified));
            }
        }
        let names = |identity: &Identity| -> BTreeSet<String> {
            identity.names.iter().map(|name| name.to_ascii_lowercase()).collect()
        };
        let is_default = |one: &&Identity| identities.first().is_some_and(|first| names(first) == names(one));
        let default = identities.iter().filter(is_default).map(|identity| Arc::clone(&identity.certified)).collect();
        Self { default, by_name }
    }

    /// Those for the name itself, then those with a wildcard; the default for any other name.
    fn candidates(&self, name: Option<&str>) -> Candidates {
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let wildcard = name.split_once('.').and_then(|(_, parent)| self.by_name.get(&format!("*.{parent}")));
        let named: Candidates = self.by_name.get(&name).into_iter().chain(wildcard).flatten().cloned().collect();
        if named.is_empty() { self.default.clone() } else { named }
    }
}

impl ResolvesServerCert for CertificateChoice {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        choose(&self.candidates(hello.server_name()), hello.signature_schemes())
    }
}

/// The first whose signature the client can verify; if there is none, the handshake fails with the alert for that.
fn choose(candidates: &[Arc<CertifiedKey>], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
    let usable = candidates.iter().find(|one| one.key.choose_scheme(schemes).is_some());
    usable.or(candidates.first()).map(Arc::clone)
}
