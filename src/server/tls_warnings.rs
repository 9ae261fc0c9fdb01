//! What operators are to know of the TLS of a listener, though it can be used.

use super::expiration::Expiration;
use super::identity::Identity;

/// Warnings about one listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsWarnings {
    /// What is wrong as it is, each with the name of the option or file.
    pub texts: Vec<String>,
    /// When each certificate ends, and each list of revoked ones.
    pub expirations: Vec<Expiration>,
}

impl TlsWarnings {
    /// Those about the certificates of a server; takes what it tells out of them.
    pub fn of_certificates(identities: &mut [Identity]) -> Self {
        let mut all = Self::default();
        for identity in identities {
            let not_begun = identity.not_valid.take().filter(|error| !error.is_expiry());
            all.texts.extend(not_begun.map(|error| error.to_string()));
            all.texts.extend(identity.warning.take());
            all.expirations.append(&mut identity.expirations);
        }
        all
    }
}
