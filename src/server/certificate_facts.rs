//! The facts about a certificate that an operator asks for: whom it names, and how long it is valid.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{ASN1Time, FromDer as _, GeneralName, X509Certificate};

/// Subject, names and dates of a certificate (RFC 5280).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The subject, as in `CN=localhost, O=Example`.
    pub subject: String,
    /// The issuer, in the same form.
    pub issuer: String,
    /// The serial number in hexadecimal digits, in upper case, without separators, as Node has it.
    pub serial_number: String,
    /// The alternative names of the subject: DNS names, addresses, URIs, and addresses of mail.
    pub names: Vec<String>,
    /// When it begins to be valid.
    pub valid_from: SystemTime,
    /// When it ceases to be valid.
    pub valid_to: SystemTime,
}

impl CertificateFacts {
    /// The facts about a certificate; `None` if it is not X.509.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let alternative = parsed.subject_alternative_name().ok().flatten();
        let names = alternative.into_iter().flat_map(|names| &names.value.general_names).filter_map(shown).collect();
        Some(Self {
            subject: parsed.subject().to_string(),
            issuer: parsed.issuer().to_string(),
            serial_number: format!("{:X}", parsed.serial),
            names,
            valid_from: time(parsed.validity().not_before),
            valid_to: time(parsed.validity().not_after),
        })
    }
}

fn shown(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) | GeneralName::URI(name) | GeneralName::RFC822Name(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

fn time(time: ASN1Time) -> SystemTime {
    let seconds = Duration::from_secs(time.timestamp().unsigned_abs());
    if time.timestamp() < 0 { SystemTime::UNIX_EPOCH - seconds } else { SystemTime::UNIX_EPOCH + seconds }
}
