//! Lists of revoked certificates (CRL, RFC 5280 section 5).

use std::collections::HashSet;

use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::{self, PemObject as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::revocation_list::CertificateRevocationList;

use super::certificate_facts::rfc4514;
use super::expiration::Expiration;
use super::pem::{Pem, TlsError, TlsFault};

/// All lists of the sources, checked.
pub struct RevocationLists {
    /// For webpki.
    pub der: Vec<CertificateRevocationListDer<'static>>,
    pub revoked: Revoked,
    /// Until when each of them is current.
    pub expirations: Vec<Expiration>,
}

impl RevocationLists {
    /// Reads the lists.
    ///
    /// # Errors
    ///
    /// If a source has none, or one that is malformed.
    pub fn read(sources: &[Pem]) -> Result<Self, TlsError> {
        let mut all = Self { der: Vec::new(), revoked: Revoked::default(), expirations: Vec::new() };
        for source in sources {
            let before = all.der.len();
            for list in CertificateRevocationListDer::pem_slice_iter(&source.text) {
                let list = list.map_err(|error| TlsError::of_pem(source, "X509 CRL", &error))?;
                let Ok((_, parsed)) = CertificateRevocationList::from_der(&list) else {
                    let place = all.der.len() - before + 1;
                    let text = format!("{}: list {place} is not a certificate revocation list (RFC 5280)", source.name);
                    return Err(TlsError::new(TlsFault::Certificate, text));
                };
                all.revoked.add(&parsed);
                all.expirations.extend(expiration(&parsed, source));
                all.der.push(list);
            }
            if all.der.len() == before {
                return Err(TlsError::of_pem(source, "X509 CRL", &pem::Error::NoItemsFound));
            }
        }
        Ok(all)
    }
}

fn expiration(list: &CertificateRevocationList<'_>, source: &Pem) -> Option<Expiration> {
    let what = format!("{}: the list of the certificates that {} has revoked", source.name, rfc4514(list.issuer()));
    let valid_to = list.next_update()?.timestamp();
    Some(Expiration { what, valid_to, is_revocation_list: true })
}

/// Issuer and serial number of each certificate that a list has revoked. Those that are trusted by name are looked up
/// here, as webpki does not see them.
#[derive(Debug, Default)]
pub struct Revoked(HashSet<(Vec<u8>, Vec<u8>)>);

impl Revoked {
    fn add(&mut self, list: &CertificateRevocationList<'_>) {
        let issuer = list.issuer().as_raw();
        let serials = list.iter_revoked_certificates().map(|one| one.raw_serial().to_vec());
        self.0.extend(serials.map(|serial| (issuer.to_vec(), serial)));
    }

    /// Whether a list has this certificate.
    pub fn has(&self, certificate: &X509Certificate<'_>) -> bool {
        !self.0.is_empty()
            && self.0.contains(&(certificate.issuer().as_raw().to_vec(), certificate.raw_serial().to_vec()))
    }
}
