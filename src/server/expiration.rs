//! When certificates and lists end, for those who are to renew them in time.

use x509_parser::prelude::X509Certificate;

use super::certificate_facts::CertificateFacts;

/// Something that is valid until a certain time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiration {
    /// `the certificate CN=example, serial number 1F`, for example.
    pub what: String,
    /// From when it is valid, in seconds since 1970.
    pub valid_from: i64,
    /// Until when it is valid, in seconds since 1970.
    pub valid_to: i64,
    /// Whether it is a list of revoked certificates. Those are renewed shortly before their end, so that only the end
    /// itself is worth a warning.
    pub is_revocation_list: bool,
}

impl Expiration {
    /// Of a certificate; `role` follows its name, as in `, an authority for clients`.
    #[must_use]
    pub fn of(certificate: &X509Certificate<'_>, role: &str) -> Self {
        let (facts, _) = CertificateFacts::of(certificate);
        let what = format!("the certificate {}, serial number {}{role}", facts.shown_name(), facts.serial_number);
        let CertificateFacts { valid_from, valid_to, .. } = facts;
        Self { what, valid_from, valid_to, is_revocation_list: false }
    }
}
