//! Lists of revoked certificates (CRL, RFC 5280 section 5).

use std::collections::HashSet;

use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::{self, PemObject as _};
use x509_parser::num_bigint::BigUint;
use x509_parser::prelude::{ASN1Time, FromDer as _, X509Certificate, X509Version};
use x509_parser::revocation_list::CertificateRevocationList;

use super::certificate_facts::rfc4514;
use super::expiration::Expiration;
use super::pem::{Pem, TlsError, TlsFault};

/// The lists that count: of each issuer the newest that is valid already.
#[derive(Default)]
pub struct RevocationLists {
    lists: Vec<List>,
}

/// One of them.
struct List {
    /// Its source, and its place there.
    name: String,
    source: String,
    der: CertificateRevocationListDer<'static>,
    scope: Scope,
    is_begun: bool,
    begin: ASN1Time,
    number: Vec<u8>,
}

/// What a list is about. Two with the same are an older and a newer one.
#[derive(PartialEq)]
struct Scope {
    issuer: Vec<u8>,
    /// An authority with a new key may have the old name.
    key: Option<Vec<u8>>,
    /// An issuer may have several lists, for parts of its certificates.
    distribution_point: Option<Vec<u8>>,
}

/// Authority key identifier (section 5.2.1).
const KEY_IDENTIFIER: &str = "2.5.29.35";
/// Issuing distribution point (section 5.2.5).
const DISTRIBUTION_POINT: &str = "2.5.29.28";

impl RevocationLists {
    /// Reads the lists.
    ///
    /// # Errors
    ///
    /// If a source has none, or one that is malformed, or if an issuer has only one that is not valid yet.
    pub fn read(sources: &[Pem]) -> Result<Self, TlsError> {
        let mut all = Self::default();
        for source in sources {
            let mut place = 0;
            for der in CertificateRevocationListDer::pem_slice_iter(&source.text) {
                place += 1;
                let der = der.map_err(|error| TlsError::of_pem(source, "X509 CRL", &error))?;
                let list = List::read(der, source, place)?;
                match all.lists.iter_mut().find(|other| other.scope == list.scope) {
                    Some(other) if other.is_before(&list) => *other = list,
                    Some(_) => {}
                    None => all.lists.push(list),
                }
            }
            if place == 0 {
                return Err(TlsError::of_pem(source, "X509 CRL", &pem::Error::NoItemsFound));
            }
        }
        match all.lists.iter().find(|list| !list.is_begun) {
            Some(list) => {
                let text = format!("{} is not valid before {}", list.name, list.begin);
                Err(TlsError::new(TlsFault::NotYetValid, text))
            }
            None => Ok(all),
        }
    }

    /// All of them, for webpki.
    pub fn der(&self) -> Vec<CertificateRevocationListDer<'static>> {
        self.lists.iter().map(|list| list.der.clone()).collect()
    }

    /// The error for the first list that `check` refuses.
    pub fn refused<E: std::fmt::Display>(
        &self,
        check: impl Fn(&CertificateRevocationListDer<'static>) -> Result<(), E>,
    ) -> Option<TlsError> {
        self.lists.iter().find_map(|list| {
            let error = check(&list.der).err()?;
            let text = format!("{} cannot be used: {error}", list.name);
            Some(TlsError::new(TlsFault::Certificate, text))
        })
    }

    /// Until when each of them is current.
    pub fn expirations(&self) -> impl Iterator<Item = Expiration> {
        self.parsed().filter_map(|(list, parsed)| {
            let issuer = rfc4514(parsed.issuer());
            let what = format!("{}: the list of the certificates that {issuer} has revoked", list.source);
            let (valid_from, valid_to) = (list.begin.timestamp(), parsed.next_update()?.timestamp());
            Some(Expiration { what, valid_from, valid_to, is_revocation_list: true })
        })
    }

    /// What they have revoked.
    pub fn revoked(&self) -> Revoked {
        let of = |parsed: CertificateRevocationList<'_>| {
            let issuer = parsed.issuer().as_raw().to_vec();
            let serials = parsed.iter_revoked_certificates().map(|one| one.raw_serial().to_vec());
            serials.map(|serial| (issuer.clone(), serial)).collect::<Vec<_>>()
        };
        Revoked(self.parsed().flat_map(|(_, parsed)| of(parsed)).collect())
    }

    fn parsed(&self) -> impl Iterator<Item = (&List, CertificateRevocationList<'_>)> {
        self.lists.iter().filter_map(|list| {
            let (_, parsed) = CertificateRevocationList::from_der(&list.der).ok()?;
            Some((list, parsed))
        })
    }
}

impl List {
    fn read(der: CertificateRevocationListDer<'static>, source: &Pem, place: usize) -> Result<Self, TlsError> {
        let name = format!("{}: list {place}", source.name);
        let wrong = |what: &str| TlsError::new(TlsFault::Certificate, format!("{name} {what}"));
        let (_, parsed) = CertificateRevocationList::from_der(&der)
            .map_err(|_| wrong("is not a certificate revocation list (RFC 5280)"))?;
        if parsed.version() != Some(X509Version::V2) {
            let right = "`openssl ca -gencrl` makes one if its configuration has `crl_extensions`";
            return Err(wrong(&format!("is of version 1, and version 2 is needed (RFC 5280): {right}")));
        }
        let extension = |oid: &str| {
            let found = parsed.extensions().iter().find(|one| one.oid.to_id_string() == oid);
            found.map(|one| one.value.to_vec())
        };
        let scope = Scope {
            issuer: parsed.issuer().as_raw().to_vec(),
            key: extension(KEY_IDENTIFIER),
            distribution_point: extension(DISTRIBUTION_POINT),
        };
        let begin = parsed.last_update();
        let number = parsed.crl_number().map(BigUint::to_bytes_be).unwrap_or_default();
        Ok(Self { name, source: source.name.clone(), scope, is_begun: begin <= ASN1Time::now(), begin, number, der })
    }

    /// Whether the other one takes its place: one that is valid already before one that is not, then the newer one.
    fn is_before(&self, other: &Self) -> bool {
        let age = |list: &Self| (list.is_begun, list.begin, list.number.len(), list.number.clone());
        age(self) <= age(other)
    }
}

/// Issuer and serial number of each certificate that a list has revoked. Those that are trusted by name are looked up
/// here, as webpki does not see them.
#[derive(Debug, Default)]
pub struct Revoked(HashSet<(Vec<u8>, Vec<u8>)>);

impl Revoked {
    /// Whether a list has this certificate.
    pub fn has(&self, certificate: &X509Certificate<'_>) -> bool {
        !self.0.is_empty()
            && self.0.contains(&(certificate.issuer().as_raw().to_vec(), certificate.raw_serial().to_vec()))
    }
}
